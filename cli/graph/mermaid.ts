/** A graph as a flowchart of Mermaid, which forges show in Markdown. Pure. */
import {
  type Graph,
  type GraphThing,
  type GroupBox,
  type TaskBox,
  groupName,
  indicesText,
  portText,
  signs,
  thingText,
} from "./model";

/** Inside quotes. What Mermaid or HTML would read is written as Mermaid's entities, by number. */
const quoted = (lines: readonly string[]): string => {
  const plain = lines.map((text) =>
    text.replace(/[^\p{L}\p{N} .,:/@()[\]→×…_+~-]/gu, (sign) => `#${sign.codePointAt(0) ?? 0};`),
  );
  return `"${plain.join("<br/>")}"`;
};

const marked = ({ change, name, indices }: TaskBox): string =>
  `${change ? `${signs[change]} ` : ""}${name} ${indicesText(indices)}`;

const taskText = (task: TaskBox): string =>
  quoted([
    marked(task),
    task.image,
    ...task.ports.map(portText),
    ...(task.change ? [[task.change, task.changed.join(", ")].filter(Boolean).join(": ")] : []),
  ]);

const groupText = (group: GroupBox): string =>
  quoted([
    `group ${groupName(group)}`,
    ...(group.mode === undefined ? [] : [`network of the group: ${group.mode}`]),
    ...group.ports.map(portText),
    ...group.allocations.map(({ change, indices }) => `${signs[change]} allocation ${indicesText(indices)}: ${change}`),
  ]);

const thingNode = (id: string, thing: GraphThing): string => {
  const text = quoted([thingText(thing)]);
  return { volume: `${id}[(${text})]`, path: `${id}[/${text}/]`, network: `${id}{{${text}}}` }[thing.kind];
};

const classes = [
  "classDef create stroke:#1a7f37,stroke-width:3px",
  "classDef update stroke:#9a6700,stroke-width:3px",
  "classDef replace stroke:#8250df,stroke-width:3px",
  "classDef delete stroke:#cf222e,stroke-width:3px,stroke-dasharray:3 3",
];

export function toMermaid({ title, engines }: Graph): string {
  const lines: string[] = [];
  const edges: string[] = [];
  engines.forEach(({ name, jobs }, e) => {
    const things = new Map<string, string>();
    lines.push(`subgraph e${e} [${quoted([name])}]`);
    jobs.forEach((job, j) => {
      lines.push(`subgraph e${e}j${j} [${quoted([`job ${job.name}`])}]`);
      job.groups.forEach((group, g) => {
        lines.push(`subgraph e${e}j${j}g${g} [${groupText(group)}]`);
        group.tasks.forEach((task, t) => {
          const id = `e${e}j${j}g${g}t${t}`;
          lines.push(`${id}[${taskText(task)}]${task.change ? `:::${task.change}` : ""}`);
          for (const thing of task.things) {
            const known = things.get(thingText(thing));
            const target = known ?? `e${e}u${things.size}`;
            if (known === undefined) {
              things.set(thingText(thing), target);
              edges.push(thingNode(target, thing));
            }
            edges.push(`${id} --- ${target}`);
          }
        });
        lines.push("end");
      });
      lines.push("end");
    });
    lines.push("end");
  });
  // A title is YAML there, of which JSON is a part.
  const head = ["---", `title: ${JSON.stringify(title)}`, "---", "flowchart LR"];
  return `${[...head, ...[...lines, ...edges, ...classes].map((line) => `  ${line}`)].join("\n")}\n`;
}

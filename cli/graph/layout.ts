/** Where everything of a picture is. Pure; no box lies over another that it is not in. */
import {
  type Change,
  type Graph,
  type GraphThing,
  type GroupBox,
  type JobBox,
  type TaskBox,
  groupName,
  indicesText,
  portText,
  signs,
  thingText,
} from "./model";
import { shortened, widthOf } from "./text";

export interface Line {
  readonly text: string;
  /** All of it, where it was shortened. */
  readonly whole: string;
  readonly style: "title" | "head" | "plain" | "changed";
}

export interface Box {
  readonly kind: "engine" | "job" | "group" | "task" | GraphThing["kind"];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly change?: Change | undefined;
  readonly lines: readonly Line[];
}

/** From the side of a task to the side of what it uses, over a lane of its own. */
export interface Edge {
  readonly kind: GraphThing["kind"];
  readonly from: readonly [x: number, y: number];
  readonly lane: number;
  readonly to: readonly [x: number, y: number];
}

export interface Drawing {
  readonly boxes: readonly Box[];
  readonly edges: readonly Edge[];
  readonly width: number;
  readonly height: number;
}

/** In pixels. */
export const fontSize = 12;
export const lineHeight = 17;
export const padding = 8;
const gap = 10;
const laneWidth = 9;
const mostSigns = 44;

const line = (whole: string, style: Line["style"] = "plain"): Line => ({
  ...{ whole, style, text: shortened(whole, mostSigns) },
});

const heightOf = (lines: readonly Line[]): number => lines.length * lineHeight + 2 * padding;
const breadthOf = (lines: readonly Line[]): number =>
  Math.max(0, ...lines.map(({ text }) => widthOf(text, fontSize))) + 2 * padding;

const marked = (change: Change | undefined, text: string): string =>
  change === undefined ? text : `${signs[change]} ${text}`;

const taskLines = ({ name, indices, image, ports, change, changed }: TaskBox): readonly Line[] => [
  line(marked(change, `${name} ${indicesText(indices)}`), "head"),
  line(image),
  ...ports.map((port) => line(portText(port))),
  ...(change ? [line([change, changed.join(", ")].filter((text) => text !== "").join(": "), "changed")] : []),
];

const groupLines = (group: GroupBox): readonly Line[] => [
  line(`group ${groupName(group)}`, "head"),
  ...(group.mode === undefined ? [] : [line(`network of the group: ${group.mode}`)]),
  ...group.ports.map((port) => line(portText(port))),
  ...group.allocations.map(({ change, indices }) =>
    line(marked(change, `allocation ${indicesText(indices)}: ${change}`), "changed"),
  ),
];

const moved = ({ boxes, edges, ...rest }: Drawing, dx: number, dy: number): Drawing => ({
  ...rest,
  boxes: boxes.map((box) => ({ ...box, x: box.x + dx, y: box.y + dy })),
  edges: edges.map(({ from, lane, to, ...edge }) => ({
    ...edge,
    ...{ from: [from[0] + dx, from[1] + dy], lane: lane + dx, to: [to[0] + dx, to[1] + dy] },
  })),
});

/** In rows, one after the other, in about the form of a page. */
function inRows(all: readonly Drawing[]): Drawing {
  const area = all.reduce((sum, { width, height }) => sum + (width + gap) * (height + gap), 0);
  const most = Math.max(Math.sqrt(area * 1.7), ...all.map(({ width }) => width));
  const placed: Drawing[] = [];
  let [x, y, width, bottom] = [0, 0, 0, 0];
  for (const one of all) {
    if (x > 0 && x + one.width > most) [x, y] = [0, bottom + gap];
    placed.push(moved(one, x, y));
    [width, bottom] = [Math.max(width, x + one.width), Math.max(bottom, y + one.height)];
    x += one.width + gap;
  }
  return {
    ...{ width, height: bottom },
    boxes: placed.flatMap(({ boxes }) => boxes),
    edges: placed.flatMap(({ edges }) => edges),
  };
}

/** A box with its own lines around a drawing. */
function framed(kind: Box["kind"], lines: readonly Line[], inner: Drawing): Drawing {
  const top = lines.length * lineHeight + padding + gap / 2;
  const width = Math.max(breadthOf(lines), inner.width + 2 * gap);
  const height = top + inner.height + gap;
  const { boxes, edges } = moved(inner, gap, top);
  return { ...{ width, height, edges }, boxes: [{ kind, x: 0, y: 0, width, height, lines }, ...boxes] };
}

/** Where else each volume, path and network is used. */
type Users = ReadonlyMap<string, readonly string[]>;

function thingLines(thing: GraphThing, users: Users, here: string): readonly Line[] {
  const others = (users.get(thingText(thing)) ?? []).filter((one) => one !== here);
  const [first, second] = others;
  const more = others.length > 2 ? ` and ${others.length - 2} more` : "";
  return [
    line(thingText(thing)),
    ...(first === undefined ? [] : [line(`also ${[first, second].filter(Boolean).join(", ")}${more}`)]),
  ];
}

/** The tasks one below the other; at their right what they use, with a lane for each. */
function drawnGroup(group: GroupBox, path: string, users: Users): Drawing {
  const columns = group.tasks.map((task) => ({ task, lines: taskLines(task) }));
  const width = Math.max(0, ...columns.map(({ lines }) => breadthOf(lines)));
  let y = 0;
  const tasks = columns.map(({ task, lines }) => {
    const box: Box = { kind: "task", x: 0, y, width, height: heightOf(lines), change: task.change, lines };
    y += box.height + gap;
    return { task, box };
  });
  const things = [...new Map(group.tasks.flatMap((task) => task.things.map((one) => [thingText(one), one]))).values()];
  const middle = ({ y: top, height }: Box): number => top + height / 2;
  const wanted = things
    .map((thing) => {
      const of = tasks.filter(({ task }) => task.things.some((one) => thingText(one) === thingText(thing)));
      return { thing, of, at: of.reduce((sum, { box }) => sum + middle(box), 0) / of.length };
    })
    .sort((one, other) => one.at - other.at);
  const left = width + gap + (things.length + 1) * laneWidth;
  let free = 0;
  const seats = wanted.map(({ thing, of, at }, index) => {
    const lines = thingLines(thing, users, path);
    const height = heightOf(lines);
    const box: Box = {
      ...{ kind: thing.kind, x: left, y: Math.max(free, at - height / 2), width: breadthOf(lines), height, lines },
    };
    free = box.y + height + gap;
    return { kind: thing.kind, box, of, lane: width + gap + (things.length - index - 0.5) * laneWidth };
  });
  // A task's edges leave it one below the other.
  const starts = new Map<Box, number>();
  const edges = seats.flatMap(({ kind, box, of, lane }) =>
    of.map(({ task, box: from }): Edge => {
      const nth = (starts.get(from) ?? 0) + 1;
      starts.set(from, nth);
      const at = from.y + (from.height * nth) / (task.things.length + 1);
      return { kind, from: [from.x + from.width, at], lane, to: [box.x, middle(box)] };
    }),
  );
  const boxes = [...tasks.map(({ box }) => box), ...seats.map(({ box }) => box)];
  const right = Math.max(0, ...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(0, ...boxes.map((box) => box.y + box.height));
  return framed("group", groupLines(group), { boxes, edges, width: right, height: bottom });
}

const drawnJob = ({ name, groups }: JobBox, users: Users): Drawing =>
  framed(
    "job",
    [line(`job ${name}`, "head")],
    inRows(groups.map((one) => drawnGroup(one, `${name}/${one.name}`, users))),
  );

export const layout = ({ engines }: Graph): Drawing => {
  const drawn = engines.map(({ name, jobs }) => {
    const uses = jobs.flatMap((job) =>
      job.groups.flatMap(({ name: group, tasks }) =>
        tasks.flatMap(({ things }) => things.map((one) => [thingText(one), `${job.name}/${group}`] as const)),
      ),
    );
    const users = new Map(
      [...Map.groupBy(uses, ([thing]) => thing)].map(([thing, all]) => [thing, [...new Set(all.map(([, by]) => by))]]),
    );
    return framed("engine", [line(name, "head")], inRows(jobs.map((job) => drawnJob(job, users))));
  });
  return inRows(drawn);
};

/** What a picture of a stack shows, as plain data. Pure; the same items, in any order, make the same picture. */

/** What a preview does to a resource, worst first: of several things that it does to one, the first is shown. */
export const changes = ["replace", "delete", "create", "update"] as const;
export type Change = (typeof changes)[number];

/** A change is never told by its colour alone. These are the signs of Pulumi's previews. */
export const signs: Readonly<Record<Change, string>> = { create: "+", update: "~", replace: "+-", delete: "-" };

/** One port of an allocation. */
export interface GraphPort {
  readonly label: string;
  /** `127.0.0.1:24683`, `8080`, or nothing where it is not known. */
  readonly host: string;
  /** The port inside, or 0 where it is as on the host. */
  readonly to: number;
}

/** A volume, a path of the host, or a network that tasks name. */
export interface GraphThing {
  readonly kind: "volume" | "path" | "network";
  readonly name: string;
}

/** One task of one allocation, or, without a task, what the allocation itself has. */
export interface Item {
  readonly engine: string;
  readonly app: string;
  readonly job: string;
  readonly group: string;
  readonly index: number;
  readonly task?: string | undefined;
  readonly image?: string | undefined;
  /** The mode of the network that the group's tasks share. */
  readonly mode?: string | undefined;
  readonly ports: readonly GraphPort[];
  readonly things: readonly GraphThing[];
  readonly change?: Change | undefined;
  /** The options that changed, by name; no values. */
  readonly changed: readonly string[];
}

/** Tasks of one name that look alike, over the allocations of their group. */
export interface TaskBox {
  readonly name: string;
  readonly indices: readonly number[];
  readonly image: string;
  readonly ports: readonly GraphPort[];
  readonly things: readonly GraphThing[];
  readonly change: Change | undefined;
  readonly changed: readonly string[];
}

export interface GroupBox {
  readonly name: string;
  /** How many allocations there are, and how many there will be; nothing where it is not known. */
  readonly count: { readonly before: number; readonly after: number } | undefined;
  readonly mode: string | undefined;
  /** Those of the network that the tasks share. */
  readonly ports: readonly GraphPort[];
  /** What happens to allocations themselves. */
  readonly allocations: readonly { readonly change: Change; readonly indices: readonly number[] }[];
  readonly tasks: readonly TaskBox[];
}

export interface JobBox {
  readonly name: string;
  readonly groups: readonly GroupBox[];
}

export interface EngineBox {
  readonly name: string;
  readonly jobs: readonly JobBox[];
}

export interface Graph {
  readonly title: string;
  /** False where there may be more, which does not change. */
  readonly isWhole: boolean;
  readonly engines: readonly EngineBox[];
  /** How many tasks each change is made to. */
  readonly summary: readonly { readonly change: Change; readonly count: number }[];
  readonly tasks: number;
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** By a key, sorted by it. */
const grouped = <T>(all: readonly T[], keyOf: (one: T) => string): readonly (readonly [string, readonly T[]])[] =>
  [...Map.groupBy(all, keyOf)].sort(([one], [other]) => compare(one, other));

const ascending = (all: readonly number[]): readonly number[] => [...new Set(all)].sort((a, b) => a - b);

/** `[0-2, 5]` */
export function indicesText(indices: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const index of indices) {
    const last = runs.at(-1);
    if (last?.[1] === index - 1) last[1] = index;
    else runs.push([index, index]);
  }
  return `[${runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ")}]`;
}

/** `server ×2`, or `server ×2 → ×3`. */
export const groupName = ({ name, count }: GroupBox): string => {
  if (!count) return name;
  const { before, after } = count;
  return before === after ? `${name} ×${after}` : `${name} ×${before} → ×${after}`;
};

/** `http 127.0.0.1:24683 → 8080` */
export const portText = ({ label, host, to }: GraphPort): string =>
  [label, host, ...(to > 0 ? ["→", `${to}`] : [])].filter((part) => part !== "").join(" ");

export const thingText = ({ kind, name }: GraphThing): string => `${kind} ${name}`;

/** What differs between allocations is left out where several are drawn as one. */
const mergedPorts = (all: readonly Item[]): readonly GraphPort[] =>
  (all[0]?.ports ?? []).map((port) => {
    const isSame = all.every(({ ports }) =>
      ports.some(({ label, host }) => label === port.label && host === port.host),
    );
    return { ...port, host: isSame ? port.host : "" };
  });

const look = ({ image, ports, things, change, changed }: Item): string =>
  JSON.stringify([image, ports.map(({ label, to }) => [label, to]), things, change, changed]);

function taskBoxes(items: readonly Item[]): readonly TaskBox[] {
  return grouped(items, ({ task = "" }) => task).flatMap(([name, same]) =>
    [...Map.groupBy(same, look).values()]
      .map((all): TaskBox => {
        const { image = "", things = [], change, changed = [] } = all[0] ?? {};
        const indices = ascending(all.map(({ index }) => index));
        return { ...{ name, indices, image, things, change, changed }, ports: mergedPorts(all) };
      })
      .sort((one, other) => (one.indices[0] ?? 0) - (other.indices[0] ?? 0)),
  );
}

function groupBox(name: string, items: readonly Item[], isWhole: boolean): GroupBox {
  const own = items.filter(({ task }) => task === undefined);
  const tasks = items.filter(({ task }) => task !== undefined);
  const count = (unless: Change) =>
    new Set(items.filter(({ change }) => change !== unless).map(({ index }) => index)).size;
  return {
    name,
    count: isWhole ? { before: count("create"), after: count("delete") } : undefined,
    mode: items.find(({ mode }) => mode !== undefined)?.mode,
    ports: mergedPorts(own),
    allocations: changes.flatMap((change) => {
      const indices = ascending(own.filter((one) => one.change === change).map(({ index }) => index));
      return indices.length > 0 ? [{ change, indices }] : [];
    }),
    tasks: taskBoxes(tasks),
  };
}

export function toGraph(title: string, given: readonly Item[], isWhole = true): Graph {
  const items = [...given].sort((one, other) => one.index - other.index);
  const apps = new Set(items.map(({ app }) => app));
  const jobOf = ({ app, job }: Item) => (apps.size > 1 ? `${app}/${job}` : job);
  const tasks = items.filter(({ task }) => task !== undefined);
  return {
    title,
    isWhole,
    engines: grouped(items, ({ engine }) => engine).map(([name, all]) => ({
      name,
      jobs: grouped(all, jobOf).map(([job, those]) => ({
        name: job,
        groups: grouped(those, ({ group }) => group).map(([group, these]) => groupBox(group, these, isWhole)),
      })),
    })),
    summary: changes
      .map((change) => ({ change, count: tasks.filter((one) => one.change === change).length }))
      .filter(({ count }) => count > 0),
    tasks: tasks.length,
  };
}

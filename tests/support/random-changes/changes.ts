/** Kinds of change of a program. Each draws what it does; it may find nothing to do. */
import { isDeepStrictEqual } from "node:util";
import { taskOptions } from "../../../provider/options";
import { changes as changesOf } from "../../../provider/options/folds";
import { jobOptions } from "../../../provider/options/job";
import type { AnyRow } from "../../../provider/options/option";
import { notRunHere } from "../not-run-here";
import {
  type Bag,
  type Group,
  type Network,
  type PlacedTask,
  type Program,
  countOf,
  firstProgram,
  hasOutputs,
  refusals,
  tasksOf,
  wantedContainers,
  withGroup,
  withTask,
  without,
} from "./program";
import type { Random } from "../random";

/** What becomes of the containers that are wanted before and after. */
export type Cost =
  /** There is nothing to do. */
  | "nothing"
  /** Each stays the one that it is. */
  | "no container";

/** Something that is done to the engine behind the back of the stack. */
export interface Drift {
  /** Of the container that it is done to: `job/web[0]/server`. */
  readonly path: string;
  /** Arguments of the docker command; the container's id follows. */
  readonly docker: readonly string[];
}

export interface Change {
  readonly words: string;
  readonly program: Program;
  readonly cost?: Cost;
  readonly drift?: Drift;
}

/** What changes are made of. */
export interface Stock {
  readonly random: Random;
  /** Images that do the same; of some, the contents are the same too. */
  readonly images: readonly string[];
  /** A network that somebody made. */
  readonly network: string;
  /** Ports of the host that are free. */
  readonly staticPorts: readonly number[];
  /** The programs before this one. */
  readonly past: readonly Program[];
}

type Kind = (program: Program, stock: Stock) => Change | undefined;

/** Rows that are not drawn, and why. */
const notDrawn: Partial<Record<keyof typeof taskOptions, string>> = {
  ...notRunHere,
  forcePull: "it wants a registry",
  load: "it wants archives",
  image: "its examples have programs of their own; another tag is a kind of change",
  ipv4Address: "it wants the one network that has the addresses of the examples",
  ipv6Address: "as ipv4Address",
  adopt: "it wants a container that somebody else made",
};
const rows = Object.entries<AnyRow>(taskOptions).filter(([key]) => !(key in notDrawn));

/** How many of the programs that the library refuses are run all the same. */
const shareOfRefused = 0.25;

const said = (value: unknown): string => JSON.stringify(value);
const at = ({ group, task }: Omit<PlacedTask, "options">) => `${group}/${task}`;

/** What no container survives, though nothing is wrong with it: none of it is tried. */
export function isHopeless(program: Program): boolean {
  return tasksOf(program).some(
    ({ options: { entrypoint, command, args } }) =>
      // They would be arguments of the entry point, which has its own.
      entrypoint !== undefined && (command !== undefined || args !== undefined),
  );
}

/** How many containers are still few. */
const enough = 18;
export const isSmall = (program: Program): boolean =>
  wantedContainers(program).length <= enough && Math.abs(tasksOf(program).length - 10) <= 2;

const costOfOptions = (keys: readonly string[]): Pick<Change, "cost"> =>
  keys.every((key) => taskOptions[key as keyof typeof taskOptions].change !== "replace")
    ? { cost: "no container" }
    : {};

const setOption: Kind = (program, { random, network }) => {
  const placed = random.pick(tasksOf(program));
  const [key, row] = random.pick(rows) ?? [];
  if (!placed || key === undefined || !row || placed.options[key] !== undefined) return undefined;
  const value: unknown = random.pick(row.examples);
  const neighbours: Bag = {
    ...(row.with as Bag | undefined),
    ...(row.with && "networkMode" in row.with && { networkMode: network }),
  };
  return {
    words: `${at(placed)}: set ${key} to ${said(value)}`,
    program: withTask(program, placed, { ...placed.options, ...neighbours, [key]: value }),
    ...costOfOptions([key, ...Object.keys(neighbours)]),
  };
};

/** A task and an option of it that a row knows. */
function setAlready(program: Program, random: Random) {
  const all = tasksOf(program).flatMap((placed) =>
    rows.filter(([key]) => placed.options[key] !== undefined).map(([key, row]) => ({ placed, key, row })),
  );
  return random.pick(all);
}

const changeOption: Kind = (program, { random }) => {
  const found = setAlready(program, random);
  if (!found) return undefined;
  const { placed, key, row } = found;
  const others = row.examples.filter((example) => !isDeepStrictEqual(example, placed.options[key]));
  if (others.length === 0) return undefined;
  const value: unknown = random.pick(others);
  return {
    words: `${at(placed)}: change ${key} from ${said(placed.options[key])} to ${said(value)}`,
    program: withTask(program, placed, { ...placed.options, [key]: value }),
    ...costOfOptions([key]),
  };
};

const unsetOption: Kind = (program, { random }) => {
  const found = setAlready(program, random);
  if (!found) return undefined;
  const { placed, key } = found;
  return {
    words: `${at(placed)}: unset ${key}, which was ${said(placed.options[key])}`,
    program: withTask(program, placed, without(placed.options, key)),
    ...costOfOptions([key]),
  };
};

/** The same, with the keys and the lists in another order where the order says nothing. */
const reordered: Kind = (program, { random }) => {
  const shuffle = <T>(entries: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
    Object.fromEntries(random.shuffled(Object.entries(entries)));
  const shuffledValue = (key: string, value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (!Array.isArray(value)) return shuffle(value as Bag);
    const other = random.shuffled(value as readonly unknown[]);
    const isSame = Object.values(
      changesOf(taskOptions, { [key]: value }, { [key]: other }, () => false) as Readonly<
        Record<string, readonly string[]>
      >,
    ).every((names) => names.length === 0);
    return isSame ? other : value;
  };
  const groups = Object.entries(program.groups).map(([name, { group, tasks }]): [string, Group] => [
    name,
    {
      group: {
        ...group,
        ...(group.network && { network: { ...group.network, ports: shuffle(group.network.ports ?? {}) } }),
      },
      tasks: Object.fromEntries(
        random
          .shuffled(Object.entries(tasks))
          .map(([task, options]) => [
            task,
            shuffle(
              Object.fromEntries(Object.entries(options).map(([key, value]) => [key, shuffledValue(key, value)])),
            ),
          ]),
      ),
    },
  ]);
  return {
    words: "all written in another order",
    program: { ...program, groups: Object.fromEntries(random.shuffled(groups)) },
    cost: "nothing",
  };
};

/** A value that is known only when the program runs, and is the same. */
const asOutput: Kind = (program, { random }) => {
  const found = setAlready(program, random);
  if (!found || said(found.placed.options[found.key]).includes("$output")) return undefined;
  const { placed, key } = found;
  return {
    words: `${at(placed)}: ${key} is an output`,
    program: withTask(program, placed, { ...placed.options, [key]: { $output: placed.options[key] } }),
    cost: "nothing",
  };
};

const changeImage: Kind = (program, { random, images }) => {
  const placed = random.pick(tasksOf(program));
  const image = random.pick(images);
  if (!placed || image === placed.options.image) return undefined;
  return {
    words: `${at(placed)}: another image, ${image ?? ""}`,
    program: withTask(program, placed, { ...placed.options, image }),
  };
};

const changeEnv: Kind = (program, { random }) => {
  const placed = random.pick(tasksOf(program));
  if (!placed) return undefined;
  const env = {
    ...(placed.options.env as Bag | undefined),
    [random.pick(["A", "B", "C"])!]: String(random.below(1000)),
  };
  return {
    words: `${at(placed)}: env ${said(env)}`,
    program: withTask(program, placed, { ...placed.options, env }),
  };
};

const freeName = (taken: readonly string[], random: Random, prefix: string): string => {
  for (;;) {
    const name = `${prefix}${random.below(100)}`;
    if (!taken.includes(name)) return name;
  }
};

const addTask: Kind = (program, { random, images }) => {
  const group = random.pick(Object.keys(program.groups));
  if (group === undefined) return undefined;
  const task = freeName(Object.keys(program.groups[group]!.tasks), random, "task");
  return {
    words: `${group}/${task}: added`,
    program: withTask(program, { group, task }, { image: random.pick(images) }),
  };
};

const removeTask: Kind = (program, { random }) => {
  const placed = random.pick(tasksOf(program));
  if (!placed) return undefined;
  const found = program.groups[placed.group]!;
  const tasks = without(found.tasks, placed.task);
  return { words: `${at(placed)}: removed`, program: withGroup(program, placed.group, { ...found, tasks }) };
};

const renameTask: Kind = (program, { random }) => {
  const placed = random.pick(tasksOf(program));
  if (!placed) return undefined;
  const found = program.groups[placed.group]!;
  const name = freeName(Object.keys(found.tasks), random, "task");
  const tasks = Object.fromEntries(
    Object.entries(found.tasks).map(([task, options]) => [task === placed.task ? name : task, options]),
  );
  return { words: `${at(placed)}: renamed ${name}`, program: withGroup(program, placed.group, { ...found, tasks }) };
};

/** One of the groups of the first program, under another name. */
const addGroup: Kind = (program, { random }) => {
  const name = freeName(Object.keys(program.groups), random, "group");
  const like = random.pick(Object.keys(firstProgram.groups))!;
  return {
    words: `${name}: added, as ${like} was at first`,
    program: withGroup(program, name, firstProgram.groups[like]!),
    cost: "no container",
  };
};

const removeGroup: Kind = (program, { random }) => {
  const name = random.pick(Object.keys(program.groups));
  if (name === undefined) return undefined;
  return {
    words: `${name}: removed`,
    program: { ...program, groups: without(program.groups, name) },
    cost: "no container",
  };
};

const changeCount: Kind = (program, { random }) => {
  const name = random.pick(Object.keys(program.groups));
  const count = random.below(4);
  if (name === undefined || count === countOf(program.groups[name]!)) return undefined;
  const found = program.groups[name]!;
  return {
    words: `${name}: count ${count}`,
    program: withGroup(program, name, { ...found, group: { ...found.group, count } }),
    cost: "no container",
  };
};

/** A group with another network. */
const withNetwork = (program: Program, name: string, words: string, network: Network): Change => {
  const found = program.groups[name]!;
  return {
    words: `${name}: ${words}`,
    program: withGroup(program, name, { ...found, group: { ...found.group, network } }),
  };
};

const changeMode: Kind = (program, { random }) => {
  const name = random.pick(Object.keys(program.groups));
  if (name === undefined) return undefined;
  const { mode, ...network } = program.groups[name]!.group.network ?? {};
  const other = random.pick([undefined, "bridge", "none", "host"] as const);
  if (other === mode) return undefined;
  return withNetwork(program, name, `mode ${other ?? "unset"}`, { ...network, ...(other && { mode: other }) });
};

const labels = ["http", "admin"];
const addPort: Kind = (program, { random, staticPorts }) => {
  const name = random.pick(Object.keys(program.groups));
  const label = random.pick(labels)!;
  if (name === undefined) return undefined;
  const network = program.groups[name]!.group.network;
  const taken = said(program);
  const free = staticPorts.filter((port) => !taken.includes(String(port)));
  const port = random.pick([{ to: 80 }, {}, ...free.slice(0, 1).map((number) => ({ static: number }))])!;
  if (network?.ports?.[label] !== undefined) return undefined;
  return withNetwork(program, name, `port ${label} ${said(port)} added`, {
    ...network,
    ports: { ...network?.ports, [label]: port },
  });
};

const removePort: Kind = (program, { random }) => {
  const name = random.pick(Object.keys(program.groups));
  const label = random.pick(labels)!;
  const network = program.groups[name ?? ""]?.group.network;
  if (name === undefined || network?.ports?.[label] === undefined) return undefined;
  return withNetwork(program, name, `port ${label} removed`, {
    ...network,
    ports: without(network.ports, label),
  });
};

const jobRows = Object.entries<AnyRow>(jobOptions).filter(
  // A batch task that was stopped has done its work, and is not started again.
  ([key]) => key !== "type",
);
const changeJob: Kind = (program, { random }) => {
  const [key, row] = random.pick(jobRows)!;
  const isSet = program.job[key] !== undefined;
  return {
    words: `the job: ${isSet ? "unset" : "set"} ${key}`,
    program: {
      ...program,
      job: isSet ? without(program.job, key) : { ...program.job, [key]: row.examples[0] as unknown },
    },
    ...(row.change !== "replace" && { cost: "no container" }),
  };
};

const nothing: Kind = (program) => ({ words: "nothing at all", program, cost: "nothing" });

const drifts: Readonly<Record<string, readonly string[]>> = {
  stopped: ["stop", "-t", "0"],
  removed: ["rm", "-f"],
  "started again": ["restart", "-t", "0"],
  "given other limits": ["update", "--cpu-shares", "77", "--pids-limit", "55"],
  "given more memory": ["update", "--memory", "333m", "--memory-swap", "333m"],
  "not to be started again": ["update", "--restart", "no"],
};
const drift: Kind = (program, { random }) => {
  const path = random.pick(wantedContainers(program));
  const [what, docker] = random.pick(Object.entries(drifts))!;
  if (path === undefined) return undefined;
  return { words: `behind its back, ${path} is ${what}`, program, drift: { path, docker } };
};

const goBack: Kind = (program, { random, past }) => {
  const steps = 1 + random.below(Math.min(3, past.length));
  const before = past.at(-steps);
  if (!before || before === program) return undefined;
  return {
    words: `back to the program before the last ${steps === 1 ? "change" : `${steps} changes`}`,
    program: before,
  };
};

/** The kinds of change, and how often each comes. */
const kinds: readonly (readonly [Kind, number])[] = [
  [setOption, 8],
  [changeOption, 4],
  [unsetOption, 3],
  [reordered, 2],
  [asOutput, 1],
  [changeImage, 2],
  [changeEnv, 2],
  [addTask, 1],
  [removeTask, 1],
  [renameTask, 1],
  [addGroup, 1],
  [removeGroup, 1],
  [changeCount, 2],
  [changeMode, 2],
  [addPort, 1],
  [removePort, 1],
  [changeJob, 0.5],
  [nothing, 0.5],
  [drift, 4],
  [goBack, 2],
];
const all = kinds.reduce((sum, [, weight]) => sum + weight, 0);

/** Draws a change that there is something to do for. */
function drawOne(program: Program, stock: Stock): Change {
  for (;;) {
    let left = stock.random.next() * all;
    const [kind] = kinds.find(([, weight]) => (left -= weight) < 0) ?? [nothing];
    const change = kind(program, stock);
    if (change && isSmall(change.program) && !isHopeless(change.program)) return change;
  }
}

/** Two changes as one. */
const together = (first: Change, second: Change): Change => {
  const costs = [first.cost, second.cost];
  const cost = costs.every((one) => one === "nothing") ? "nothing" : "no container";
  return {
    words: `${first.words}; ${second.words}`,
    program: second.program,
    ...(!costs.includes(undefined) && { cost }),
    ...(first.drift && { drift: first.drift }),
  };
};

/** How many of the changes have one more beside them. */
const shareOfMore = 0.4;

/**
 * Draws changes that are made at once. Of the programs that the library refuses few are left, and those that it would
 * refuse only as it runs are not.
 */
export function draw(program: Program, stock: Stock): Change {
  const { random } = stock;
  const isTried = ({ program: one }: Change) =>
    refusals(one).length === 0 || (!hasOutputs(one) && random.chance(shareOfRefused));
  for (;;) {
    let change = drawOne(program, stock);
    while (random.chance(shareOfMore)) {
      const more = drawOne(change.program, stock);
      if (!more.drift) change = together(change, more);
    }
    if (isTried(change)) return change;
  }
}

/** The first program with some options. */
export function drawFirst(stock: Stock): Change {
  let change: Change = { words: "the first up", program: firstProgram };
  for (let left = 8; left > 0;) {
    const more = setOption(change.program, stock);
    if (!more || isHopeless(more.program) || refusals(more.program).length > 0) continue;
    change = { words: `${change.words}; ${more.words}`, program: more.program };
    left--;
  }
  return change;
}

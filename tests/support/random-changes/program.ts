/** A program as plain data: what tests/programs/from-file runs. Values are never changed, only replaced. */
import { RootConstruct } from "constructs";
import { Job, Plugin, Task, TaskGroup } from "../../../constructs";
import { toManifest } from "../../../constructs/manifest";
import { type PlacedFailure, SynthesisError } from "../../../constructs/validation";
import type { GroupOptions } from "../../../provider/options/job";
import { allowAll } from "../allow-all";

export type Bag = Readonly<Record<string, unknown>>;
export type Network = NonNullable<GroupOptions["network"]>;

export interface Group {
  readonly group: { readonly count?: number; readonly network?: Network; readonly meta?: Record<string, string> };
  readonly tasks: Readonly<Record<string, Bag>>;
}

export interface Program {
  readonly job: Bag;
  readonly groups: Readonly<Record<string, Group>>;
}

/** What the operator says. Images are left alone: it is containers that this is about. */
export const plugin = {
  ...allowAll,
  cpuTotalCompute: 5192,
  infraImage: "longshore/pause:3.1",
  gc: { image: false },
} as const;

const pause = { image: "longshore/pause:3.1" };

/** Ten tasks: alone, several times, together, and in each kind of network. */
export const firstProgram: Program = {
  job: {},
  groups: {
    alone: { group: {}, tasks: { only: pause } },
    twice: {
      group: { count: 2, network: { ports: { http: { to: 80 } } } },
      tasks: { web: { ...pause, ports: ["http"] } },
    },
    duo: { group: {}, tasks: { left: pause, right: { ...pause, volumes: ["../alloc/data:/data"] } } },
    meeting: {
      group: { network: { mode: "bridge", ports: { http: { to: 80 }, admin: {} } } },
      tasks: { front: pause, back: pause, side: pause },
    },
    inside: { group: { network: { mode: "none" } }, tasks: { one: pause, two: pause } },
    single: { group: { network: { mode: "bridge", ports: { http: {} } } }, tasks: { proxy: pause } },
  },
};

export interface PlacedTask {
  readonly group: string;
  readonly task: string;
  readonly options: Bag;
}

export const tasksOf = ({ groups }: Program): readonly PlacedTask[] =>
  Object.entries(groups).flatMap(([group, { tasks }]) =>
    Object.entries(tasks).map(([task, options]) => ({ group, task, options })),
  );

export const withGroup = (program: Program, name: string, group: Group): Program => ({
  ...program,
  groups: { ...program.groups, [name]: group },
});

export const withTask = (program: Program, { group, task }: Omit<PlacedTask, "options">, options: Bag): Program => {
  const found = program.groups[group]!;
  return withGroup(program, group, { ...found, tasks: { ...found.tasks, [task]: options } });
};

/** Without an entry. */
export const without = <T>(entries: Readonly<Record<string, T>>, name: string): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(entries).filter(([key]) => key !== name));

export const countOf = ({ group: { count = 1 } }: Group): number => count;

const hasInfra = ({ group: { network } }: Group): boolean => ["bridge", "none"].includes(network?.mode ?? "");

/** The paths of the containers that a program wants: `job/web[0]/server`, and `job/web[0]` of an infra container. */
export const wantedContainers = ({ groups }: Program): readonly string[] =>
  Object.entries(groups).flatMap(([name, group]) =>
    Array.from({ length: countOf(group) }, (_, index) => `job/${name}[${index}]`).flatMap((path) => [
      ...(hasInfra(group) ? [path] : []),
      ...Object.keys(group.tasks).map((task) => `${path}/${task}`),
    ]),
  );

/** The group that a path of a container or of a resource belongs to. */
export const groupOf = (path: string): string => /^job\/([^[]+)\[/.exec(path)?.[1] ?? "";

const output = "$output";

/** Whether a value of a program is known only when it runs: then it is refused, if it is, by the provider, task by task. */
export const hasOutputs = (program: Program): boolean => JSON.stringify(program).includes(`"${output}"`);

const plain = (program: Program): Program =>
  JSON.parse(JSON.stringify(program), (_, value: Bag | null) => value?.[output] ?? value) as Program;

/** Why the library refuses a program when it runs; nothing when it does not. */
export function refusals(written: Program): readonly PlacedFailure[] {
  const program = plain(written);
  const app = new RootConstruct();
  new Plugin(app, "engine", plugin);
  const job = new Job(app, "job", program.job);
  for (const [name, { group, tasks }] of Object.entries(program.groups)) {
    const made = new TaskGroup(job, name, group);
    for (const [task, options] of Object.entries(tasks)) new Task(made, task, options as never);
  }
  try {
    toManifest(app);
    return [];
  } catch (error) {
    if (error instanceof SynthesisError) return error.failures;
    throw error;
  }
}

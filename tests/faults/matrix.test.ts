/**
 * At each call that the provider makes of the engine, each thing that can go wrong goes wrong once. When the fault is
 * gone, one more run reaches what is wanted, nothing is left over, and the state is that of a run without any fault.
 *
 * All cells take some twenty minutes: `LONGSHORE_FAULTS=all`. Without it every so-manieth is tried, each call and each
 * fault among them.
 */
import { randomUUID } from "node:crypto";
import { isDocumented } from "../support/documented-errors";
import { volumesOf, containersOf, engine } from "../support/engine";
import { type EngineFront, type Wrong, startEngineFront } from "../support/engine-front";
import { type Bag, type Run, type State, type Wanted, refresh, up } from "../support/small-pulumi";

// Without the long pauses. A busy machine's engine may take a second for an answer.
jest.mock("../../provider/engine/limits", () => ({
  pausesMs: [1, 2, 4, 8, 16],
  patienceMs: 90_000,
  silenceMs: 3_000,
  firstSilenceMs: 3_000,
}));

const image = "longshore/busybox:1.35";
const sleeps: Bag = {
  image,
  command: "sleep",
  args: ["3000"],
  killSignal: "SIGKILL",
  killTimeout: "1s",
  wait: { timeout: "2s" },
};

/** One task alone, with a port, and a group of two that share directories; `changes` go to a task of each. */
const programOf =
  (project: string, limit?: string) =>
  (changes: Bag = {}): readonly Wanted[] => {
    const plugin: Bag = {};
    const timeouts = limit === undefined ? {} : { timeouts: { create: limit, update: limit, delete: limit } };
    const key = (path: string) => `${project}/test/app/${path}`;
    const place = (task?: string) => ({
      job: "job",
      group: task === "alone" ? "alone" : "duo",
      index: 0,
      ...(task && { task }),
    });
    const task = (name: string, shared: (of: Parameters<Wanted["inputs"]>[0]) => Bag, options: Bag): Wanted => ({
      name,
      kind: "Task",
      inputs: (of) => ({
        kind: "Task",
        key: key(`duo/${name}`),
        plugin,
        place: place(name),
        imageId: of("image").id,
        ...shared(of),
        ...sleeps,
        ...timeouts,
        ...options,
      }),
    });
    const shared = (of: Parameters<Wanted["inputs"]>[0]) => ({
      allocation: of("duo").id,
      generation: of("duo").outs.generation,
      allocatedPorts: of("duo").outs.allocatedPorts,
      sharedDirs: ["shared"],
    });
    return [
      { name: "image", kind: "Image", inputs: () => ({ kind: "Image", key: key("image"), plugin, image }) },
      task("alone", () => ({ network: { ports: { http: { to: 80 } } } }), { ports: ["http"], ...changes }),
      {
        name: "duo",
        kind: "Allocation",
        inputs: (of) => ({
          kind: "Allocation",
          key: key("duo"),
          plugin,
          place: place(),
          network: { ports: { web: { to: 81 } } },
          generation: JSON.stringify([of("image").id, changes.env ?? ""]),
          ...timeouts,
        }),
      },
      task("a", shared, { networkMode: "none", volumes: ["../alloc/shared:/shared"], ...changes }),
      task("b", shared, { networkMode: "none" }),
    ];
  };

interface Fault {
  /** `away`: nobody listens any more. */
  readonly what: Wrong | "away";
  /** Until the run is over; otherwise once, or for a moment. */
  readonly lasts?: true;
  /** What an operation may take. @default the option's */
  readonly limit?: string;
}

const faults: Readonly<Record<string, Fault>> = {
  refused: { what: "away" },
  "refused to the end": { what: "away", lasts: true },
  "cut before": { what: "cut before" },
  "cut after": { what: "cut after" },
  "cut after, each time": { what: "cut after", lasts: true },
  "500 before": { what: { status: 500, body: '{"message":"fault: 500 before"}' } },
  "500 before, each time": { what: { status: 500, body: '{"message":"fault: 500 before"}' }, lasts: true },
  "500 after": { what: { status: 500, body: '{"message":"fault: 500 after"}', after: true } },
  "500 after, each time": { what: { status: 500, body: '{"message":"fault: 500 after"}', after: true }, lasts: true },
  "409": { what: { status: 409, body: '{"message":"fault: 409"}' } },
  "silent before": { what: "silent before" },
  "silent after": { what: "silent after" },
  "silent before, beyond the time limit": { what: "silent before", lasts: true, limit: "4s" },
  "silent after, beyond the time limit": { what: "silent after", lasts: true, limit: "4s" },
  broken: { what: "broken" },
};

type Program = ReturnType<typeof programOf>;

/** What a run does to what is there. */
const operations: Readonly<Record<string, (state: State, program: Program) => Promise<Run>>> = {
  create: (_, program) => up([], program()),
  update: (state, program) => up(state, program({ memory: 64 })),
  replace: (state, program) => up(state, program({ env: { CHANGED: "1" } })),
  delete: (state) => up(state, []),
  refresh: (state) => refresh(state),
};
/** What leads to the wanted state when the fault is gone. */
const repairs: typeof operations = {
  ...operations,
  create: (state, program) => up(state, program()),
  refresh: (state, program) => up(state, program()),
};

const ids = /\b[0-9a-f]{64}\b|\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/g;

/** A state or a list as text, without what differs from run to run. */
const normal = (value: unknown, project: string): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(
          Object.entries(part)
            .filter(([key]) => key !== "adopted" && key !== "timeouts")
            .toSorted(([a], [b]) => (a < b ? -1 : 1)),
        )
      : part,
  )
    .replaceAll(project, "PROJECT")
    .replace(ids, "ID")
    .replace(/\b(?:2\d|3[01])\d{3}\b/g, "PORT")
    .replace(/\b172\.\d+\.\d+\.\d+/g, "IP");

/** What is on the engine for a project. */
async function left(project: string): Promise<string> {
  const containers = (await containersOf(project)).map(({ Names, State, Labels }) => [
    Names[0]?.replace(/-[0-9a-f-]{36}$/, ""),
    State,
    Labels["longshore.key"],
  ]);
  const volumes = await volumesOf(project);
  return normal([containers.map(String).toSorted(), volumes.map((name) => normal(name, project)).toSorted()], project);
}

/** A call's kind: its method and its path, with what differs from run to run left open. */
const patternOf = (method: string, path: string): string =>
  `${method} ${path
    .replace(/\?.*/, "")
    .replace(/[0-9a-f]{64}|sha256%3A[0-9a-f]+|sha256:[0-9a-f]+/, "ID")
    .replace(/(longshore[-_][a-z]+[-_]|longshore[-_])[^/]*/, "$1ID")}`;
const asExpression = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace("ID", "[^/?]+")}(?:\\?|$)`);

interface Outcome {
  readonly state: string;
  readonly left: string;
}

let front: EngineFront;
const before = process.env.DOCKER_HOST;

beforeAll(async () => {
  // What the handlers say of the faults would bury the matrix.
  for (const stream of ["log", "error"] as const) jest.spyOn(console, stream).mockImplementation(() => undefined);
  front = await startEngineFront();
  process.env.DOCKER_HOST = front.endpoint;
});
afterAll(() => {
  front.stop();
  if (before === undefined) delete process.env.DOCKER_HOST;
  else process.env.DOCKER_HOST = before;
});

const demand = (run: Run): State => {
  if (run.error) throw run.error;
  return run.state;
};

/** Starts from nothing or from all, and takes away what a cell made. */
async function inProject<T>(
  operation: string,
  work: (state: State, project: string) => Promise<T>,
  limit?: string,
): Promise<T> {
  const project = `f-${randomUUID().slice(0, 8)}`;
  front.set();
  const state = operation === "create" ? [] : demand(await up([], programOf(project, limit)()));
  try {
    return await work(state, project);
  } finally {
    front.set();
    await Promise.all((await containersOf(project)).map(({ Id }) => engine.removeContainer(Id)));
    await Promise.all((await volumesOf(project)).map((name) => engine.removeVolume(name)));
    // A cell that did not survive leaves marks of its image and ports behind.
    const marks = (await engine.listVolumes([])).filter(({ Labels }) =>
      Object.values(Labels ?? {}).some((value) => value.startsWith(`${project}/`)),
    );
    await Promise.all(marks.map(({ Name }) => engine.removeVolume(Name)));
  }
}

const outcomeOf = async (state: State, project: string): Promise<Outcome> => ({
  state: normal(state, project),
  left: await left(project),
});

/** All that failed runs said. */
const said = new Set<string>();

interface Cell {
  readonly operation: string;
  readonly call: string;
  readonly fault: string;
}

/** The kinds of calls of an operation without a fault, and what comes of it. */
async function recordOf(operation: string): Promise<{ readonly calls: readonly string[]; readonly outcome: Outcome }> {
  return inProject(operation, async (state, project) => {
    const from = front.calls.length;
    const program = programOf(project);
    const done = demand(await operations[operation]!(state, program));
    const calls = [...new Set(front.calls.slice(from).map(({ method, path }) => patternOf(method, path)))];
    return { calls, outcome: await outcomeOf(done, project) };
  });
}

/** What a cell came to: nothing, or why it did not survive. */
async function attempt({ operation, call, fault }: Cell, wanted: Outcome): Promise<string | undefined> {
  const { what, lasts, limit } = faults[fault]!;
  const work = async (state: State, project: string) => {
    const program = programOf(project, limit);
    const hits = front.hits;
    let away: Promise<void> | undefined;
    const leave = () => {
      if (front.hits === hits || away) return;
      if (lasts) front.leave();
      away = lasts ? Promise.resolve() : front.away(60);
    };
    const watch = what === "away" ? setInterval(leave, 1) : undefined;
    front.set({ at: asExpression(call), what: what === "away" ? "cut before" : what, ...(!lasts && { times: 1 }) });
    const run = await operations[operation]!(state, program);
    clearInterval(watch);
    await away;
    if (away && lasts) await front.back();
    front.set();
    if (front.hits === hits) return "the fault never came";
    if (run.error) said.add(run.error.message);
    const repaired = await repairs[operation]!(run.state, program);
    if (repaired.error) return `the next run failed: ${repaired.error.message.split("\n")[0]}`;
    const outcome = await outcomeOf(repaired.state, project);
    if (outcome.left !== wanted.left) return `left ${outcome.left}\n   wanted ${wanted.left}`;
    if (outcome.state !== wanted.state) return `state ${outcome.state}\n   wanted ${wanted.state}`;
    const again = await repairs[operation]!(repaired.state, program);
    return again.error || again.did.length > 0 ? `a second run did ${again.did.join(", ")}` : undefined;
  };
  return inProject(operation, work, limit);
}

const one = process.env.LONGSHORE_FAULTS;

test("every call, every fault: the next run reaches what is wanted, and nothing is left over", async () => {
  const records = new Map<string, Awaited<ReturnType<typeof recordOf>>>();
  for (const operation of Object.keys(operations)) records.set(operation, await recordOf(operation));
  const all = [...records].flatMap(([operation, { calls }]) =>
    calls.flatMap((call) => Object.keys(faults).map((fault): Cell => ({ operation, call, fault }))),
  );
  // Eleven shares no factor with the fifteen faults: every call and every fault is among them.
  const cells =
    one === "all"
      ? all
      : all.filter((cell, index) =>
          one ? `${cell.operation} ${cell.call} ${cell.fault}`.includes(one) : index % 11 === 0,
        );
  const failed: string[] = [];
  const survived = new Map<string, number>();
  const tried = new Map<string, number>();
  for (const cell of cells) {
    const why = await attempt(cell, records.get(cell.operation)!.outcome);
    const row = `${cell.operation.padEnd(8)} ${cell.call}`;
    tried.set(row, (tried.get(row) ?? 0) + 1);
    if (why === undefined) survived.set(row, (survived.get(row) ?? 0) + 1);
    else failed.push(`${cell.operation} ${cell.call} ${cell.fault}: ${why}`);
  }
  process.stdout.write(
    [...tried].map(([row, count]) => `${row.padEnd(60)} ${survived.get(row) ?? 0} of ${count}`).join("\n") +
      `\n${cells.length - failed.length} of ${cells.length} survived (${all.length} in all)\n`,
  );
  expect(failed).toEqual([]);
  // The fault's own words stand for the engine's: a conflict in these is shown as it is.
  expect([...said].filter((message) => !isDocumented(message) && message !== "fault: 409")).toEqual([]);
}, 3_600_000);

/** `longshore gc --containers`: what a stack's state does not know goes from the engine, and nothing else does. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { learnOrigin, originLabel } from "../../provider/origin";
import { keyLabel, ownerMark, takeOver } from "../../provider/ownership";
import { reservationsOn, reserve } from "../../provider/port-reservations";
import { allocLabel } from "../../provider/request";
import { containersOf, engine, taskOf, volumesOf } from "../support/engine";
import { until } from "../support/processes";
import { TestStack, root } from "../support/stack";

const image = "longshore/busybox:1.35";
const sleeping = { image, command: "sleep", args: ["3000"], killSignal: "SIGKILL" };

const stack = new TestStack("tests/programs/from-file");
const program = (tasks: Record<string, object>, plugin: object = {}) =>
  writeFileSync(
    join(stack.dir, "tree.json"),
    JSON.stringify({
      plugin,
      groups: Object.fromEntries(Object.entries(tasks).map(([name, task]) => [name, { tasks: { [name]: task } }])),
    }),
  );

interface Exported {
  readonly deployment: {
    readonly resources: readonly {
      readonly id: string;
      readonly type: string;
      readonly outputs?: Record<string, unknown>;
    }[];
  };
}
const exported = async () => JSON.parse(await stack.ok(["stack", "export"])) as Exported;

const running: ChildProcess[] = [];
function startIn(where: TestStack, ...args: readonly string[]) {
  const child = spawn(process.execPath, [join(root, "dist/cli/main.js"), "gc", "--containers", ...args], {
    cwd: where.dir,
    env: where.environment,
  });
  running.push(child);
  let [out, err] = ["", ""];
  child.stdout.on("data", (data: Buffer) => (out += data.toString()));
  child.stderr.on("data", (data: Buffer) => (err += data.toString()));
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, out, err })),
  );
  return { child, ended, out: () => out };
}
const start = (...args: readonly string[]) => startIn(stack, ...args);
const gc = (...args: readonly string[]) => start(...args).ended;

interface Told {
  readonly name: string;
  readonly kind: string;
  readonly id?: string;
  readonly state?: string;
  readonly action: string;
  readonly because: string;
}
/** What the command tells in JSON, by name. */
async function told(...args: readonly string[]): Promise<ReadonlyMap<string, Told>> {
  const { code, out, err } = await gc("--json", ...args);
  if (code !== 0) throw new Error(`it ended with ${code}: ${err}`);
  return new Map((JSON.parse(out) as { left: Told[] }).left.map((one) => [one.name, one]));
}
const noGrace = ["--creation-grace", "0s"] as const;

const made = new Set<string>();
/** A container of whoever. */
async function container(labels: Readonly<Record<string, string>>, isRunning = true) {
  const name = `gc-${randomUUID()}`;
  const { Id } = await engine.createContainer(name, { Image: image, Cmd: ["sleep", "3000"], Labels: labels });
  made.add(Id);
  if (isRunning) await engine.startContainer(Id);
  return { id: Id, name };
}
const isThere = async (id: string) => (await engine.tryInspectContainer(id)) !== undefined;

let origin: string;
/** What a run of this stack would have put on a container. */
const labels = (more: Readonly<Record<string, string>> = {}) => ({
  [keyLabel]: `${stack.project}/${stack.name}/app/job/lost[0]/lost`,
  [originLabel]: origin,
  "longshore.token": randomUUID(),
  [allocLabel]: randomUUID(),
  ...more,
});

beforeAll(async () => {
  await stack.init();
  program({ web: sleeping });
  await stack.up();
  const { deployment } = await exported();
  origin = String(deployment.resources.map(({ outputs = {} }) => outputs.origin).find(Boolean));
  learnOrigin(origin);
}, 120_000);

afterEach(async () => {
  for (const child of running.splice(0)) child.kill();
  for (const id of made) await engine.removeContainer(id);
  made.clear();
});
afterAll(() => stack.dispose(), 120_000);

test("all that a run makes bears one origin, which its state knows", async () => {
  const { deployment } = await exported();
  const ours = deployment.resources.filter(({ type }) => type.includes("dynamic/longshore:"));
  expect(ours.map(({ outputs = {} }) => outputs.origin)).toEqual(ours.map(() => origin));
  const [own] = await containersOf(stack.project);
  expect(own?.Labels[originLabel]).toBe(origin);
  // And what a later run adds.
  program({ web: sleeping, more: sleeping });
  await stack.up();
  const rows = await containersOf(stack.project);
  expect(rows.map(({ Labels }) => Labels[originLabel])).toEqual([origin, origin]);
  program({ web: sleeping });
  await stack.up();
  await stack.ok(["preview", "--refresh", "--expect-no-changes"]);
}, 120_000);

test("of what a state does not know, only this stack's goes: not another one's, nor a stranger's", async () => {
  const [own] = await containersOf(stack.project);
  const lost = await container(labels());
  const stopped = await container(labels(), false);
  const otherStack = await container(labels({ [keyLabel]: `${stack.project}/other/app/job/lost[0]/lost` }));
  const otherState = await container(labels({ [originLabel]: randomUUID() }));
  const stranger = await container({});
  const young = await told();
  expect([lost, stopped, otherState].map(({ name }) => young.get(name)?.action)).toEqual(["wait", "wait", "keep"]);
  expect(await isThere(lost.id)).toBe(true);

  const dry = await told(...noGrace, "--dry-run");
  expect([lost, stopped].map(({ name }) => dry.get(name)?.action)).toEqual(["remove", "remove"]);
  expect(await isThere(lost.id)).toBe(true);

  const { code, out, err } = await gc(...noGrace);
  expect(code).toBe(0);
  const line = (name: string) => out.split("\n").find((text) => text.startsWith(name));
  expect(line(lost.name)).toMatch(/ Up .* removed +the state of .* does not know it; it is \d+ s old$/);
  expect(line(stopped.name)).toMatch(/ Created +removed /);
  expect(line(otherState.name)).toMatch(/ keep +no run that the state of .* knows of made it; .*--any-origin$/);
  expect(err).toMatch(/: 3 left behind: 2 removed, 1 kept\n$/);
  const still = [own!.Id, otherStack.id, otherState.id, stranger.id];
  expect(await Promise.all(still.map(isThere))).toEqual(still.map(() => true));
  expect(await Promise.all([lost.id, stopped.id].map(isThere))).toEqual([false, false]);
  for (const name of [otherStack.name, stranger.name]) expect(out).not.toContain(name);

  expect((await told(...noGrace, "--any-origin")).get(otherState.name)?.action).toBe("removed");
  expect(await Promise.all([...still.slice(0, 2), stranger.id].map(isThere))).toEqual([true, true, true]);
}, 120_000);

test("what a killed run was at stays until nothing is owed any more; then it goes with its directories and ports", async () => {
  const slow = {
    ...sleeping,
    env: { NEW: "1" },
    healthcheck: { command: "false", interval: "10s", retries: 50 },
    wait: { until: "healthy", timeout: "2m" },
  };
  program({ web: slow });
  await stack.cutOff("the new one is there", async () => (await containersOf(stack.project)).length === 2);
  const pending = [...(await told(...noGrace)).values()];
  expect(pending.filter(({ kind }) => kind === "container")).toEqual([
    expect.objectContaining({ action: "keep", because: expect.stringMatching(/a run of .* is at .*web/) as string }),
  ]);
  expect(await containersOf(stack.project)).toHaveLength(2);
  expect(await volumesOf(stack.project)).toHaveLength(6);

  // Back to the program of before: nothing is made, so that nobody finds what was left.
  program({ web: sleeping });
  await stack.up("--expect-no-changes");
  await stack.refresh("--clear-pending-creates");
  const removed = await told(...noGrace);
  expect([...removed.values()].map(({ kind, action }) => `${kind} ${action}`)).toEqual(["container removed"]);
  expect((await containersOf(stack.project)).map(taskOf)).toEqual(["web"]);
  expect(await volumesOf(stack.project)).toHaveLength(3);
  await stack.ok(["preview", "--refresh", "--expect-no-changes"]);
}, 180_000);

test("reserved ports, directories and marks whose containers are gone go as well", async () => {
  const alloc = randomUUID();
  const { [keyLabel]: key } = labels();
  const owner = { alloc, key, holdMs: 3_600_000 };
  const port = await reserve(engine, { port: 19_980 }, owner);
  const dir = `longshore-${alloc}-alloc`;
  await engine.createVolume(dir, labels({ [allocLabel]: alloc }));
  const gone = await container(labels());
  await takeOver(engine, gone.id, { key, token: randomUUID() });
  await engine.removeContainer(gone.id);
  try {
    expect((await told()).get(port?.name ?? "")?.action).toBe("wait");
    const all = await told(...noGrace);
    expect([...all.values()].map(({ kind, action }) => `${kind} ${action}`).sort()).toEqual([
      "directory removed",
      "port removed",
    ]);
    expect((await reservationsOn(engine)).filter((one) => one.alloc === alloc)).toEqual([]);
    expect(await engine.tryInspectVolume(dir)).toBeUndefined();
    expect(await ownerMark(engine, gone.id)).toBeUndefined();
  } finally {
    for (const name of [port?.name ?? "", dir]) await engine.removeVolume(name);
  }
}, 60_000);

test("an allocation that the state does not know goes whole: tasks, the container of their network, directories, ports", async () => {
  const before = join(stack.dir, "before.json");
  writeFileSync(before, await stack.ok(["stack", "export"]));
  const tree = {
    plugin: { infraImage: "longshore/pause:3.1" },
    groups: {
      web: { tasks: { web: sleeping } },
      pair: {
        group: { network: { mode: "bridge", ports: { http: { to: 80 } } } },
        tasks: { a: sleeping, b: sleeping },
      },
    },
  };
  writeFileSync(join(stack.dir, "tree.json"), JSON.stringify(tree));
  await stack.up();
  expect(await told(...noGrace)).toEqual(new Map());
  expect(await containersOf(stack.project)).toHaveLength(4);
  const removed = [...(await told(...noGrace, "--state", before)).values()].filter(({ kind }) => kind === "container");
  expect(removed.map(({ action }) => action)).toEqual(["removed", "removed", "removed"]);
  expect(removed.at(-1)?.name).toMatch(/^longshore_init_/);
  expect((await containersOf(stack.project)).map(taskOf)).toEqual(["web"]);
  expect(await volumesOf(stack.project)).toHaveLength(3);
  expect((await reservationsOn(engine)).filter(({ key }) => key.startsWith(`${stack.project}/`))).toEqual([]);
  program({ web: sleeping });
  await stack.refresh();
  await stack.up();
}, 180_000);

test("a stack of the same name in another backend is not touched, nor does it touch", async () => {
  const twin = Object.assign(new TestStack("tests/programs/from-file"), { project: stack.project });
  try {
    cpSync(join(stack.dir, "Pulumi.yaml"), join(twin.dir, "Pulumi.yaml"));
    await twin.init();
    writeFileSync(join(twin.dir, "tree.json"), JSON.stringify({ groups: { twin: { tasks: { twin: sleeping } } } }));
    await twin.up();
    const all = (await containersOf(stack.project)).map(({ Id }) => Id);
    expect(all).toHaveLength(2);
    const theirs = [...(await told(...noGrace)).values()];
    expect(theirs.map(({ kind, action }) => `${kind} ${action}`)).toEqual(["container keep"]);
    const state = join(twin.dir, "exported.json");
    writeFileSync(state, await twin.ok(["stack", "export"]));
    const ours = [...(await told(...noGrace, "--state", state)).values()];
    expect(ours.map(({ kind, action }) => `${kind} ${action}`)).toEqual(["container keep"]);
    expect(await Promise.all(all.map(isThere))).toEqual([true, true]);
  } finally {
    await twin.dispose();
  }
}, 180_000);

test("a state that tells of nothing takes nothing, unless it is said that no other has the name", async () => {
  const fresh = new TestStack("tests/programs/from-file");
  try {
    await fresh.init();
    const lost = await container(labels({ [keyLabel]: `${fresh.project}/${fresh.name}/app/job/lost[0]/lost` }));
    const kept = await startIn(fresh, ...noGrace).ended;
    expect(kept.out).toMatch(/ keep +no run that the state of .* knows of made it/);
    expect(await isThere(lost.id)).toBe(true);
    const removed = await startIn(fresh, ...noGrace, "--any-origin").ended;
    expect(removed.out).toMatch(/ removed /);
    expect(await isThere(lost.id)).toBe(false);
  } finally {
    await fresh.dispose();
  }
}, 60_000);

test("what a run has taken over, or what is to be kept, stays", async () => {
  const taken = await container(labels());
  await engine.createVolume(`longshore-owner-${taken.id.slice(0, 12)}`, {
    "longshore.token": "of another",
    "longshore.owner_key": labels()[keyLabel],
    [originLabel]: "of another",
  });
  const kept = await container(labels());
  const first = await told(...noGrace, "--keep", kept.name);
  expect([taken, kept].map(({ name }) => first.get(name)?.action)).toEqual(["keep", "keep"]);
  const second = await told(...noGrace);
  expect(second.get(kept.name)).toMatchObject({ action: "keep", because: "it was left by longshore gc --keep" });
  for (const { id } of [taken, kept]) {
    await engine.removeContainer(id);
    made.delete(id);
  }
  // The marks are of no use any more.
  await gc();
  expect(await Promise.all([taken, kept].map(({ id }) => ownerMark(engine, id)))).toEqual([undefined, undefined]);
}, 60_000);

test("a container that gc.container = false leaves stays", async () => {
  const plugin = { gc: { container: false } };
  program({ web: sleeping, batch: sleeping }, plugin);
  await stack.up();
  program({ web: sleeping }, plugin);
  await stack.up();
  const rows = await containersOf(stack.project);
  const left = rows.find((row) => taskOf(row) === "batch");
  expect(left?.State).toBe("exited");
  made.add(left!.Id);
  const all = [...(await told(...noGrace)).values()];
  expect(all).toEqual([
    expect.objectContaining({ action: "keep", because: "it was left by gc.container = false", id: left!.Id }),
  ]);
  program({ web: sleeping });
  await stack.up();
}, 120_000);

test("what Pulumi will retain is marked while the state tells of it", async () => {
  program({ web: sleeping, retained: sleeping });
  await stack.up();
  const state = await exported();
  const retained = (await containersOf(stack.project)).find((row) => taskOf(row) === "retained")!;
  made.add(retained.Id);
  const with_ = (resources: readonly object[]) => {
    const file = join(stack.dir, "exported.json");
    writeFileSync(file, JSON.stringify({ ...state, deployment: { ...state.deployment, resources } }));
    return ["--state", file];
  };
  const all = state.deployment.resources;
  const without = all.filter(({ id }) => id !== retained.Id);
  const unmarked = await told(...noGrace, "--dry-run", ...with_(without));
  const containers = (all: ReadonlyMap<string, Told>) => [...all.values()].filter(({ kind }) => kind === "container");
  expect(containers(unmarked).map(({ action }) => action)).toEqual(["remove"]);
  await told(...noGrace, ...with_([...without, { ...all.find(({ id }) => id === retained.Id), retainOnDelete: true }]));
  const marked = await told(...noGrace, ...with_(without));
  expect(containers(marked).map(({ because }) => because)).toEqual(["it was left by retainOnDelete"]);
  expect(await isThere(retained.Id)).toBe(true);
  // The mark takes nothing from its owner.
  program({ web: sleeping });
  await stack.up();
  expect(await isThere(retained.Id)).toBe(false);
}, 120_000);

test("the plugin says how: whether at all, only to tell, after how long", async () => {
  const lost = await container(labels());
  const says = async (danglingContainers: object) => {
    program({ web: sleeping }, { gc: { danglingContainers } });
    await stack.up();
  };
  await says({ enabled: false });
  expect(await gc(...noGrace)).toEqual({
    code: 0,
    out: "",
    err: expect.stringMatching(/not looked at, its gc\.dangling_containers\.enabled is false/) as string,
  });
  await says({ dryRun: true });
  expect((await told(...noGrace)).get(lost.name)?.action).toBe("remove");
  await says({ creationGrace: "5h" });
  const young = (await told()).get(lost.name);
  expect([young?.action, young?.because]).toEqual(["wait", expect.stringMatching(/goes in 5 h/)]);
  expect(await isThere(lost.id)).toBe(true);
  program({ web: sleeping });
  await stack.up();
}, 120_000);

test("--watch catches one that comes later", async () => {
  const watching = start("--watch", "--period", "1s", ...noGrace, "--json");
  await until("it has looked", () => watching.out() !== "");
  const lost = await container(labels());
  await until("it is gone", async () => !(await isThere(lost.id)));
  await until("it is told", () => watching.out().includes(`"id":"${lost.id}"`));
  expect(watching.child.exitCode).toBe(null);
  watching.child.kill("SIGINT");
  await watching.ended;
}, 60_000);

test("a stack by name, and what cannot be done, in a line", async () => {
  expect((await gc("--stack", stack.name)).err).toMatch(/: its state knows all that it has\n$/);
  const file = join(stack.dir, "nothing.json");
  writeFileSync(file, "{}");
  const cases = [
    [["--stack", "nope"], 1, /^longshore: pulumi stack export --stack nope: no stack named 'nope' found; run it in/],
    [["--state", file], 1, /^longshore: .*nothing\.json is not the state of a stack/],
    [["--state", file, "--stack", "x"], 2, /--stack or --state/],
    [
      ["--endpoint", "unix:///no/such.sock", "--json"],
      1,
      /no engine answers at unix:\/\/\/no\/such\.sock.*: not looked at\n$/,
    ],
    [["--wait"], 2, /--wait or --containers/],
    [["--period", "1m"], 2, /--period goes with --watch/],
    [["--creation-grace", "soon"], 2, /--creation-grace is "soon", which is not a length of time/],
  ] as const;
  for (const [args, code, err] of cases)
    expect(await gc(...args)).toMatchObject({ code, err: expect.stringMatching(err) as string });
  expect(readFileSync(file, "utf8")).toBe("{}");
}, 60_000);

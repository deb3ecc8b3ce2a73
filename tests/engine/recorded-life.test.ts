/** How Nomad's driver stopped, replaced and recovered containers, and bore an engine's faults, is how longshore does: the recorded cases. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { RootConstruct } from "constructs";
import { fromJobspec } from "../../constructs/jobspec";
import { Task } from "../../constructs/task";
import { connectionOf } from "../../provider/connection";
import { taskOptions } from "../../provider/options";
import { valuesOn } from "../../provider/options/folds";
import { type Recording, recordings, whyUncovered } from "../conformance/recording";
import { signal } from "../../run";
import { containersOf, engine, volumesOf } from "../support/engine";
import { type EngineFault, type EngineFront, startEngineFront } from "../support/engine-front";
import { until } from "../support/processes";
import { type Bag, type State, type Wanted, refresh, up } from "../support/small-pulumi";

/** Those about `load` are refused before, and so compared elsewhere. */
const isOfLife = (one: Recording) => whyUncovered(one) === "life cycle" && !one.name.startsWith("load-");
const isFault = (one: Recording) => whyUncovered(one) === "images" && one.name.startsWith("fault-");
const cases = recordings.filter((one) => isOfLife(one) || isFault(one));
/** Shown by the tests of what they are about. */
const elsewhere: Readonly<Record<string, string>> = {
  "dangling-reaper": "tests/engine/recorded-dangling.test.ts",
  "dangling-reaper-dry-run": "tests/engine/recorded-dangling.test.ts",
};

const images: Readonly<Record<string, string>> = {
  "busybox:1.35": "longshore/busybox:1.35",
  "local/svc:1": "longshore/pause:3.1",
  "local/app:1": "longshore/busybox:1.35",
};

let front: EngineFront;
let project: string;
beforeAll(async () => {
  // What the handlers say of the faults.
  for (const stream of ["log", "error"] as const) jest.spyOn(console, stream).mockImplementation(() => undefined);
  front = await startEngineFront();
});
beforeEach(() => {
  project = `rec-${randomUUID().slice(0, 8)}`;
  front.set();
});
afterEach(async () => {
  front.set();
  await Promise.all((await containersOf(project)).map(({ Id }) => engine.removeContainer(Id)));
  await Promise.all((await volumesOf(project)).map((name) => engine.removeVolume(name)));
});
afterAll(() => front.stop());

const recordingOf = (name: string): Recording => {
  const found = cases.find((one) => one.name === name);
  if (!found) throw new Error(`there is no recording ${name} about the life of a container`);
  return found;
};

/** The recorded job's task, `count` times; `changes` go to its job. */
async function programOf(name: string, changes: Bag = {}, count = 1): Promise<readonly Wanted[]> {
  const root = new RootConstruct();
  fromJobspec(root, recordingOf(name).jobspec);
  const [task] = root.node.findAll().filter((construct) => construct instanceof Task);
  const options: Bag = { ...valuesOn(taskOptions, "container", { ...task?.options }), ...changes };
  const image = images[options.image as string] ?? "";
  const { Id: imageId } = await engine.inspectImage(image);
  return Array.from({ length: count }, (_, index) => ({
    name: `task${index}`,
    kind: "Task",
    inputs: () => ({
      ...options,
      ...{ kind: "Task", image, imageId, plugin: { endpoint: front.endpoint } },
      key: `${project}/test/app/job/g[${index}]/web`,
      place: { job: name, group: "g", index, task: "web" },
    }),
  }));
}

/** What is done to a container, as the driver's and our calls say it: signals by number, names left out. */
const deeds = (calls: readonly string[]): readonly string[] =>
  calls
    .flatMap((call) => {
      const [, method = "", path = ""] = /(POST|DELETE) (\/containers\/[^ ]+)/.exec(call) ?? [];
      if (/\/(?:wait|archive)/.test(path)) return [];
      const [, verb] = /^\/containers\/(?:[^/]+\/)?(create|start|stop|kill)/.exec(path) ?? [];
      const query = new URL(path || "/", "http://engine").searchParams;
      if (method === "DELETE") return [`remove force=${/1|true/.test(query.get("force") ?? "")}`];
      if (verb === "stop") return [`stop t=${query.get("t")}`];
      if (verb === "kill") return [`kill ${query.get("signal")?.replace("SIGHUP", "1")}`];
      return verb === undefined ? [] : [verb];
    })
    // The driver asks a container that has ended to stop once more.
    .filter((deed, index, all) => !(deed === "stop t=0" && all[index - 1]?.startsWith("stop") === true));

const recordedDeeds = (name: string) => deeds(recordingOf(name).observed.engine_calls ?? []);
const ourDeeds = (from: number) => deeds(front.calls.slice(from).map(({ method, path }) => `${method} ${path}`));

const done = ({ error, state }: Awaited<ReturnType<typeof up>>): State => {
  if (error) throw error;
  return state;
};
const upOf = async (state: State, ...program: Parameters<typeof programOf>) =>
  done(await up(state, await programOf(...program)));

/** What a container says, to its end. */
function follow(id: string): { readonly ended: Promise<string> } {
  const child = spawn("docker", ["logs", "--follow", id], { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.on("data", (data: Buffer) => (out += data.toString()));
  return { ended: new Promise((end) => child.on("close", () => end(out.trimEnd()))) };
}

const isReady = (id: string) =>
  until("the task listens to signals", async () => (await engine.logTail(id, 1)) === "up", 20_000);

/** `up\\ngot-TERM`, as the driver's log had it. */
const recordedLog = (name: string): string => {
  const [line] = (recordingOf(name).observed.behaviour ?? []).filter((one) => one.includes("container logs"));
  return (
    /web\.stdout\.0: '(.*)'/
      .exec(line ?? "")?.[1]
      ?.replaceAll("\\\\n", "\n")
      .replaceAll("\\n", "\n") ?? ""
  );
};

const seen = new Set<string>();
afterEach(() => {
  const { currentTestName = "", testPath } = expect.getState();
  if (testPath) for (const { name } of cases) if (currentTestName.startsWith(name)) seen.add(name);
});

test.each([
  ["stop-default", recordedDeeds("stop-default")],
  ["stop-kill-timeout-1500ms", recordedDeeds("stop-kill-timeout-1500ms")],
  ["stop-kill-signal-ignored", recordedDeeds("stop-kill-signal-ignored")],
  // The driver of 1.0.4 sent SIGTERM whatever the image said; decisions.md: stopping is 1.0.18's, by the engine's own stop.
  ["v104-stop-image-stopsignal", ["create", "start", "stop t=5", "remove force=true"]],
])(
  "%s",
  async (name, wanted) => {
    const from = front.calls.length;
    const state = await upOf([], name);
    const [row] = await containersOf(project);
    await isReady(row?.Id ?? "");
    const log = follow(row?.Id ?? "");
    done(await up(state, []));
    expect(ourDeeds(from)).toEqual(wanted);
    const said = await log.ended;
    // With t=0 the engine's SIGKILL follows its SIGTERM at once: whether the shell still says so is a matter of luck.
    if (name === "stop-kill-signal-ignored") expect(said).toMatch(/^up\ngot-HUP(?:\ngot-TERM)?$/);
    else expect(said).toBe(recordedLog(name));
    expect(await containersOf(project)).toEqual([]);
  },
  60_000,
);

test("update-in-place: another kill_timeout, another count: the first container stays", async () => {
  const name = "update-in-place";
  const from = front.calls.length;
  const made = await upOf([], name);
  const [first] = await containersOf(project);
  const changed = await upOf(made, name, { killTimeout: "4s" });
  expect((await containersOf(project)).map(({ Id }) => Id)).toEqual([first?.Id]);
  await upOf(changed, name, { killTimeout: "4s" }, 2);
  const rows = await containersOf(project);
  expect(rows.length).toBe(2);
  expect(rows.map(({ Id }) => Id)).toContain(first?.Id);
  expect(ourDeeds(from)).toEqual(recordedDeeds(name));
}, 60_000);

test("update-env-replaces: the old one is stopped with its time; the new one is up before (decisions.md)", async () => {
  const name = "update-env-replaces";
  const from = front.calls.length;
  const state = await upOf([], name);
  const [first] = await containersOf(project);
  await isReady(first?.Id ?? "");
  await upOf(state, name, { env: { V: "2" } });
  const rows = await containersOf(project);
  expect(rows.map(({ State }) => State)).toEqual(["running"]);
  expect((await engine.inspectContainer(rows[0]?.Id ?? "")).Config.Env).toContain("V=2");
  const deed = ourDeeds(from);
  expect(deed.toSorted()).toEqual(recordedDeeds(name).toSorted());
  expect(deed).toEqual(["create", "start", "create", "start", "stop t=2", "remove force=true"]);
}, 60_000);

test("agent-restart-recovers-task: another process finds the same container, and has nothing to do", async () => {
  const name = "agent-restart-recovers-task";
  const from = front.calls.length;
  const state = done(await refresh(await upOf([], name)));
  const again = await up(state, await programOf(name));
  expect(again.did).toEqual([]);
  expect(ourDeeds(from)).toEqual(recordedDeeds(name));
}, 60_000);

test("external-stop: it comes up again; by the next up, and as the same container (decisions.md: no agent watches)", async () => {
  const name = "external-stop";
  const state = await upOf([], name);
  const [first] = await containersOf(project);
  await isReady(first?.Id ?? "");
  await engine.stopContainer(first?.Id ?? "", 5);
  const found = done(await refresh(state));
  expect(found.map(({ outs }) => outs.running)).toEqual([false]);
  const from = front.calls.length;
  const { did } = await up(found, await programOf(name));
  expect(did).toEqual(["update task0"]);
  expect(ourDeeds(from)).toEqual(["start"]);
  expect((await containersOf(project)).map(({ Id, State }) => [Id, State])).toEqual([[first?.Id, "running"]]);
}, 60_000);

test("signal-and-exec: the signal comes to the task, and one that there is not is refused", async () => {
  const name = "signal-and-exec";
  const from = front.calls.length;
  await upOf([], name, { restart: "no" });
  const [row] = await containersOf(project);
  await isReady(row?.Id ?? "");
  const log = follow(row?.Id ?? "");
  const on = { endpoint: front.endpoint, project };
  await expect(signal("web", "SIGNOPE", on)).rejects.toThrow(/there is no signal "SIGNOPE"/);
  await signal("web", "SIGHUP", on);
  expect(await log.ended).toBe("up\ngot-HUP");
  // The driver removes a container that has ended.
  expect([...ourDeeds(from), "remove force=true"]).toEqual(
    recordedDeeds(name).filter((deed) => !deed.startsWith("stop")),
  );
}, 60_000);

const injected = (at: RegExp, times: number, after?: true): EngineFault => ({
  at,
  times,
  what: { status: 500, body: '{"message":"injected"}', ...(after && { after }) },
});

test("fault-create-500-but-created: there is one container; the one that was made is it", async () => {
  const name = "fault-create-500-but-created";
  front.set(injected(/^POST \/containers\/create/, 1, true));
  const from = front.calls.length;
  await upOf([], name);
  expect((await containersOf(project)).map(({ State }) => State)).toEqual(["running"]);
  // The driver removes what was made and makes another; by its label's token we know it for ours.
  expect(ourDeeds(from)).toEqual(["create", "create", "start"]);
}, 60_000);

test("fault-start-500-but-started: it is asked again, and runs", async () => {
  const name = "fault-start-500-but-started";
  front.set(injected(/^POST \/containers\/[^/]+\/start/, 1, true));
  const from = front.calls.length;
  await upOf([], name);
  expect((await containersOf(project)).map(({ State }) => State)).toEqual(["running"]);
  expect(ourDeeds(from)).toEqual(recordedDeeds(name));
}, 60_000);

test("fault-start-500-always: as many tries, and nothing is left", async () => {
  const name = "fault-start-500-always";
  front.set(injected(/^POST \/containers\/[^/]+\/start/, Infinity));
  const from = front.calls.length;
  const { error } = await up([], await programOf(name));
  expect(error?.message).toMatch(/did not come up: the engine at .* failed in POST .*: injected/);
  expect(ourDeeds(from)).toEqual(recordedDeeds(name));
  expect(await containersOf(project)).toEqual([]);
  expect(await volumesOf(project)).toEqual([]);
}, 120_000);

test("plugin-endpoint-unreachable: it is said which engine, and from where its address comes", async () => {
  const { endpoint } = recordingOf("plugin-endpoint-unreachable").plugin as { endpoint: string };
  await expect(connectionOf({ endpoint }).info()).rejects.toThrow(
    /no engine answers at unix:\/\/\/nonexistent\.sock \(from the plugin option endpoint\)/,
  );
});

test("every recorded case about the life of a container is here, or where its subject is", () => {
  const names = cases.map(({ name }) => name).filter((name) => !(name in elsewhere));
  expect([...seen].toSorted()).toEqual(names.toSorted());
  process.stdout.write(
    `recorded cases about the life of containers: ${names.length} of ${cases.length} alike; elsewhere:\n` +
      Object.entries(elsewhere)
        .map(([name, where]) => `  ${name}: ${where}\n`)
        .join(""),
  );
});

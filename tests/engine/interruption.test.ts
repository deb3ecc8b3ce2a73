/** However a run is cut off, the next one leads to one container for each task, and to nothing else. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engine, containersOf, taskOf, volumesOf } from "../support/engine";
import { until, workersIn } from "../support/processes";
import { type Ran, TestStack } from "../support/stack";

const names = ["one", "two", "three"];

/** Tasks that take two seconds to become healthy: time to cut a create off. */
const groups = Object.fromEntries(
  names.map((name) => [
    name,
    {
      group: { network: { ports: { http: { to: 80 } } } },
      tasks: {
        [name]: {
          image: "longshore/health:1",
          env: { HEALTH_AFTER: "1" },
          ports: ["http"],
          healthcheck: { command: "test -f /tmp/ok", interval: "1s", retries: 50 },
          wait: { until: "healthy", timeout: "1m" },
        },
      },
    },
  ]),
);

let stack: TestStack;

beforeEach(async () => {
  stack = await new TestStack("tests/programs/from-file").init();
  writeFileSync(join(stack.dir, "tree.json"), JSON.stringify({ groups }));
}, 60_000);

afterEach(() => stack.dispose(), 120_000);

const madeSome = () => until("a container is made", async () => (await containersOf(stack.project)).length > 0);
const noWorkers = () => until("no process is left behind", () => workersIn(stack.dir).length === 0, 15_000);
const provider = () =>
  workersIn(stack.dir).filter(({ command }) => /pulumi-resource-pulumi-nodejs|dynamic-provider/.test(command));

/** One container for each task, one set of directories for each, and all is quiet. */
async function healed(): Promise<void> {
  await stack.up();
  const containers = await containersOf(stack.project);
  expect(containers.map(taskOf).sort()).toEqual([...names].sort());
  expect(containers.map(({ State }) => State)).toEqual(names.map(() => "running"));
  expect(await volumesOf(stack.project)).toHaveLength(3 * names.length);
  await stack.ok(["preview", "--refresh", "--expect-no-changes"]);
  await stack.destroy();
  expect([await containersOf(stack.project), await volumesOf(stack.project)]).toEqual([[], []]);
  await noWorkers();
}

/** A signal to a process that may have gone by itself. */
const signal = (pid: number, name: NodeJS.Signals) => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};

const cuts: Record<string, (pid: number, ended: Promise<Ran>) => Promise<void>> = {
  "kill -9 of the CLI": async (pid, ended) => {
    process.kill(pid, "SIGKILL");
    await ended;
  },
  "kill -9 of the provider": async (_, ended) => {
    for (const { pid } of provider()) process.kill(pid, "SIGKILL");
    expect((await ended).code).not.toBe(0);
  },
  "two Ctrl-C": async (pid, ended) => {
    signal(-pid, "SIGINT");
    await new Promise((next) => setTimeout(next, 300));
    signal(-pid, "SIGINT");
    await ended;
  },
  "two interrupts of the CLI alone": async (pid, ended) => {
    signal(pid, "SIGINT");
    await new Promise((next) => setTimeout(next, 300));
    signal(pid, "SIGINT");
    await ended;
  },
};

test.each(Object.keys(cuts))(
  "%s in the middle of a create",
  async (name) => {
    const { child, ended } = stack.start(["up", "--yes", "--skip-preview"]);
    await madeSome();
    await cuts[name]!(child.pid!, ended);
    await noWorkers();
    await stack.run(["cancel", "--yes"]);
    await healed();
  },
  180_000,
);

test.each([0, 1500])(
  "kill -9 of the CLI %d ms after its provider is there",
  async (ms) => {
    const { child, ended } = stack.start(["up", "--yes", "--skip-preview"]);
    await until("the provider is there", () => provider().length > 0);
    await new Promise((next) => setTimeout(next, ms));
    process.kill(child.pid!, "SIGKILL");
    await ended;
    await noWorkers();
    await stack.run(["cancel", "--yes"]);
    await healed();
  },
  180_000,
);

test("kill -9 of the CLI in the middle of a replacement, and then another program still", async () => {
  await stack.up();
  const change = (value: string) =>
    writeFileSync(
      join(stack.dir, "tree.json"),
      JSON.stringify({ groups }).replaceAll('"HEALTH_AFTER"', `"CHANGE":"${value}","HEALTH_AFTER"`),
    );
  change("first");
  const { child, ended } = stack.start(["up", "--yes", "--skip-preview"]);
  await until("a new container is made", async () => (await containersOf(stack.project)).length > names.length);
  process.kill(child.pid!, "SIGKILL");
  await ended;
  await noWorkers();
  await stack.run(["cancel", "--yes"]);
  change("second");
  await healed();
}, 180_000);

test("a lost state: refused, and when that is said, the next run takes over what runs, without a restart", async () => {
  await stack.up();
  const before = (await containersOf(stack.project)).map(({ Id }) => Id).sort();
  rmSync(stack.stateFile);
  await stack.init();
  const ids = async () => (await containersOf(stack.project)).map(({ Id }) => Id).sort();
  // It may be the state of another stack of this name that is lost to this one.
  expect((await stack.tryUp()).out).toMatch(/no run that this state knows of made.*LONGSHORE_STATE_LOST=1/s);
  expect(await ids()).toEqual(before);
  stack.env = { LONGSHORE_STATE_LOST: "1" };
  await stack.up();
  stack.env = {};
  expect(await ids()).toEqual(before);
  await healed();
}, 180_000);

test("a container removed by hand: refresh sees it, and the next run makes it again", async () => {
  await stack.up();
  const [gone] = await containersOf(stack.project);
  await engine.removeContainer(gone!.Id);
  await stack.refresh();
  const announced = await stack.preview();
  expect(announced.map(({ op, name }) => `${op} ${name.split("/").at(-1)}`)).toEqual([`create ${taskOf(gone!)}`]);
  await healed();
}, 180_000);

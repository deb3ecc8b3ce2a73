/** Ports that are given away while no container shows them: by several runs at once, and after runs that were killed. */
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectionOf } from "../../provider/connection";
import { taskHandler } from "../../provider/handlers/task";
import { keyLabel, keyOf, portsOf } from "../../provider/ownership";
import { portsInUse } from "../../provider/port-holders";
import { probePorts } from "../../provider/port-probe";
import { type Owner, release, reservationsOn, reserve } from "../../provider/port-reservations";
import { engine } from "../support/engine";
import { removeTasks, startTask } from "../support/live-task";
import { until } from "../support/processes";
import { TestStack } from "../support/stack";

afterEach(removeTasks);

const owner = (more: Partial<Owner> = {}): Owner => ({
  alloc: randomUUID(),
  key: "test-of-reservations/dev/app/job/group[0]/task",
  holdMs: 60_000,
  ...more,
});
const left = async (of: string) => (await reservationsOn(engine)).filter(({ key }) => key.startsWith(of));

test("of a hundred who want one port at the same time, one has it", async () => {
  const port = 19_999;
  const all = await Promise.all(Array.from({ length: 100 }, () => reserve(engine, { port }, owner())));
  const had = all.filter((one) => one !== undefined);
  expect(had).toHaveLength(1);
  for (const one of had) await release(engine, one);
  expect(await left("test-of-reservations/")).toEqual([]);
});

test("who has not reserved a port cannot give it back", async () => {
  const mine = await reserve(engine, { port: 19_998 }, owner());
  if (!mine) throw new Error("nobody had it before");
  await release(engine, { ...mine, alloc: "another" });
  expect(await left("test-of-reservations/")).toHaveLength(1);
  await release(engine, mine);
});

test("what a killed run left of the same task goes with its next start; of others, when its time is over", async () => {
  const key = `killed-${randomUUID().slice(0, 8)}/dev/app/job/group[0]/task`;
  await reserve(engine, { port: 19_990 }, owner({ key, holdMs: 0 }));
  await reserve(engine, { port: 19_991 }, owner({ key }));
  // Whoever claims a port next looks through them.
  await startTask({ ports: ["http"] }, { network: { ports: { http: { to: 80 } } } });
  await until("the one that is over is gone", async () => (await left(key)).length === 1);
  expect((await left(key)).map(({ port }) => port)).toEqual([19_991]);
  for (const one of await left(key)) await release(engine, one);
});

test("a port that a stopped task was given is nobody else's, and none is reserved any more", async () => {
  const task = await startTask({ ports: ["http"] }, { network: { ports: { http: { to: 80 } } } });
  await engine.stopContainer(task.id, 0);
  const view = await connectionOf({}).portView();
  expect(portsInUse(view).has(task.outs.hostPorts.http?.value ?? 0)).toBe(true);
  expect(await left(task.outs.key)).toEqual([]);
});

test("an engine elsewhere is asked by a container without a program whether it can publish a port", async () => {
  const taken = await startTask({ ports: ["http"] }, { network: { ports: { http: { to: 80 } } } });
  const { http } = taken.outs.hostPorts;
  if (!http) throw new Error("no port");
  const now = await connectionOf({}).now();
  expect(await probePorts(engine, { http }, randomUUID(), now)).toBeInstanceOf(Error);
  await taken.remove();
  expect(await probePorts(engine, { http }, randomUUID(), now)).toBeUndefined();
  expect(await engine.listContainers(["longshore.port_probe"])).toEqual([]);
});

const labels = Array.from({ length: 10 }, (_, index) => `p${index}`);
const task = (ports: readonly string[]) => ({
  ...{ image: "longshore/busybox:1.35", command: "sleep", args: ["3000"], killSignal: "SIGKILL", ports },
});

describe("four runs of different stacks at the same time", () => {
  const stacks = Array.from({ length: 4 }, () => new TestStack("tests/programs/from-file"));
  const project = (key: string | undefined) => stacks.some((stack) => key?.startsWith(`${stack.project}/`));
  beforeAll(async () => {
    const ports = Object.fromEntries(labels.map((label) => [label, {}]));
    const group = { group: { network: { ports } }, tasks: { web: task(labels.slice(0, 3)) } };
    // In one of five, two tasks share the allocation, which then keeps its ports reserved.
    const shared = { ...group, tasks: { web: task(labels.slice(0, 2)), db: task(labels.slice(2, 4)) } };
    const tree = { groups: { a: group, b: group, c: group, d: group, e: shared } };
    for (const stack of stacks) {
      await stack.init();
      writeFileSync(join(stack.dir, "tree.json"), JSON.stringify(tree));
    }
  }, 120_000);
  afterAll(() => Promise.all(stacks.map((stack) => stack.dispose())), 240_000);

  test("200 dynamic ports: none twice, no run fails, and afterwards only what has no container is reserved", async () => {
    await Promise.all(stacks.map((stack) => stack.up()));
    const rows = (await engine.listContainers([keyLabel])).filter((row) => project(keyOf(row)));
    expect(rows).toHaveLength(4 * 6);
    const given = new Map(
      rows.flatMap((row) =>
        Object.entries(portsOf(row)).map(
          ([label, { value }]) => [`${row.Labels["longshore.alloc_id"]} ${label}`, value] as const,
        ),
      ),
    );
    expect(given.size).toBe(200);
    expect(new Set(given.values()).size).toBe(200);
    const reserved = (await reservationsOn(engine)).filter(({ key }) => project(key));
    expect(reserved).toHaveLength(4 * 10);
    for (const stack of stacks) await stack.up("--expect-no-changes");
    await Promise.all(stacks.map((stack) => stack.destroy()));
    expect((await reservationsOn(engine)).filter(({ key }) => project(key))).toEqual([]);
  }, 600_000);
});

describe("a run that is killed while it has ports reserved", () => {
  const stack = new TestStack("tests/programs/from-file");
  beforeAll(() => stack.init());
  afterAll(() => stack.dispose(), 120_000);
  test("leaves nothing that the next one does not give back", async () => {
    const ports = Object.fromEntries(labels.map((label) => [label, {}]));
    const group = { group: { network: { ports } }, tasks: { web: task(labels) } };
    writeFileSync(join(stack.dir, "tree.json"), JSON.stringify({ groups: { a: group, b: group } }));
    const { child, ended } = stack.start(["up", "--yes", "--skip-preview"]);
    await until("it has reserved some", async () => (await left(`${stack.project}/`)).length > 0, 60_000);
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    await ended;
    await stack.run(["cancel", "--yes"]);
    await stack.up();
    await until("all are given back", async () => (await left(`${stack.project}/`)).length === 0);
    await stack.up("--expect-no-changes");
  }, 240_000);
});

test("a handler that fails gives back what it reserved", async () => {
  await expect(
    startTask({ ports: ["http"], command: "/no/such/program" }, { network: { ports: { http: {} } } }),
  ).rejects.toThrow(/did not come up/);
  expect((await reservationsOn(engine)).filter(({ key }) => key.startsWith("live-"))).toEqual([]);
  expect(taskHandler).toBeDefined();
});

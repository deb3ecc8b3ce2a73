/** A replacement starts the new container before the old one stops, unless both want the same port for themselves. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { containersOf, inspectAll } from "../support/engine";
import { TestStack } from "../support/stack";

let stack: TestStack;
beforeEach(async () => {
  stack = await new TestStack("tests/programs/from-file").init();
}, 60_000);
afterEach(() => stack.dispose(), 60_000);

const write = (network: object, options: object) =>
  writeFileSync(
    join(stack.dir, "tree.json"),
    JSON.stringify({
      groups: {
        web: { group: { network }, tasks: { web: { image: "longshore/pause:3.1", ports: ["http"], ...options } } },
      },
    }),
  );

/** Starts and ends of the stack's containers, as the engine logged them. */
const logged = (since: number): readonly string[] =>
  execFileSync("docker", [
    ...["events", "--since", String(since), "--until", String(Math.ceil(Date.now() / 1000))],
    ...["--filter", "type=container", "--filter", "event=start", "--filter", "event=die"],
    ...["--format", '{{.Status}} {{.ID}} {{index .Actor.Attributes "longshore.key"}}'],
  ])
    .toString()
    .split("\n")
    .filter((line) => line.includes(`${stack.project}/`))
    .map((line) => line.split(" ").slice(0, 2).join(" "));

const now = () => Date.now() / 1000;

test.each([
  ["a dynamic port: the new one first", { ports: { http: { to: 80 } } }, "start new, die old"],
  ["a static port: the old one first", { ports: { http: { static: 18_743, to: 80 } } }, "die old, start new"],
])(
  "%s",
  async (_, network, order) => {
    write(network, {});
    await stack.up();
    const [old] = await containersOf(stack.project);
    write(network, { env: { CHANGED: "1" } });
    const since = now();
    await stack.up();
    const [live] = await containersOf(stack.project);
    expect(live?.Id).not.toBe(old?.Id);
    const names = new Map([
      [old?.Id, "old"],
      [live?.Id, "new"],
    ]);
    const seen = logged(since).map((line) => line.replace(/ (\w+)$/, (_text, id: string) => ` ${names.get(id) ?? id}`));
    expect(seen.join(", ")).toBe(order);
  },
  120_000,
);

test("a limit is changed on the live container, which keeps its port and its process", async () => {
  const network = { ports: { http: { to: 80 } } };
  write(network, { memory: 64, cpu: 100 });
  await stack.up();
  const [before] = await inspectAll(stack.project);
  write(network, { memory: 96, memoryHardLimit: 128, cpu: 200, pidsLimit: 50 });
  await stack.up();
  const [after] = await inspectAll(stack.project);
  const mib = 1024 * 1024;
  expect(after?.Id).toBe(before?.Id);
  expect(after?.HostConfig).toMatchObject({
    CpuShares: 200,
    Memory: 128 * mib,
    MemorySwap: 128 * mib,
    MemoryReservation: 96 * mib,
    PidsLimit: 50,
    PortBindings: before?.HostConfig.PortBindings,
  });
}, 120_000);

test("a limit that was changed by hand: refresh names it, and the next up puts it back", async () => {
  const network = { ports: { http: { to: 80 } } };
  write(network, { memory: 64 });
  await stack.up();
  const [container] = await containersOf(stack.project);
  execFileSync("docker", ["update", "--memory", "80m", "--memory-swap", "80m", container?.Id ?? ""]);
  const announced = await stack.ok(["preview", "--refresh"]);
  expect(announced).toMatch(/Task job\/web\[0\]\/web update \[diff: ~memory\]/);
  await stack.up("--refresh");
  expect((await inspectAll(stack.project))[0]?.HostConfig.Memory).toBe(64 * 1024 * 1024);
  await stack.ok(["preview", "--refresh", "--expect-no-changes"]);
}, 120_000);

test("a container that was stopped by hand is started again by the next up after a refresh", async () => {
  write({ ports: { http: { to: 80 } } }, {});
  await stack.up();
  const [container] = await containersOf(stack.project);
  execFileSync("docker", ["stop", "-t", "1", container?.Id ?? ""]);
  await stack.up("--refresh");
  const [after] = await containersOf(stack.project);
  expect([after?.Id, after?.State]).toEqual([container?.Id, "running"]);
  await stack.ok(["preview", "--refresh", "--expect-no-changes"]);
}, 120_000);

test("a limit of a group's task that is known only later: a preview fears no replacement, and up makes none", async () => {
  const options = { image: "longshore/pause:3.1", killSignal: "SIGKILL" };
  const tasks = (later: unknown) => ({
    one: { ...options, memory: { $later: 64 }, env: { A: { $later: later } } },
    two: { ...options, volumes: ["../alloc/data:/data"] },
  });
  const writeTree = (later: string) =>
    writeFileSync(join(stack.dir, "tree.json"), JSON.stringify({ groups: { pair: { tasks: tasks(later) } } }));
  writeTree("x");
  await stack.up();
  const ids = async () => (await containersOf(stack.project)).map(({ Id }) => Id).sort();
  const before = await ids();
  const two = (await stack.preview()).filter(({ name }) => name.endsWith("/two"));
  // The variable may turn out to be another one, and takes the allocation with it; of the shared directories nothing is feared.
  expect(two.flatMap(({ changed }) => changed)).not.toContain("sharedDirs");
  await stack.up("--expect-no-changes");
  expect(await ids()).toEqual(before);

  const limitOnly = { groups: { pair: { tasks: { one: { ...options, memory: { $later: 64 } }, two: options } } } };
  writeFileSync(join(stack.dir, "tree.json"), JSON.stringify(limitOnly));
  await stack.up();
  expect((await stack.preview()).map(({ type, op }) => `${op} ${type}`)).toEqual(["update Task"]);
}, 180_000);

test("a group that runs more or less often, or is written in another order, keeps the containers that stay", async () => {
  const pause = { image: "longshore/pause:3.1" };
  const plugin = { infraImage: "longshore/pause:3.1" };
  const announced = async (count: number, ...names: readonly string[]) => {
    const groups = {
      alone: { group: { count }, tasks: { web: pause } },
      bridge: { group: { count, network: { mode: "bridge" } }, tasks: { web: pause } },
      pair: { tasks: Object.fromEntries(names.map((name) => [name, pause])) },
    };
    writeFileSync(join(stack.dir, "tree.json"), JSON.stringify({ plugin, groups }));
    const all = await stack.preview();
    await stack.up();
    return all.map(({ op, name }) => `${op} ${name}`).sort();
  };
  const ids = async () => (await containersOf(stack.project)).map(({ Id }) => Id).sort();

  await announced(1, "one", "two");
  const before = await ids();
  const second = ["job/alone[1]/web", "job/bridge[1]", "job/bridge[1]/web"];
  expect(await announced(2, "two", "one")).toEqual(second.map((name) => `create ${name}`));
  expect(await ids()).toEqual(expect.arrayContaining(before));
  expect(await announced(1, "one", "two")).toEqual(second.map((name) => `delete ${name}`));
  expect(await ids()).toEqual(before);
  await stack.up("--expect-no-changes");
}, 180_000);

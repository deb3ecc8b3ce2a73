/** Containers that somebody else made, and a stack takes over. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ps } from "../../run";
import { containersOf, engine } from "../support/engine";
import { docker } from "../support/image-use";
import { TestStack } from "../support/stack";

let stack: TestStack;
let name: string;
beforeEach(async () => {
  stack = await new TestStack("tests/programs/from-file").init();
  name = `adopted-${stack.project}`;
}, 60_000);
afterEach(async () => {
  await stack.dispose();
  if (await engine.tryInspectContainer(name)) docker("rm", "-fv", name);
}, 60_000);

const image = "longshore/busybox:1.35";
const run = (...options: readonly string[]) =>
  docker(
    "run",
    "-d",
    "--name",
    name,
    "-p",
    "127.0.0.1:18746:80",
    "-e",
    "MODE=fast",
    ...options,
    image,
    "sleep",
    "3000",
  );
const task = (more: object = {}) => ({
  ...{ image, command: "sleep", args: ["3000"], ports: ["http"], env: { MODE: "fast" }, killSignal: "SIGKILL" },
  adopt: name,
  ...more,
});
const write = (web: object, group: object = {}) =>
  writeFileSync(
    join(stack.dir, "tree.json"),
    JSON.stringify({
      groups: { g: { group: { network: { ports: { http: { static: 18_746, to: 80 } } }, ...group }, tasks: { web } } },
    }),
  );
const fails = async () => {
  const { code, out } = await stack.tryUp();
  expect(code).not.toBe(0);
  return out;
};
const live = () => engine.inspectContainer(name);

test("one that is as the options ask runs on, with the limits that they ask; from then on it is the stack's own", async () => {
  run();
  const before = await live();
  write(task({ memory: 64 }));
  await stack.up();
  const after = await live();
  expect([after.Id, after.State.StartedAt]).toEqual([before.Id, before.State.StartedAt]);
  const tasks = await ps({ project: stack.project });
  expect(tasks.map(({ container }) => container)).toEqual([before.Id]);
  expect(after.HostConfig.Memory).toBe(64 * 1024 * 1024);
  expect(stack.state).toContain(before.Id);
  expect(await containersOf(stack.project)).toEqual([]);
  await stack.up("--expect-no-changes");
  await stack.refresh("--expect-no-changes");
  await stack.up("--expect-no-changes");

  // Any other change is a new container, and the old one goes.
  write(task({ memory: 64, env: { MODE: "slow" } }));
  await stack.up();
  expect(await engine.tryInspectContainer(before.Id)).toBeUndefined();
  expect((await containersOf(stack.project)).map(({ State }) => State)).toEqual(["running"]);
  await stack.up("--expect-no-changes");
  await stack.destroy();
  expect(await containersOf(stack.project)).toEqual([]);
}, 240_000);

test("a destroy stops and removes it, by its id", async () => {
  run();
  write(task());
  await stack.up();
  await stack.destroy();
  expect(await engine.tryInspectContainer(name)).toBeUndefined();
}, 120_000);

test("a state that was lost takes it over again", async () => {
  run();
  write(task());
  await stack.up();
  await stack.run(["state", "delete", "--all", "--yes"]);
  const before = await live();
  await stack.up();
  expect((await live()).State.StartedAt).toBe(before.State.StartedAt);
  await stack.up("--expect-no-changes");
}, 120_000);

test("one that is otherwise is left alone, and the error says in what, without values of the environment", async () => {
  run("--read-only", "-v", "/tmp:/data", "-e", "PASSWORD=hunter2", "-p", "127.0.0.1:18747:9000", "--restart", "always");
  const before = await live();
  write(task({ args: ["4000"], labels: { team: "web" } }));
  const out = await fails();
  for (const difference of [
    "ports: it publishes 9000, which no label does",
    "env (PASSWORD)",
    "labels (team)",
    "mounts (/data)",
    "readonly_rootfs: it has true, asked for is nothing",
    /\n\s+command, args\n/,
  ])
    expect(out).toMatch(difference);
  expect(out).not.toContain("hunter2");
  expect(out).not.toContain("restart");
  expect(await live()).toEqual({ ...before, NetworkSettings: expect.anything() as unknown });
  expect(await containersOf(stack.project)).toEqual([]);
}, 120_000);

test.each([
  ["is not there", () => undefined, "and the engine has no such container"],
  ["does not run", () => docker("stop", "-t", "0", (run(), name)), "which does not run; start it"],
])(
  "one that %s is refused in the preview",
  async (_, make, reason) => {
    make();
    write(task());
    const { code, out } = await stack.run(["preview"]);
    expect(code).not.toBe(0);
    expect(out).toContain(`adopt is "${name}", ${reason}`);
  },
  60_000,
);

test("one of another stack stays that one's", async () => {
  const other = await new TestStack("tests/programs/from-file").init();
  try {
    writeFileSync(
      join(other.dir, "tree.json"),
      JSON.stringify({ groups: { g: { tasks: { web: { image, command: "sleep", args: ["3000"] } } } } }),
    );
    await other.up();
    const [theirs] = await containersOf(other.project);
    write({ ...task(), adopt: theirs?.Id.slice(0, 12) });
    expect(await fails()).toContain(`which is a container of ${other.project}/test/app/job/g[0]/web`);
  } finally {
    await other.dispose();
  }
}, 120_000);

test("for a group of several, and beside other tasks, it is refused", async () => {
  run();
  write(task(), { count: 2, network: {} });
  expect(await fails()).toMatch(/adopt is .*, which one container can have, and the group's count is 2/);
}, 60_000);

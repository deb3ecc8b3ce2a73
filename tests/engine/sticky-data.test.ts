/** `ephemeral_disk { sticky }`: what an allocation has in alloc/data, and its tasks in local, the next one has. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { keptForLabel, keptLabel } from "../../provider/kept-dirs";
import { containersOf, engine, taskOf } from "../support/engine";
import { TestStack } from "../support/stack";

let stack: TestStack;
beforeEach(async () => {
  stack = await new TestStack("tests/programs/from-file").init();
}, 60_000);
afterEach(() => stack.dispose(), 120_000);

const image = "longshore/busybox:1.35";
const task = (more: object = {}) => ({ image, command: "sleep", args: ["3000"], killSignal: "SIGKILL", ...more });
const sticky = { ephemeralDisk: { sticky: true } };
const write = (group: object, tasks: Readonly<Record<string, object>>) =>
  writeFileSync(
    join(stack.dir, "tree.json"),
    JSON.stringify({ plugin: { infraImage: "longshore/pause:3.1" }, groups: { g: { group, tasks } } }),
  );

const idOf = async (name: string): Promise<string> => {
  const rows = (await containersOf(stack.project)).filter((row) => taskOf(row) === name);
  expect(rows).toHaveLength(1);
  return rows[0]?.Id ?? "";
};
const sh = async (name: string, script: string): Promise<string> =>
  execFileSync("docker", ["exec", await idOf(name), "sh", "-c", script])
    .toString()
    .trim();
const keptVolumes = async () =>
  (await engine.listVolumes([keptLabel])).filter(({ Labels }) => Labels?.[keptLabel]?.startsWith(`${stack.project}/`));

const put = async (name: string) =>
  sh(
    name,
    "echo kept > /alloc/data/file; mkdir -m 700 /local/own; echo mine > /local/own/file; echo gone > /alloc/tmp/file",
  );
const look = (name: string) =>
  sh(name, "cat /alloc/data/file /local/own/file; stat -c %a /local/own; ls /alloc/tmp /alloc/data /local");
const all = "kept\nmine\n700\n/alloc/data:\nfile\n\n/alloc/tmp:\n\n/local:\nown";

test("a task alone: over two replacements, a failed one, and a new name of the stack; gone with the task", async () => {
  write(sticky, { web: task() });
  await stack.up();
  await put("web");
  write(sticky, { web: task({ env: { CHANGED: "1" } }) });
  await stack.up();
  expect(await look("web")).toBe(all);

  // The old one, which had stopped, is started again.
  const before = await idOf("web");
  write(sticky, { web: task({ command: "/nosuch", args: [] }) });
  expect((await stack.tryUp()).out).toMatch(/was started again/);
  expect(await idOf("web")).toBe(before);
  expect(await look("web")).toBe(all);

  await stack.ok(["stack", "rename", "moved"]);
  Object.assign(stack, { name: "moved" });
  write(sticky, { web: task({ env: { CHANGED: "2" } }) });
  await stack.up();
  expect(await look("web")).toBe(all);
  await stack.ok(["preview", "--refresh", "--expect-no-changes"]);

  await stack.destroy();
  expect(await keptVolumes()).toEqual([]);
}, 240_000);

test.each([
  ["a group of two", {}],
  [
    "a group with a network and a static port, which is deleted before it is replaced",
    {
      network: { mode: "bridge", ports: { http: { static: 18_751, to: 80 } } },
    },
  ],
])(
  "%s",
  async (_, group) => {
    write({ ...sticky, ...group }, { one: task(), two: task() });
    await stack.up();
    await put("one");
    expect(await sh("two", "cat /alloc/data/file")).toBe("kept");
    write({ ...sticky, ...group }, { one: task({ env: { CHANGED: "1" } }), two: task() });
    await stack.up();
    expect(await look("one")).toBe(all);
    expect(await sh("two", "cat /alloc/data/file")).toBe("kept");
    await stack.destroy();
    expect(await keptVolumes()).toEqual([]);
  },
  180_000,
);

test("without it the next allocation begins with nothing; taking it out takes the data along", async () => {
  write(sticky, { web: task() });
  await stack.up();
  await put("web");
  write({}, { web: task() });
  await stack.up();
  expect(await sh("web", "ls /alloc/data /local")).toBe("/alloc/data:\n\n/local:");
  expect(await keptVolumes()).toEqual([]);
}, 120_000);

test("a task that takes another's place in its group has what was the group's, and not what was the task's own", async () => {
  write(sticky, { web: task() });
  await stack.up();
  await put("web");
  write(sticky, { other: task() });
  await stack.up();
  // What is the group's stays for the task that follows; what was the task's own does not.
  expect(await sh("other", "cat /alloc/data/file; ls /local")).toBe("kept");
  const owners = (await keptVolumes()).map(({ Labels }) => Labels?.[keptForLabel]?.split("/").at(-1));
  expect(owners.toSorted()).toEqual(["g[0]", "other"]);
}, 120_000);

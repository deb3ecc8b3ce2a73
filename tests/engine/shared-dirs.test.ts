/** Directories that tasks of a group share, and what an operator says of all of them, as Pulumi sees it. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { containersOf, taskOf, volumesOf } from "../support/engine";
import { TestStack } from "../support/stack";

const image = "longshore/busybox:1.35";
const sleeping = { image, command: "sleep", args: ["3000"], killSignal: "SIGKILL" };
let stack: TestStack;
const write = (tasks: object, plugin: object = {}) =>
  writeFileSync(join(stack.dir, "tree.json"), JSON.stringify({ plugin, groups: { web: { tasks } } }));
const later = (value: unknown) => ({ $output: value });

const sh = async (task: string, script: string): Promise<string> => {
  const row = (await containersOf(stack.project)).find((container) => taskOf(container) === task);
  return execFileSync("docker", ["exec", row?.Id ?? "", "/bin/sh", "-c", script], { encoding: "utf8" }).trim();
};

beforeAll(async () => {
  stack = await new TestStack("tests/programs/from-file").init();
}, 60_000);
afterAll(() => stack.dispose(), 60_000);

const two = (volumes: unknown) => ({ one: { ...sleeping, volumes }, two: sleeping });

test.each([
  ["in the program", ["../alloc/data:/data"]],
  ["in the output of another resource", later(["../alloc/data/deep:/data", "../alloc/data:/all"])],
])(
  "what one task mounts of alloc, said %s, is what the others see there",
  async (_, volumes) => {
    write(two(volumes));
    await stack.up();
    await sh("one", "echo one > /data/a");
    expect(await sh("two", "cat $(find /alloc -name a); echo two > /alloc/data/b")).toBe("one");
    expect(await sh("one", "cat /alloc/data/b")).toBe("two");
    await stack.ok(["preview", "--expect-no-changes"]);
    await stack.refresh("--expect-no-changes");
  },
  120_000,
);

test("the operator's label is shown as the tasks' own, and replaces their containers", async () => {
  write(two(["local/x:/x"]));
  await stack.up();
  write(two(["local/x:/x"]), { volumes: { selinuxlabel: "z" } });
  const tasks = (await stack.preview()).filter(({ type }) => type === "Task");
  expect(tasks.map(({ op }) => op)).toEqual(["replace", "replace"]);
  for (const { changed } of tasks) expect(changed).toContain("selinuxlabel");
  await stack.up();
  await sh("one", "touch /x/a /local/x/b /alloc/data/c");
  expect(await sh("two", "ls /alloc/data")).toBe("c");
  await stack.ok(["preview", "--expect-no-changes"]);
}, 120_000);

test("a path of the host is refused where only an output says it", async () => {
  for (const [tasks, reason] of [
    [two(later(["/etc:/x"])), /volumes has "\/etc:\/x": "\/etc" is a path of the engine's host/],
    [two([later("../../../etc:/x")]), /volumes has "\.\.\/\.\.\/\.\.\/etc:\/x": .* leads out of the task's directory/],
    [
      { one: { ...sleeping, mount: [{ type: later("bind"), source: later("/etc"), target: "/x" }] } },
      /mount cannot have the mount at "\/x": "\/etc" is a path of the engine's host/,
    ],
    [
      {
        one: {
          ...sleeping,
          mount: [{ target: "/x", volumeOptions: later({ driverConfig: { options: { o: "bind" } } }) }],
        },
      },
      /mount cannot have the mount at "\/x": it mounts a volume, and volumes are not enabled/,
    ],
  ] as const) {
    write(tasks);
    const { code, out } = await stack.run(["preview"]);
    expect(code).not.toBe(0);
    expect(out).toMatch(reason);
  }
}, 120_000);

test("nothing is left", async () => {
  await stack.destroy();
  expect([await containersOf(stack.project), await volumesOf(stack.project)]).toEqual([[], []]);
}, 60_000);

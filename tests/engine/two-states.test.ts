/** Stacks of one name: of two backends, or after a rename. What one state's runs made is nobody else's to take or to end. */
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { containersOf, inspectAll } from "../support/engine";
import { TestStack } from "../support/stack";

const image = "longshore/pause:3.1";
const programs = {
  "a task alone": { web: { tasks: { web: { image } } } },
  "a group of two": { web: { tasks: { one: { image }, two: { image } } } },
  "a group with a network": {
    web: { group: { network: { mode: "bridge", ports: { http: { to: 80 } } } }, tasks: { one: { image } } },
  },
};
const write = ({ dir }: TestStack, groups: object) =>
  writeFileSync(join(dir, "tree.json"), JSON.stringify({ plugin: { infraImage: image }, groups }));

/** Another backend, with a stack of the same name. */
async function twinOf(stack: TestStack): Promise<TestStack> {
  const twin = Object.assign(new TestStack("tests/programs/from-file"), { project: stack.project });
  cpSync(join(stack.dir, "Pulumi.yaml"), join(twin.dir, "Pulumi.yaml"));
  return twin.init();
}

let stack: TestStack;
beforeEach(async () => {
  stack = await new TestStack("tests/programs/from-file").init();
}, 60_000);
afterEach(() => stack.dispose(), 120_000);

const facts = async () =>
  (await inspectAll(stack.project)).map(({ Id, State }) => [Id, State.StartedAt, State.Running]).toSorted();
const refusal = /runs on this engine already, in container [0-9a-f]{12}, which no run that this state knows of made/;

test.each(Object.entries(programs))(
  "%s: a stack of the same name in another backend is refused, and takes nothing with it",
  async (_, groups) => {
    write(stack, groups);
    await stack.up();
    const before = await facts();
    const twin = await twinOf(stack);
    try {
      write(twin, groups);
      const previewed = await twin.run(["preview"]);
      expect(previewed.code).not.toBe(0);
      expect(previewed.out).toMatch(refusal);
      const tried = await twin.tryUp();
      expect(tried.code).not.toBe(0);
      expect(tried.out).toMatch(refusal);
      await twin.destroy();
      expect(await facts()).toEqual(before);
      await stack.ok(["preview", "--refresh", "--expect-no-changes"]);
    } finally {
      await twin.dispose();
    }
    expect(await facts()).toEqual(before);
  },
  180_000,
);

test("a stack that is renamed keeps its containers, and a new one of its old name is refused them", async () => {
  write(stack, programs["a task alone"]);
  await stack.up();
  const before = await facts();
  await stack.ok(["stack", "rename", "moved"]);
  const moved = Object.assign(stack, { name: "moved" });
  await moved.up();
  expect(await facts()).toEqual(before);
  await moved.ok(["preview", "--refresh", "--expect-no-changes"]);

  const twin = await twinOf(Object.assign(Object.create(stack) as TestStack, { name: "test" }));
  try {
    write(twin, programs["a task alone"]);
    expect((await twin.tryUp()).out).toMatch(refusal);
    expect(await facts()).toEqual(before);
    // The next container of the renamed one bears its new name, and the old name is free.
    write(moved, { web: { tasks: { web: { image, env: { CHANGED: "1" } } } } });
    await moved.up();
    await twin.up();
    expect(await containersOf(stack.project)).toHaveLength(2);
    await twin.ok(["preview", "--refresh", "--expect-no-changes"]);
    await moved.ok(["preview", "--refresh", "--expect-no-changes"]);
  } finally {
    await twin.dispose();
  }
  expect(await containersOf(stack.project)).toHaveLength(1);
}, 240_000);

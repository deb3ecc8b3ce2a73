/** The rule of pulling, against a real registry: what is asked for, and when. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { engine, inspectAll } from "../support/engine";
import { type Registry, startRegistry } from "../support/registry";
import { TestStack } from "../support/stack";

let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry();
}, 120_000);
afterAll(() => registry.stop(), 60_000);

const stacks: TestStack[] = [];
afterEach(async () => {
  for (const stack of stacks.splice(0)) await stack.dispose();
}, 60_000);

/** Runs one task of an image in a stack of its own, and tells which content of the image runs. */
async function contentOf(options: object): Promise<string | undefined> {
  const stack = await new TestStack("tests/programs/from-file").init();
  stacks.push(stack);
  writeFileSync(join(stack.dir, "tree.json"), JSON.stringify({ groups: { web: { tasks: { web: options } } } }));
  await stack.up();
  const [container] = await inspectAll(stack.project);
  return container?.Config.Labels.content;
}

test("a fixed tag is pulled when the engine has no such image, and then not asked for again", async () => {
  const image = `${registry.host}/rule/fixed:1`;
  await registry.push("rule/fixed", "1", "old");
  expect(await contentOf({ image })).toBe("old");
  await registry.push("rule/fixed", "1", "new");
  expect(await contentOf({ image })).toBe("old");
}, 120_000);

test.each(["", ":latest"])(
  "the tag %p is asked for, whatever the engine has",
  async (tag) => {
    const image = `${registry.host}/rule/moving${tag}`;
    await registry.push("rule/moving", "latest", "old");
    expect(await contentOf({ image })).toBe("old");
    await registry.push("rule/moving", "latest", "new");
    expect(await contentOf({ image })).toBe("new");
  },
  120_000,
);

test("force_pull asks for a fixed tag too, and https:// is taken off", async () => {
  const image = `https://${registry.host}/rule/forced:1`;
  await registry.push("rule/forced", "1", "old");
  expect(await contentOf({ image })).toBe("old");
  await registry.push("rule/forced", "1", "new");
  expect(await contentOf({ image, forcePull: true })).toBe("new");
}, 120_000);

test("several tasks of one image pull once", async () => {
  const image = `${registry.host}/rule/shared:latest`;
  await registry.push("rule/shared", "latest", "one");
  const stack = await new TestStack("tests/programs/from-file").init();
  stacks.push(stack);
  const groups = Object.fromEntries(
    ["a", "b", "c"].map((name) => [name, { group: { count: 2 }, tasks: { [name]: { image } } }]),
  );
  writeFileSync(join(stack.dir, "tree.json"), JSON.stringify({ groups }));
  const before = registry.pulls();
  await stack.up();
  expect(await inspectAll(stack.project)).toHaveLength(6);
  expect(registry.pulls() - before).toBe(1);
}, 120_000);

test("an image that changed its name on the engine meanwhile: what the preview showed is what runs", async () => {
  const image = `${registry.host}/rule/renamed:1`;
  await registry.push("rule/renamed", "1", "shown");
  const stack = await new TestStack("tests/programs/from-file").init();
  stacks.push(stack);
  const write = (count: number) =>
    writeFileSync(
      join(stack.dir, "tree.json"),
      JSON.stringify({ groups: { web: { group: { count }, tasks: { web: { image } } } } }),
    );
  write(1);
  await stack.up();
  await registry.push("rule/renamed", "1", "another");
  await engine.pullImage(
    { fromImage: `${registry.host}/rule/renamed`, tag: "1" },
    { timeoutMs: 60_000, silenceMs: 60_000 },
  );
  write(2);
  await stack.up();
  expect((await inspectAll(stack.project)).map(({ Config }) => Config.Labels.content)).toEqual(["shown", "shown"]);
}, 120_000);

/** What Pulumi itself can ask of a resource holds for longshore's: protect, retainOnDelete, deletedWith, aliases, plans, targets. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { containersOf, engine, inspectAll, taskOf } from "../support/engine";
import { TestStack } from "../support/stack";

let stack: TestStack;
beforeEach(async () => {
  stack = await new TestStack("tests/programs/resource-options").init();
}, 60_000);
afterEach(async () => {
  write({});
  await stack.run(["state", "unprotect", "--all", "--yes"]);
  await stack.dispose();
  await Promise.all((await containersOf(stack.project)).map(({ Id }) => engine.removeContainer(Id)));
}, 120_000);

const write = (options: object) => writeFileSync(join(stack.dir, "options.json"), JSON.stringify(options));
const facts = async () =>
  (await inspectAll(stack.project)).map(({ Id, State }) => [Id, State.StartedAt, State.Running]).toSorted();

test("protect: a destroy and a replacement are refused, and the container runs on", async () => {
  write({ all: { protect: true } });
  await stack.up();
  const before = await facts();
  expect((await stack.run(["destroy", "--yes", "--skip-preview"])).code).not.toBe(0);
  write({ all: { protect: true }, env: { CHANGED: "1" } });
  expect((await stack.tryUp()).code).not.toBe(0);
  expect(await facts()).toEqual(before);
}, 120_000);

test("retainOnDelete: a task that goes leaves its container running; one of its name takes it over as it is", async () => {
  write({ all: { retainOnDelete: true } });
  await stack.up();
  const before = await facts();
  write({ all: { retainOnDelete: true }, tasks: ["other"] });
  await stack.up();
  expect(await facts()).toEqual(expect.arrayContaining(before));
  write({ tasks: ["other", "web"] });
  await stack.up();
  expect(await facts()).toEqual(expect.arrayContaining(before));
  expect((await containersOf(stack.project)).map(taskOf).toSorted()).toEqual(["other", "web"]);
  await stack.ok(["preview", "--refresh", "--expect-no-changes"]);
  await stack.destroy();
  expect(await containersOf(stack.project)).toEqual([]);
}, 180_000);

test("deletedWith: what goes with something else is forgotten without a word to the engine", async () => {
  write({ goesWithHost: true });
  await stack.up();
  const before = await facts();
  await stack.destroy();
  expect(await facts()).toEqual(before);
}, 120_000);

test("aliases: an app under another name keeps its containers", async () => {
  write({});
  await stack.up();
  const before = await facts();
  write({ app: "moved", was: "app" });
  await stack.up();
  expect(await facts()).toEqual(before);
  await stack.ok(["preview", "--refresh", "--expect-no-changes"]);
  write({ app: "moved", was: "app", env: { CHANGED: "1" } });
  await stack.up();
  expect(await containersOf(stack.project)).toHaveLength(1);
  await stack.destroy();
  expect(await containersOf(stack.project)).toEqual([]);
}, 180_000);

test("a saved plan: what it says is done, and what it does not say is not", async () => {
  stack.env = { PULUMI_EXPERIMENTAL: "true" };
  const plan = join(stack.dir, "plan.json");
  write({});
  await stack.ok(["preview", "--save-plan", plan]);
  await stack.up("--plan", plan);
  const before = await facts();
  expect(before).toHaveLength(1);
  write({ env: { CHANGED: "1" } });
  await stack.ok(["preview", "--save-plan", plan]);
  write({ env: { CHANGED: "2" } });
  expect((await stack.tryUp("--plan", plan)).code).not.toBe(0);
  expect(await facts()).toEqual(before);
  write({ env: { CHANGED: "1" } });
  await stack.up("--plan", plan);
  const [live, ...others] = await inspectAll(stack.project);
  expect(others).toEqual([]);
  expect(live?.Config.Env).toContain("CHANGED=1");
}, 180_000);

test("--target: of two tasks that changed, the one that is named is replaced", async () => {
  write({ tasks: ["web", "other"] });
  await stack.up();
  const before = await containersOf(stack.project);
  write({ tasks: ["web", "other"], env: { CHANGED: "1" } });
  await stack.up("--target", "**web/group[0]/web");
  const after = await containersOf(stack.project);
  const idOf = (rows: typeof before, task: string) => rows.find((row) => taskOf(row) === task)?.Id;
  expect(after).toHaveLength(2);
  expect(idOf(after, "other")).toBe(idOf(before, "other"));
  expect(idOf(after, "web")).not.toBe(idOf(before, "web"));
  await stack.up();
  await stack.ok(["preview", "--refresh", "--expect-no-changes"]);
}, 180_000);

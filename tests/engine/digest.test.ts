/** What a preview says of the content behind a tag, and that it comes true. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspectAll } from "../support/engine";
import { type FaultyRegistry, startFaultyRegistry } from "../support/faulty-registry";
import { type Registry, startRegistry } from "../support/registry";
import { TestStack } from "../support/stack";

let registry: Registry;
let front: FaultyRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  front = await startFaultyRegistry(registry);
}, 120_000);
afterAll(async () => {
  front.stop();
  await registry.stop();
}, 60_000);

const stacks: TestStack[] = [];
afterEach(async () => {
  await front.clear();
  for (const stack of stacks.splice(0)) await stack.dispose();
}, 60_000);

const newStack = async () => {
  const stack = await new TestStack("tests/programs/from-file").init();
  stacks.push(stack);
  return stack;
};
const write = (stack: TestStack, task: object, group = {}) =>
  writeFileSync(
    join(stack.dir, "tree.json"),
    JSON.stringify({ plugin: { gc: { image: false } }, groups: { web: { group, tasks: { web: task } } } }),
  );
const running = async (stack: TestStack) =>
  (await inspectAll(stack.project)).map(({ Config }) => Config.Labels.content);
const short = (digest: string) => digest.slice(0, 19);

/** What the engine did to images since then: `pull NAME`, `tag NAME`, `delete ID`. */
const imageEvents = (since: number): readonly string[] =>
  execFileSync("docker", [
    ...["events", "--since", since.toFixed(3), "--until", (Date.now() / 1000 + 1).toFixed(3)],
    ...["--filter", "type=image", "--format", "{{.Action}} {{.Actor.ID}}"],
  ])
    .toString()
    .split("\n")
    .filter(Boolean);
const since = () => Date.now() / 1000;

test("a tag that moved: the preview says from what to what and pulls nothing, the up does it, and then nothing is left to do", async () => {
  const image = `${registry.host}/digest/moving:latest`;
  const old = await registry.push("digest/moving", "latest", "old");
  const stack = await newStack();
  write(stack, { image });
  await stack.up();
  expect(await running(stack)).toEqual(["old"]);
  await stack.up("--expect-no-changes");

  const moved = await registry.push("digest/moving", "latest", "new");
  const before = since();
  const text = await stack.ok(["preview", "--diff"]);
  expect(text).toContain(`${image}: ${short(old)} → ${short(moved)} in its registry`);
  expect(text).toMatch(new RegExp(`~ digest *: "${old}" => "${moved}"`));
  expect(await stack.preview()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ type: "Image", op: "replace", changed: ["digest"] }),
      expect.objectContaining({ type: "Task", op: "replace", changed: ["imageId"] }),
    ]),
  );
  expect(imageEvents(before).filter((event) => event.includes("digest/moving"))).toEqual([]);
  expect(await running(stack)).toEqual(["old"]);

  await stack.up();
  expect(await running(stack)).toEqual(["new"]);
  await stack.up("--expect-no-changes");
  await stack.refresh("--expect-no-changes");
}, 180_000);

test("a plan that was saved before the tag moved is refused, and what ran runs", async () => {
  const image = `${registry.host}/digest/planned`;
  await registry.push("digest/planned", "latest", "old");
  const stack = await newStack();
  stack.env = { PULUMI_EXPERIMENTAL: "1" };
  write(stack, { image });
  await stack.up();
  write(stack, { image, env: { A: "1" } });
  await stack.ok(["preview", "--save-plan=plan.json"]);
  await registry.push("digest/planned", "latest", "new");
  const { code, out } = await stack.tryUp("--plan=plan.json");
  expect(code).not.toBe(0);
  expect(out).toMatch(/violates plan.*digest/s);
  expect(await running(stack)).toEqual(["old"]);
}, 180_000);

test("a registry that does not answer: a warning, and nothing changes", async () => {
  const image = `${front.host}/digest/silent`;
  await registry.push("digest/silent", "latest", "old");
  const stack = await newStack();
  write(stack, { image });
  await stack.up();
  await front.set({ what: "refuse" });
  const text = await stack.ok(["preview"]);
  expect(text).toMatch(
    /warning: .*digest\/silent: its registry does not tell what it is now: .*refused.*Planned with sha256:\w{12}, which it was at the last run/,
  );
  await stack.up("--expect-no-changes");
  expect(await running(stack)).toEqual(["old"]);
}, 180_000);

test("an image that no registry has yet: the preview warns, the up fails in plain words, and then succeeds", async () => {
  const image = `${registry.host}/digest/later:1`;
  const stack = await newStack();
  write(stack, { image });
  expect(await stack.ok(["preview"])).toMatch(
    /warning: .*digest\/later:1.*(?:manifest|name) unknown.*check the name and the tag/,
  );
  const { code, out } = await stack.tryUp();
  expect(code).not.toBe(0);
  expect(out).toMatch(/could not be pulled \(the engine does not have it\).*check the name and the tag/);
  const digest = await registry.push("digest/later", "1", "there");
  expect(await stack.ok(["preview", "--diff"])).toContain(digest);
  await stack.up();
  expect(await running(stack)).toEqual(["there"]);
  await stack.up("--expect-no-changes");
}, 180_000);

test("images known only by outputs: tasks of one image on one engine pull once", async () => {
  const image = { $later: `${registry.host}/digest/output:latest` };
  await registry.push("digest/output", "latest", "one");
  const stack = await newStack();
  const groups = Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, { tasks: { [name]: { image } } }]));
  writeFileSync(join(stack.dir, "tree.json"), JSON.stringify({ plugin: { gc: { image: false } }, groups }));
  const before = since();
  await stack.up();
  expect(await running(stack)).toEqual(["one", "one", "one", "one"]);
  expect(imageEvents(before).filter((event) => event === `pull ${image.$later}`)).toHaveLength(1);
  await stack.up("--expect-no-changes");
}, 180_000);

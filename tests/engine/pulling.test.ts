/** The rule of pulling, against a real registry: what is asked for, and when. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectionOf } from "../../provider/connection";
import { imageHandler } from "../../provider/handlers/image";
import type { ImageInputs } from "../../provider/inputs";
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

/** As in a new run of Pulumi. */
const check = (olds: Partial<ImageInputs>, news: ImageInputs) => {
  connectionOf({}).digests.clear();
  return imageHandler.check(olds, news);
};

const now = () => Date.now() / 1000;

/** How often the engine pulled an image. */
const pullsSince = (since: number, image: string): number =>
  execFileSync("docker", [
    ...["events", "--since", since.toFixed(3), "--until", (now() + 1).toFixed(3)],
    ...["--filter", "type=image", "--filter", "event=pull", "--format", "{{.Actor.ID}}"],
  ])
    .toString()
    .split("\n")
    .filter((name) => name === image).length;

/** Gets an image, beside those that were got before, and tells which content the engine has then. */
async function contentOf(options: Pick<ImageInputs, "image" | "forcePull">): Promise<string | undefined> {
  const news: ImageInputs = { kind: "Image", key: "pulling-test", plugin: { gc: { image: false } }, ...options };
  const { inputs, failures } = await check({}, news);
  expect(failures).toEqual([]);
  const { id, outs } = await imageHandler.create(inputs);
  const { Config } = await engine.inspectImage(id);
  await imageHandler.delete(id, outs);
  return Config?.Labels?.content;
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
  60_000,
);

test("force_pull asks for a fixed tag too, and https:// is taken off", async () => {
  const image = `https://${registry.host}/rule/forced:1`;
  await registry.push("rule/forced", "1", "old");
  expect(await contentOf({ image })).toBe("old");
  await registry.push("rule/forced", "1", "new");
  expect(await contentOf({ image, forcePull: true })).toBe("new");
}, 120_000);

test("a fixed tag that a state knows is asked for no more; one that is forced is", async () => {
  const image = `${registry.host}/rule/known:1`;
  const old = await registry.push("rule/known", "1", "old");
  const news: ImageInputs = { kind: "Image", key: "pulling-test", plugin: {}, image };
  const { inputs } = await check({}, news);
  expect(inputs.digest).toBe(old);
  const moved = await registry.push("rule/known", "1", "new");
  const before = registry.pulls();
  expect((await check(inputs, news)).inputs.digest).toBe(old);
  expect(registry.pulls()).toBe(before);
  expect((await check(inputs, { ...news, forcePull: true })).inputs.digest).toBe(moved);
});

test("by digest, with and without a tag: the digest is what runs, wherever the tag is", async () => {
  const digest = await registry.push("rule/pinned", "1", "pinned");
  await registry.push("rule/pinned", "1", "moved");
  expect(await contentOf({ image: `https://${registry.host}/rule/pinned@${digest}` })).toBe("pinned");
  expect(await contentOf({ image: `${registry.host}/rule/pinned:1@${digest}`, forcePull: true })).toBe("pinned");
  expect(await contentOf({ image: `${registry.host}/rule/pinned:1` })).toBe("moved");
});

test.each(["latest", "1"])(
  "a tag (%s) that moves between the look at it and the pull: what was announced is what comes",
  async (tag) => {
    const image = `${registry.host}/rule/raced-${tag}:${tag}`;
    await registry.push(`rule/raced-${tag}`, tag, "announced");
    const news: ImageInputs = { kind: "Image", key: "pulling-test", plugin: { gc: { image: false } }, image };
    const { inputs } = await check({}, news);
    await registry.push(`rule/raced-${tag}`, tag, "later");
    const { id, outs } = await imageHandler.create(inputs);
    expect((await engine.inspectImage(id)).Config?.Labels?.content).toBe("announced");
    await imageHandler.delete(id, outs);
  },
);

test("several tasks of one image pull once", async () => {
  const image = `${registry.host}/rule/shared:latest`;
  await registry.push("rule/shared", "latest", "one");
  const stack = await new TestStack("tests/programs/from-file").init();
  stacks.push(stack);
  const groups = Object.fromEntries(
    ["a", "b", "c"].map((name) => [name, { group: { count: 2 }, tasks: { [name]: { image } } }]),
  );
  writeFileSync(join(stack.dir, "tree.json"), JSON.stringify({ groups }));
  const since = now();
  await stack.up();
  expect(await inspectAll(stack.project)).toHaveLength(6);
  expect(pullsSince(since, image)).toBe(1);
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
    { signal: AbortSignal.timeout(60_000), silenceMs: 60_000 },
  );
  write(2);
  await stack.up();
  expect((await inspectAll(stack.project)).map(({ Config }) => Config.Labels.content)).toEqual(["shown", "shown"]);
}, 120_000);

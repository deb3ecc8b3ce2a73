/** What becomes of the images of stacks, with the real command and what it leaves in the background. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sweep } from "../../provider/image-gc/sweep";
import { engine, inspectAll } from "../support/engine";
import { docker, foreignContainer, gone, isThere, kindsOf, verdictOn } from "../support/image-use";
import { type OwnSocket, ownSocket } from "../support/own-socket";
import { until } from "../support/processes";
import { type Registry, startRegistry } from "../support/registry";
import { TestStack } from "../support/stack";

let registry: Registry;
let socket: OwnSocket;
const stacks: TestStack[] = [];
beforeAll(async () => {
  registry = await startRegistry();
}, 120_000);
beforeEach(() => {
  socket = ownSocket();
});
afterEach(async () => {
  for (const stack of stacks.splice(0)) await stack.dispose();
  await socket.remove();
}, 120_000);
afterAll(() => registry.stop(), 60_000);

const write = (stack: TestStack, imageDelay: string, tasks: Readonly<Record<string, object>>) =>
  writeFileSync(
    join(stack.dir, "tree.json"),
    JSON.stringify({
      plugin: { gc: { imageDelay } },
      groups: Object.fromEntries(Object.entries(tasks).map(([name, task]) => [name, { tasks: { [name]: task } }])),
    }),
  );

async function stackOf(imageDelay: string, tasks: Readonly<Record<string, object>>): Promise<TestStack> {
  const stack = await new TestStack("tests/programs/from-file").init();
  stacks.push(stack);
  stack.env = { DOCKER_HOST: socket.url, LONGSHORE_GC_IN_BACKGROUND: "1" };
  write(stack, imageDelay, tasks);
  return stack;
}

const idOf = async (image: string) => (await engine.inspectImage(image)).Id;
const pullsSince = (since: number, repository: string) =>
  docker(
    ...["events", "--since", (since / 1000).toFixed(3), "--until", (Date.now() / 1000 + 1).toFixed(3)],
    ...["--filter", "type=image", "--filter", "event=pull", "--format", "{{.Actor.ID}}"],
  )
    .split("\n")
    .filter((name) => name.startsWith(repository)).length;

/** Others' images on the engine may wait too. */
const ended = () =>
  until(
    "nothing is left in the background",
    async () =>
      socket.background().length === 0 ||
      (await sweep(engine, { dryRun: true })).some(({ verdict }) => verdict.action === "wait"),
  );

test("a tag that moves: the preview shows it, up replaces, and the old image goes after its delay", async () => {
  const image = `${registry.host}/stacks/moves:latest`;
  await registry.push("stacks/moves", "latest", "old");
  const stack = await stackOf("5s", { web: { image } });
  await stack.up();
  const old = await idOf(image);
  await registry.push("stacks/moves", "latest", "new");
  expect(await stack.preview()).toEqual([
    expect.objectContaining({ type: "Image", op: "replace", changed: ["digest"] }),
    expect.objectContaining({ type: "Task", op: "replace" }),
  ]);
  await stack.up();
  expect((await inspectAll(stack.project)).map(({ Config }) => Config.Labels.content)).toEqual(["new"]);
  expect([await isThere(old), socket.background().length]).toEqual([true, 1]);
  await gone(old);
  await ended();
  expect(await kindsOf(await idOf(image))).toEqual(["use"]);
}, 180_000);

test("within the delay a tag that moves back means the old image, without a pull", async () => {
  const image = `${registry.host}/stacks/back:latest`;
  const first = await registry.push("stacks/back", "latest", "old");
  const stack = await stackOf("10m", { web: { image } });
  await stack.up();
  const old = await idOf(image);
  await registry.push("stacks/back", "latest", "new");
  await stack.up();
  expect(await verdictOn(old)).toMatchObject({ action: "wait" });
  await registry.retag("stacks/back", first, "latest");
  const since = Date.now();
  await stack.up();
  expect((await inspectAll(stack.project)).map(({ Image }) => Image)).toEqual([old]);
  expect([pullsSince(since, `${registry.host}/stacks/back`), await idOf(image)]).toEqual([0, old]);
  expect(await verdictOn(old)).toMatchObject({ action: "keep" });
  await stack.up("--expect-no-changes");
}, 180_000);

test("two stacks share an image: it goes with the last, after its delay", async () => {
  const image = `${registry.host}/stacks/shared:1`;
  await registry.push("stacks/shared", "1", "shared");
  const [one, other] = [await stackOf("3s", { web: { image } }), await stackOf("3s", { web: { image } })];
  await one.up();
  await other.up();
  const id = await idOf(image);
  await one.destroy();
  await ended();
  expect(await verdictOn(id)).toMatchObject({ action: "keep", because: expect.stringMatching(/^used by/) as string });
  await other.destroy();
  await gone(id);
  await ended();
}, 180_000);

test("a container that longshore does not own keeps the image", async () => {
  const image = `${registry.host}/stacks/foreign:1`;
  await registry.push("stacks/foreign", "1", "foreign");
  const stack = await stackOf("1s", { web: { image } });
  await stack.up();
  const id = await idOf(image);
  const remove = foreignContainer("create", image);
  await stack.destroy();
  // It waits for nobody who does not say when he ends.
  await ended();
  expect(await verdictOn(id)).toMatchObject({ action: "keep" });
  remove();
  // The next command looks, whatever it is about, and what it leaves in the background does the rest.
  const next = await stackOf("1s", { web: { image: "longshore/pause:3.1" } });
  await next.up();
  await gone(id);
  await ended();
}, 180_000);

test("back to the old program after a failed one: what was owed takes nothing from what runs", async () => {
  const [a, b] = [`${registry.host}/stacks/going:a`, `${registry.host}/stacks/going:b`];
  await registry.push("stacks/going", "a", "a");
  await registry.push("stacks/going", "b", "b");
  const fails = { entrypoint: ["/no/such/program"] };
  const stack = await stackOf("1s", { web: { image: a }, side: { image: a } });
  await stack.up();
  const id = await idOf(a);
  write(stack, "1s", { web: { image: b }, side: { image: b, ...fails } });
  expect((await stack.tryUp()).code).not.toBe(0);
  write(stack, "1s", { web: { image: a }, side: { image: a } });
  await stack.up();
  await ended();
  expect((await inspectAll(stack.project)).map(({ Image }) => Image)).toEqual([id, id]);
  expect([await isThere(id), await kindsOf(id)]).toEqual([true, expect.arrayContaining(["use"])]);
  await until("the other is gone", async () => (await engine.tryInspectImage(b)) === undefined);
  await stack.destroy();
  await gone(id);
  await ended();
}, 240_000);

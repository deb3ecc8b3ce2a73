/** Pulumi's config gives a program without a plugin one. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { containersOf, engine, inspectAll, volumesOf } from "../support/engine";
import { TestStack } from "../support/stack";

let stack: TestStack;
const task = { image: "longshore/pause:3.1", killSignal: "SIGKILL" };
const write = (tree: object = {}) =>
  writeFileSync(join(stack.dir, "tree.json"), JSON.stringify({ ...tree, groups: { g: { tasks: { t: task } } } }));
const set = (...args: readonly string[]) => stack.ok(["config", "set", ...args]);
const unset = (...args: readonly string[]) => stack.ok(["config", "rm", ...args]);

/** What stays, because the config says so. */
async function removeLeft(): Promise<void> {
  for (const { Id } of await containersOf(stack.project)) await engine.removeContainer(Id);
  for (const name of await volumesOf(stack.project)) await engine.removeVolume(name);
}

beforeAll(async () => {
  stack = await new TestStack("tests/programs/from-file").init();
  write();
}, 120_000);

afterAll(async () => {
  await stack.destroy();
  await removeLeft();
  await stack.dispose();
}, 120_000);

test("its values are the plugin's, however they are spelled, and a second up has nothing to do", async () => {
  await stack.up();
  const [before] = await containersOf(stack.project);
  await set("--path", "longshore:gc.container", "false");
  await set("--path", "longshore:extra_labels[0]", "job_*");
  await set("longshore:logging", '{"config": {"tag": "from-config"}}');
  await set("longshore:pids_limit", "99");
  expect(await stack.preview()).toContainEqual({
    type: "Task",
    name: "job/g[0]/t",
    op: "replace",
    changed: expect.arrayContaining(["logging", "extraLabels", "pidsLimit"]) as string[],
  });
  await stack.up();
  await stack.ok(["preview", "--expect-no-changes"]);
  await stack.up("--expect-no-changes");

  const [live, ...others] = await inspectAll(stack.project);
  expect([live?.Id === before?.Id, others]).toEqual([false, []]);
  expect(live?.HostConfig).toMatchObject({
    PidsLimit: 99,
    LogConfig: { Type: "json-file", Config: { tag: "from-config" } },
  });
  expect(live?.Config.Labels).toMatchObject({ "longshore.job_name": "job", "longshore.job_id": "job" });
}, 300_000);

test.each([
  ["longshore:gcc", "x", /longshore:gcc: gcc is not an option; did you mean gc\?/],
  ["longshore:gc.image", "false", /gc\.image is not an option; .*pulumi config set --path longshore:gc\.image/],
  [
    "longshore:pullActivityTimeout",
    "30s",
    /pull_activity_timeout is "30s", which is less than the minimum, 1m; raise it \(in Pulumi's config\)/,
  ],
  ["longshore:gc", '{"imageDely": "1m"}', /gc has no key "imageDely"; did you mean imageDelay\?/],
])(
  "%s = %s is refused, with the way out",
  async (key, value, reason) => {
    await set(key, value);
    const { code, out } = await stack.run(["preview"]);
    await unset(key);
    if (key === "longshore:gc") await set("--path", "longshore:gc.container", "false");
    expect(code).not.toBe(0);
    expect(out).toMatch(reason);
  },
  120_000,
);

test("a secret stays one, in what tasks have from it too", async () => {
  const secret = "Hemmelig-73-mærke";
  await unset("longshore:logging");
  await set("--secret", "--path", "longshore:logging.config.tag", secret);
  const said = [await stack.ok(["preview", "--diff"]), await stack.up("--diff"), await stack.ok(["stack", "export"])];
  for (const text of [...said, stack.state]) expect(text).not.toContain(secret);
  expect((await inspectAll(stack.project)).map(({ HostConfig }) => HostConfig.LogConfig?.Config)).toContainEqual({
    tag: secret,
  });
  await stack.up("--expect-no-changes");
}, 120_000);

test("a plugin of the program goes over it, and that is said", async () => {
  write({ plugin: {} });
  const { out } = await stack.run(["preview"]);
  expect(out).toMatch(
    /engine: .*longshore:pids_limit.* in Pulumi's config has no effect: the program has a Plugin of its own/,
  );
}, 120_000);

/** Bad input is refused with option, path, value, reason and way out, and changes nothing. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { containersOf, engine, inspectAll } from "../support/engine";
import { TestStack } from "../support/stack";

const good = { image: "longshore/pause:3.1", memory: 64 };
let stack: TestStack;
const write = (task: object, group = {}) =>
  writeFileSync(join(stack.dir, "tree.json"), JSON.stringify({ groups: { web: { group, tasks: { web: task } } } }));
const alive = async () => (await inspectAll(stack.project)).map(({ Id, State }) => [Id, State.Status]);

beforeAll(async () => {
  stack = await new TestStack("tests/programs/from-file").init();
  write(good);
  await stack.up();
}, 60_000);
afterAll(() => stack.dispose(), 60_000);

const later = (value: unknown) => ({ $output: value });

describe.each([
  ["in the program", (value: unknown) => value],
  ["in the output of another resource", later],
])("a bad value %s", (_, written) => {
  test("every one is reported at once, with its path, and nothing happens", async () => {
    const before = await alive();
    write({
      ...good,
      memoryHardLimit: written(32),
      ulimit: { nofile: written("many") },
      extraHosts: [written("db")],
      restart: written("sometimes"),
      wait: { until: written("healed") },
      ports: written(["http"]),
    });
    for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const { code, out } = await stack.run(command);
      expect(code).not.toBe(0);
      expect(out).toMatch(/ulimit\.nofile is "many", which is not a limit; write whole numbers/);
      expect(out).toMatch(/extra_hosts\[0\] is "db", which is not "host:address"; write /);
      expect(out).toMatch(/restart is "sometimes", which is not a restart policy; write /);
      expect(out).toMatch(/wait\.until is "healed", which is none of "started", "healthy"/);
    }
    expect(await alive()).toEqual(before);
  }, 60_000);

  test("an image that is none is reported", async () => {
    const before = await alive();
    write({ ...good, image: written("Not An Image:1") });
    const { code, out } = await stack.run(["preview"]);
    expect(code).not.toBe(0);
    expect(out).toMatch(/image is "Not An Image:1", which is not an image reference; write /);
    expect(await alive()).toEqual(before);
  }, 60_000);

  test("what contradicts another option or the group is reported too", async () => {
    const before = await alive();
    write({ ...good, memoryHardLimit: written(32), ports: [written("http")] });
    const { code, out } = await stack.run(["preview"]);
    expect(code).not.toBe(0);
    expect(out).toMatch(/memory_hard_limit is 32 MiB, below memory \(64 MiB\); raise it or lower memory/);
    expect(out).toMatch(/ports names "http", and the group's network has no ports; add it/);
    expect(await alive()).toEqual(before);
  }, 60_000);
});

test("what the engine refuses is said in its words, with the task, and the old container runs on", async () => {
  const before = await alive();
  write({ ...good, user: "nobody-at-all" });
  const { code, out } = await stack.tryUp();
  expect(code).not.toBe(0);
  expect(out).toMatch(/task web .*did not come up: .*unable to find user nobody-at-all/);
  expect(await alive()).toEqual(before);
  expect(await containersOf(stack.project)).toHaveLength(1);
}, 60_000);

test("a program that ends at once: its exit code and its last lines are in the error", async () => {
  const before = await alive();
  write({
    ...good,
    entrypoint: ["/bin/sh", "-c", "echo cannot find my config; exit 3"],
    restart: "no",
    healthcheck: { command: "false", interval: "10s" },
    wait: { until: "healthy", timeout: "5s" },
  });
  const { out } = await stack.tryUp();
  expect(out).toMatch(/ended with exit code 3/);
  expect(out).toMatch(/cannot find my config/);
  expect(await alive()).toEqual(before);
}, 60_000);

test("an image that is nowhere: which image, why it was pulled, and what to do", async () => {
  const before = await alive();
  write({ ...good, image: "127.0.0.1:9/none/such:1" });
  const { code, out } = await stack.tryUp();
  expect(code).not.toBe(0);
  expect(out).toMatch(
    /image 127\.0\.0\.1:9\/none\/such:1 could not be pulled \(the engine does not have it\): .*; nothing answers there: check that the registry runs/,
  );
  expect(await alive()).toEqual(before);
}, 60_000);

test("an engine that does not answer: a warning and a plan at preview, an error at up", async () => {
  write({ ...good, memory: 65 });
  const nowhere = { DOCKER_HOST: "unix:///no/such/engine.sock" };
  const preview = await stack.run(["preview"], nowhere);
  expect(preview.out).toMatch(/no engine answers at unix:\/\/\/no\/such\/engine.sock \(from DOCKER_HOST\)/);
  expect(preview.out).toMatch(/web update \[diff: ~memory\]/);
  expect(preview.code).toBe(0);
  const up = await stack.run(["up", "--yes", "--skip-preview"], nowhere);
  expect(up.code).not.toBe(0);
  expect(up.out).toMatch(/no engine answers at unix:\/\/\/no\/such\/engine.sock/);
}, 60_000);

test("a port that somebody has: who cannot have it, and the old container runs on", async () => {
  const before = await alive();
  const { Id } = await engine.createContainer("longshore-test-holds-a-port", {
    Image: "longshore/pause:3.1",
    ExposedPorts: { "80/tcp": {} },
    HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "18631" }] } },
  });
  try {
    await engine.startContainer(Id);
    write({ ...good, ports: ["http"] }, { network: { ports: { http: { static: 18_631, to: 80 } } } });
    const { code, out } = await stack.tryUp();
    expect(code).not.toBe(0);
    expect(out).toContain(
      "network.ports.http.static is 18631 on 127.0.0.1, which the container longshore-test-holds-a-port has",
    );
    expect(await alive()).toEqual(before);
  } finally {
    await engine.removeContainer(Id);
  }
}, 60_000);

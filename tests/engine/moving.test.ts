/** Several engines in one program, tasks that move between them, and engines that a program makes itself. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificates, type Certificates } from "../testbed/certificates";
import { startEngine, type TestEngine } from "../testbed/engine";
import { TestStack } from "../support/stack";

const image = "longshore/pause:3.1";
const made: (() => Promise<void> | void)[] = [];
let dir: string;
let certificates: Certificates;
let a: TestEngine;
let b: TestEngine;
let stack: TestStack;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "longshore-moving-"));
  made.push(() => rmSync(dir, { recursive: true, force: true }));
  certificates = makeCertificates(dir);
  const { pem, key } = certificates;
  [a, b] = await Promise.all([
    startEngine([image]).then((engine) => (made.push(engine.stop), engine)),
    startEngine([image], { tls: { ca: pem("ca"), cert: pem("server"), key: key("server") } }).then(
      (engine) => (made.push(engine.stop), engine),
    ),
  ]);
}, 180_000);

afterAll(async () => {
  for (const end of made.reverse()) await end();
}, 60_000);

beforeEach(async () => {
  stack = await new TestStack("tests/programs/two-engines").init();
}, 60_000);

afterEach(() => stack.dispose(), 120_000);

type Engines = Record<string, { host?: true; secret?: true; options: object }>;
type Jobs = Record<string, { engine: string; tasks: Record<string, object> }>;
const write = (engines: Engines, jobs: Jobs) =>
  writeFileSync(join(stack.dir, "program.json"), JSON.stringify({ engines, jobs }));

const named = async (engine: TestEngine) =>
  (await engine.client.listContainers(["longshore.key"]))
    .map(({ Labels }) => Labels["longshore.key"]?.split("/app/")[1])
    .sort();
const onBoth = async () => ({ a: await named(a), b: await named(b) });
const volumesOn = async ({ client }: TestEngine) => (await client.listVolumes(["longshore.key"])).length;

const at = (url: string, more = {}) => ({ options: { endpoint: url, ...more } });
const alone = (engine: string) => ({ engine, tasks: { task: { image } } });
const pair = (engine: string) => ({ engine, tasks: { one: { image }, two: { image } } });
const tls = () => ({ ca: certificates.pem("ca"), cert: certificates.pem("client"), key: certificates.key("client") });

test("tasks on two engines; one moves, and comes up there before it goes here; destroy leaves nothing on either", async () => {
  const engines = { a: at(a.url), b: at(b.tlsUrl, { tls: tls() }) };
  write(engines, { stays: alone("a"), moves: alone("a"), both: pair("b") });
  await stack.up();
  expect(await onBoth()).toEqual({
    a: ["moves/group[0]/task", "stays/group[0]/task"],
    b: ["both/group[0]/one", "both/group[0]/two"],
  });

  write(engines, { stays: alone("a"), moves: alone("b"), both: pair("a") });
  const announced = (await stack.preview()).filter(({ type }) => type !== "Image");
  expect(announced.map(({ name, op }) => `${name} ${op}`).sort()).toEqual([
    "both/group[0] replace",
    "both/group[0]/one replace",
    "both/group[0]/two replace",
    "moves/group[0]/task replace",
  ]);
  for (const { name, changed } of announced)
    expect([name, changed]).toEqual([name, expect.arrayContaining(["plugin"])]);

  await stack.up();
  expect(await onBoth()).toEqual({
    a: ["both/group[0]/one", "both/group[0]/two", "stays/group[0]/task"],
    b: ["moves/group[0]/task"],
  });
  await stack.ok(["preview", "--expect-no-changes"]);
  await stack.refresh("--expect-no-changes");

  await stack.destroy();
  expect(await onBoth()).toEqual({ a: [], b: [] });
  expect([await volumesOn(a), await volumesOn(b)]).toEqual([0, 0]);
}, 180_000);

test("the same engine under another address is an update, and touches nothing", async () => {
  write({ b: at(b.url) }, { job: alone("b"), group: pair("b") });
  await stack.up();
  const before = b.containers();
  write({ b: at(b.tlsUrl, { tls: tls() }) }, { job: alone("b"), group: pair("b") });
  const announced = await stack.preview();
  expect(announced.map(({ op }) => op)).toEqual(announced.map(() => "update"));
  expect(announced.length).toBe(5);
  await stack.up();
  expect(b.containers()).toEqual(before);
  await stack.ok(["preview", "--expect-no-changes"]);
}, 120_000);

test("an endpoint that nobody answers at: a warning for each engine and replacements at preview; up fails and touches nothing", async () => {
  write({ a: at(a.url) }, { job: alone("a"), group: pair("a") });
  await stack.up();
  const before = a.containers();
  write(
    { x: at("unix:///no/such/x.sock"), y: at("tcp://127.0.0.1:9", { tls: tls() }) },
    { job: alone("x"), group: pair("y") },
  );
  const preview = await stack.ok(["preview"]);
  const warnings = preview.split("\n").filter((line) => line.includes("no engine answers"));
  expect(new Set(warnings.map((line) => /answers at (\S+)/.exec(line)?.[1])).size).toBe(2);
  expect(preview).toMatch(
    /no engine answers at unix:\/\/\/no\/such\/x.sock \(from the plugin option endpoint\).*Planned from the state/,
  );
  expect(preview).toMatch(/job\/group\[0\]\/task replace +\[diff: ~(?:.*,)?plugin/);
  expect(preview).toMatch(/group\/group\[0\] replace +\[diff: ~(?:.*,)?plugin/);

  const up = await stack.tryUp();
  expect(up.code).not.toBe(0);
  expect(up.out).toMatch(/no engine answers at unix:\/\/\/no\/such\/x.sock/);
  expect(a.containers()).toEqual(before);

  write({ a: at(a.url) }, { job: alone("a"), group: pair("a") });
  await stack.up();
  expect(a.containers()).toEqual(before);
}, 180_000);

test("an engine that is gone for good: what moved runs, and the way to let the old one go is told", async () => {
  const gone = await startEngine([image]);
  made.push(gone.stop);
  write({ a: at(gone.url) }, { job: alone("a") });
  await stack.up();
  await gone.stop();
  write({ a: at(a.url) }, { job: alone("a") });
  const { code, out } = await stack.tryUp();
  expect(code).not.toBe(0);
  expect(out).toMatch(
    /task \S+ is on an engine that cannot be reached: no engine answers at .*gone for good, run once with LONGSHORE_ENGINE_SET_UP_ANEW=1/,
  );
  expect(await named(a)).toEqual(["job/group[0]/task"]);
  await stack.ok(["up", "--yes", "--skip-preview"], { LONGSHORE_ENGINE_SET_UP_ANEW: "1" });
  await stack.ok(["preview", "--expect-no-changes"]);
  expect(await named(a)).toEqual(["job/group[0]/task"]);
}, 120_000);

test("a program makes the engine's host and its tasks in one go; its limits hold before it is known", async () => {
  const engines = { a: { host: true, ...at(b.tlsUrl, { tls: tls() }) } } as const;
  write(engines, { job: { engine: "a", tasks: { task: { image, privileged: true } } } });
  const refused = await stack.run(["preview"]);
  expect([refused.code === 0, refused.out]).toEqual([false, expect.stringMatching(/privileged .*allow_privileged/)]);

  write(engines, { job: alone("a"), group: { engine: "a", tasks: { one: { image, memory: 64 }, two: { image } } } });
  const first = await stack.preview();
  expect(first.map(({ op }) => op)).toEqual(first.map(() => "create"));
  await stack.up();
  expect(await named(b)).toEqual(["group/group[0]/one", "group/group[0]/two", "job/group[0]/task"]);
  await stack.ok(["preview", "--expect-no-changes"]);

  // Another host: what it will be is not known yet.
  write({ a: { host: true, ...at(a.url) } }, { job: alone("a"), group: pair("a") });
  const second = await stack.preview();
  expect(second.map(({ op }) => op)).toEqual(second.map(() => "replace"));
  await stack.up();
  expect(await onBoth()).toEqual({ a: ["group/group[0]/one", "group/group[0]/two", "job/group[0]/task"], b: [] });
  await stack.destroy();
  expect(await onBoth()).toEqual({ a: [], b: [] });
}, 180_000);

test("an endpoint that is a secret stays one", async () => {
  write({ a: { secret: true, ...at(a.url) } }, { job: alone("a"), group: pair("a") });
  const preview = await stack.ok(["preview", "--diff"]);
  await stack.up();
  expect(stack.state).not.toContain(a.url);
  expect(preview).not.toContain(a.url);
  expect(await named(a)).toHaveLength(3);
}, 120_000);

/** The command `longshore gc`, as it is installed. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { candidateIn, marksOn, rewrite } from "../../provider/image-gc/marks";
import { engine } from "../support/engine";
import { docker, foreignContainer, gone, isThere, useImage } from "../support/image-use";
import { type OwnSocket, ownSocket } from "../support/own-socket";
import { until } from "../support/processes";
import { type Registry, startRegistry } from "../support/registry";

// Other tests on the engine look through its images as well, and may be a moment ahead.
jest.retryTimes(2, { logErrorsBeforeRetry: true });

let registry: Registry;
let socket: OwnSocket;
beforeAll(async () => {
  registry = await startRegistry();
  socket = ownSocket();
}, 120_000);
afterAll(async () => {
  await socket.remove();
  await registry.stop();
}, 60_000);

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill();
});

interface Command {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

function start(...args: readonly string[]): Command {
  const main = join(__dirname, "../../dist/cli/main.js");
  const child = spawn(process.execPath, [main, "gc", ...args], { env: { ...process.env, DOCKER_HOST: socket.url } });
  running.push(child);
  let [out, err] = ["", ""];
  child.stdout.on("data", (data: Buffer) => (out += data.toString()));
  child.stderr.on("data", (data: Buffer) => (err += data.toString()));
  const ended = new Promise<Awaited<Command["ended"]>>((resolve) =>
    child.on("close", (code) => resolve({ code, out, err })),
  );
  return { child, out: () => out, ended };
}
const gc = (...args: readonly string[]) => start(...args).ended;

let count = 0;
/** An image that was used, and is used no more. */
async function left(imageDelay: string) {
  const name = `gc/command-${++count}`;
  await registry.push(name, "1", `content ${count}`);
  const image = `${registry.host}/${name}:1`;
  const { id, destroy } = await useImage(image, { gc: { imageDelay: "10m" } });
  await destroy();
  const earlier = candidateIn(await marksOn(engine, id));
  // Whatever looks through the engine meanwhile: only the command under test is to find it due.
  const delayMs = parseInt(imageDelay) * (imageDelay.endsWith("m") ? 60_000 : 1_000);
  await rewrite(engine, { kind: "used", image: id, names: [image], delayMs, again: "registry" }, earlier);
  return { image, id, short: id.replace("sha256:", "").slice(0, 12) };
}

const rowOf = (out: string, image: string) => out.split("\n").find((line) => line.startsWith(image));

test("tells in a table what becomes of each image and why, and removes what is due", async () => {
  const waiting = await left("10m");
  const used = await left("10m");
  const named = await left("10m");
  const remove = foreignContainer("create", used.image);
  docker("tag", named.image, `${named.image}-mine`);
  const due = await left("0s");

  const dry = await gc("--dry-run");
  expect(dry.code).toBe(0);
  expect(dry.out.split("\n")[0]).toMatch(/^IMAGE +ID +SIZE +ACTION +WHY$/);
  expect(rowOf(dry.out, due.image)).toMatch(
    new RegExp(` ${due.short}  \\d+\\.\\d MB +would remove +unused for \\d+ s$`),
  );
  expect(rowOf(dry.out, waiting.image)).toMatch(/ wait +unused for \d+ s; goes in (?:10 min|\d+ s)$/);
  expect(rowOf(dry.out, used.image)).toMatch(/ keep +used by container \S+$/);
  expect(rowOf(dry.out, named.image)).toMatch(/ keep +it has a name that no task gave it, .*-mine$/);
  expect(await isThere(due.id)).toBe(true);

  const { code, out, err } = await gc();
  expect(code).toBe(0);
  expect(rowOf(out, due.image)).toMatch(/ removed +unused for \d+ s$/);
  expect(err).toMatch(/^\d+ images?: \d+ removed \(\d+\.\d MB, with what others share\)/);
  expect([await isThere(due.id), await isThere(waiting.id), await isThere(used.id)]).toEqual([false, true, true]);
  remove();
}, 120_000);

test("--json: the same for programs", async () => {
  const waiting = await left("10m");
  const due = await left("0s");
  const read = (out: string, id: string) =>
    (JSON.parse(out) as { images: { image: string }[] }).images.find(({ image }) => image === id);
  const dry = await gc("--json", "--dry-run");
  expect(read(dry.out, due.id)).toMatchObject({
    names: [due.image],
    action: "remove",
    size: expect.any(Number) as number,
  });
  const { code, out } = await gc("--json");
  expect(code).toBe(0);
  expect(read(out, due.id)).toMatchObject({ names: [due.image], action: "removed" });
  expect(read(out, waiting.id)).toEqual({
    image: waiting.id,
    names: [waiting.image],
    size: expect.any(Number) as number,
    action: "wait",
    because: expect.any(String) as string,
    until: expect.stringMatching(/^\d{4}-.*Z$/) as string,
  });
}, 120_000);

test("--wait ends when nothing waits; a second one tells the first, and ends at once", async () => {
  const soon = await left("2s");
  const first = start("--wait", "--json");
  await until("the first looks after the engine", () => socket.background().length === 1 && first.out() !== "");
  const later = await left("3s");
  const second = await gc("--wait");
  expect(second).toEqual({ code: 0, out: "", err: expect.stringMatching(/another longshore gc --wait/) as string });
  await gone(soon.id);
  await gone(later.id);
  for (const line of first.out().trimEnd().split("\n")) expect(JSON.parse(line)).toHaveProperty("images");
}, 120_000);

test("--watch goes on when nothing waits any more", async () => {
  const soon = await left("2s");
  const watching = start("--watch");
  await until("it is told of", () => rowOf(watching.out(), soon.image) !== undefined);
  await gone(soon.id);
  expect(watching.child.exitCode).toBe(null);
  watching.child.kill("SIGINT");
  await watching.ended;
}, 120_000);

test("what cannot be done is said in a line: no such engine, no such option", async () => {
  const cases = [
    [["--endpoint", "unix:///no/such.sock"], 1, /^longshore: no engine answers at unix:\/\/\/no\/such\.sock/],
    [["--endpoint", "nowhere"], 1, /^longshore: .*"nowhere", which has no scheme/],
    [["--endpont", "x"], 2, /--endpont/],
    [["everything"], 2, /everything/],
    [["--wait", "--watch"], 2, /--wait or --watch/],
    [["--tls-ca", "ca.pem"], 2, /go with --endpoint/],
  ] as const;
  for (const [args, code, err] of cases)
    expect(await gc(...args)).toEqual({ code, out: "", err: expect.stringMatching(err) as string });
  expect((await gc("--help")).out).toMatch(/--dry-run/);
}, 60_000);

test("another engine than the environment's", async () => {
  const due = await left("0s");
  const { code } = await gc("--endpoint", engine.endpoint.url);
  expect(code).toBe(0);
  await gone(due.id);
}, 60_000);

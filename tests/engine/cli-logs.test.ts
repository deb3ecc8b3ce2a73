/** `longshore logs`, as it is installed: what was written, what is written, and who writes next. */
import { execFileSync } from "node:child_process";
import { BusyStack, counting } from "../support/busy-stack";
import { endCommands, longshore, printed, start } from "../support/command";
import { until } from "../support/processes";

let stack: BusyStack;
beforeAll(async () => {
  stack = new BusyStack();
  await stack.init();
  stack.write();
  await stack.up();
}, 120_000);
afterAll(() => stack.dispose(), 60_000);
afterEach(endCommands);

const docker = (...args: readonly string[]) => execFileSync("docker", args, { encoding: "utf8" }).trim();
const logs = (...args: readonly string[]) => longshore(["logs", "--project", stack.project, ...args]);
const follow = (...args: readonly string[]) => start("logs", "--project", stack.project, "-f", ...args);
const containerOf = async (name: string) =>
  (
    JSON.parse((await longshore(["ps", "--all", "--json", "--project", stack.project])).out) as {
      readonly name: string;
      readonly container: string;
    }[]
  ).find((one) => one.name === name)!.container;

/** The numbers that were counted, in lines that begin so. */
const counted = (text: string, word: string) =>
  [...text.matchAll(new RegExp(`^${word} (\\d+)$`, "gm"))].map(([, number]) => Number(number));
const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

test("each stream to its own, from the first line on", async () => {
  const { code, out, err } = await logs("echo[0]");
  expect(code).toBe(0);
  const [lines, errors] = [counted(out, "line"), counted(err, "error")];
  expect(lines).toEqual(from(1, lines.length));
  expect(errors).toEqual(from(1, errors.length));
  expect(out.split("\n")).toHaveLength(lines.length + 1);
});

test("--tail and --timestamps", async () => {
  const { out, err } = await logs("echo[0]", "--tail", "6", "--timestamps");
  const lines = `${out}${err}`.trimEnd().split("\n");
  expect(lines).toHaveLength(6);
  for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z (?:line|error) \d+$/);
});

test("--since a length of time, a time, and seconds: what is older is left out", async () => {
  await until("it has written for two seconds", async () => counted((await logs("echo[0]")).out, "line").length > 20);
  const [stamp = ""] = (await logs("echo[0]", "--timestamps")).out.split("\n")[9]!.split(" ");
  const seconds = Date.parse(stamp) / 1000;
  for (const since of [stamp, String(seconds)])
    expect(counted((await logs("echo[0]", "--since", since)).out, "line")[0]).toBe(10);
  const recent = counted((await logs("echo[0]", "--since", "1s")).out, "line");
  expect([recent.length > 0, recent[0]! > 1]).toEqual([true, true]);
});

test("a task with a terminal: as it is", async () => {
  const { out, err } = await logs("quiet");
  expect([out, err]).toEqual(["ready\r\n", ""]);
});

test("several tasks: each line says whose it is; without names, all", async () => {
  const both = await logs("writer", "echo[1]", "-n", "1");
  expect(both.out).toMatch(/^job\/pages\/writer\[0\] \| from the writer\n/);
  expect(`${both.out}${both.err}`).toMatch(/^job\/server\/echo\[1\] {2}\| (?:line|error) \d+$/m);
  expect(both.out).not.toContain("\u001b");
});

test("--json: a line for each", async () => {
  const { out } = await logs("writer", "--json");
  expect(JSON.parse(out)).toEqual({
    task: "job/pages/writer[0]",
    container: await containerOf("job/pages/writer[0]"),
    stream: "stdout",
    time: expect.stringMatching(/Z$/) as string,
    text: "from the writer",
  });
});

test("a log that cannot be read: why, and what to do", async () =>
  expect(await logs("reader")).toEqual({
    code: 1,
    out: "",
    err:
      'longshore: the log of the task job/pages/reader[0] cannot be read: its driver is "none", which keeps nothing; give ' +
      "the task another one with its option logging\n",
  }));

test.each([
  [["-n", "some", "writer"], /--tail is "some", which is no number of lines/],
  [["--since", "yesterday", "writer"], /"yesterday" is no time; write how long ago/],
  [["echo"], /"echo" means 2 tasks: job\/server\/echo\[0\], job\/server\/echo\[1\]; name one of them/],
])("%j is refused", async (args, text) =>
  expect(await logs(...args)).toEqual({ code: 2, out: "", err: expect.stringMatching(text) as string }),
);

test("-f: over a restart of the container, without a line lost or told twice", async () => {
  const id = await containerOf("job/server/echo[0]");
  const following = follow("echo[0]");
  await printed(following, /line 3\n/);
  docker("restart", "--time", "0", id);
  await until("it says so", () => following.err().includes("echo[0] was started again"));
  // The program counts from 1 again.
  await until("it goes on", () => counted(following.out(), "line").filter((number) => number === 5).length === 2);
  const numbers = counted(following.out(), "line");
  const again = numbers.lastIndexOf(1);
  expect(numbers.slice(0, again)).toEqual(from(1, again));
  expect(numbers.slice(again)).toEqual(from(1, numbers.length - again));
  following.child.kill("SIGINT");
}, 60_000);

test("-f: from a container to the one that replaces it; named by its container, with that one only", async () => {
  const before = await containerOf("job/server/echo[0]");
  const [following, first] = [follow("echo[0]", "-n", "1"), follow(before.slice(0, 12), "-n", "1")];
  await Promise.all([following, first].map((one) => until("it begins", () => one.out() !== "")));
  stack.write({ server: BusyStack.one(counting("next")) });
  // Another name: what is followed is the task, and it is gone.
  await stack.up();
  expect((await following.ended).code).toBe(0);
  expect((await following.ended).err).toMatch(/longshore: job\/server\/echo\[0\] has ended: its container is gone\n$/);
  expect((await first.ended).code).toBe(0);

  const again = follow("main");
  await printed(again, /next 2\n/);
  stack.write({ server: BusyStack.one(counting("later")) });
  await stack.up();
  await printed(again, /later 3\n/);
  expect(again.err()).toMatch(/longshore: job\/server\/main\[0\] goes on in container [0-9a-f]{12}\n/);
  const later = counted(again.out(), "later");
  expect(later).toEqual(from(1, later.length));
  again.child.kill("SIGINT");
}, 120_000);

test("-f: ends with the task, and tells how", async () => {
  const following = follow("main", "-n", "1");
  await until("it begins", () => following.out() !== "");
  docker("kill", await containerOf("job/server/main[0]"));
  const { code, err } = await following.ended;
  expect([code, err]).toEqual([0, expect.stringMatching(/job\/server\/main\[0\] has ended with exit code 137\n$/)]);
}, 60_000);

test("what one has ended with is there to be read", async () => {
  const { code, out } = await logs("main", "-n", "5");
  expect([code, out]).toEqual([0, expect.stringMatching(/^later \d+$/m)]);
});

/** How a container begins, is found well, ends, and begins again. */
import { execFileSync } from "node:child_process";
import { engine } from "../../support/engine";
import { type LiveTask, removeTasks, startTask } from "../../support/live-task";
import { until } from "../../support/processes";

afterEach(removeTasks);

const script = (text: string) => ({ entrypoint: ["/bin/sh", "-c", text], command: undefined, args: undefined });
const soon = 20_000;

/** The last event of its kind that the engine has of a container, as the exit code it tells. */
const exitCode = (id: string): string =>
  execFileSync("docker", [
    ...[
      "events",
      "--since",
      "5m",
      "--until",
      String(Math.ceil(Date.now() / 1000)),
      "--filter",
      `container=${id}`,
      "--filter",
      "event=die",
    ],
    ...["--format", '{{index .Actor.Attributes "exitCode"}}'],
  ])
    .toString()
    .trim();

test("restart on-failure:2: it is started twice more, and then left", async () => {
  const task = await startTask({ ...script("sleep 1; exit 3"), restart: "on-failure:2" });
  await until(
    "the engine gave up",
    async () => {
      const { RestartCount, State } = await task.info();
      return RestartCount === 2 && State.Status === "exited";
    },
    soon,
  );
  expect((await task.info()).State.ExitCode).toBe(3);
}, 30_000);

test('restart "no": it stays down', async () => {
  const task = await startTask({ ...script("sleep 1; exit 3"), restart: "no" });
  await until("it ended", async () => (await task.info()).State.Status === "exited", soon);
  expect((await task.info()).RestartCount).toBe(0);
}, 30_000);

test("restart unset: a service is started again also when it ended well", async () => {
  const task = await startTask(script("sleep 1"));
  await until("it was started again", async () => (await task.info()).RestartCount > 0, soon);
}, 30_000);

const trap = (signal: string, code: number) =>
  script(`trap "exit ${code}" ${signal}; touch /tmp/ready; while :; do sleep 0.1; done`);
/** Before, the signal would be lost: it is the first process. */
const listens = (task: LiveTask) =>
  until("it listens to signals", async () => (await task.sh("test -f /tmp/ready")).code === 0);

test("kill_signal: the task is told to end by it", async () => {
  const task = await startTask({ ...trap("USR1", 42), killSignal: "SIGUSR1", killTimeout: "10s" });
  await listens(task);
  await task.remove();
  expect(exitCode(task.id)).toBe("42");
}, 30_000);

test("kill_signal unset: by SIGTERM", async () => {
  const task = await startTask({ ...trap("TERM", 43), killSignal: undefined, killTimeout: "10s" });
  await listens(task);
  await task.remove();
  expect(exitCode(task.id)).toBe("43");
}, 30_000);

test("kill_timeout: a task that does not listen is killed after it, and not before", async () => {
  const task = await startTask({
    image: "longshore/stubborn:1",
    ...{ command: undefined, args: undefined },
    killSignal: undefined,
    killTimeout: "2s",
  });
  const began = Date.now();
  await task.remove();
  expect(Date.now() - began).toBeGreaterThanOrEqual(2000);
  expect(exitCode(task.id)).toBe("137");
}, 30_000);

test("healthcheck and wait: it has come up when the check says healthy", async () => {
  const task = await startTask({
    ...script("sleep 2; touch /tmp/ok; exec sleep 3000"),
    healthcheck: { command: ["test", "-f", "/tmp/ok"], interval: "1s", timeout: "5s", startPeriod: "20s", retries: 3 },
    wait: { until: "healthy", timeout: "30s" },
  });
  expect((await task.sh("ls /tmp/ok")).code).toBe(0);
  expect((await task.info()).State.Health?.Status).toBe("healthy");
}, 40_000);

test("wait: what is not healthy in time is no success, and leaves nothing", async () => {
  const label = `wait-${process.pid}`;
  await expect(
    startTask({
      healthcheck: { command: "false", interval: "10s" },
      wait: { until: "healthy", timeout: "1s" },
      labels: { label },
    }),
  ).rejects.toThrow(/not healthy within 1s \(wait.timeout\)/);
  expect(await engine.listContainers([`label=${label}`])).toEqual([]);
}, 30_000);

test('healthcheck "none": the image\'s own is not run', async () => {
  const image = { image: "longshore/health:1", command: undefined, args: undefined };
  const [own, none] = await Promise.all([startTask(image), startTask({ ...image, healthcheck: "none" })]);
  expect((await own.info()).State.Health?.Status).toBeDefined();
  expect((await none.info()).State.Health?.Status ?? "none").toBe("none");
});

/** What a container can and cannot do because of the options of its process. */
import { engine } from "../../support/engine";
import { removeTasks, startTask } from "../../support/live-task";
import { until } from "../../support/processes";

afterEach(removeTasks);

test("user, work_dir, env: the command runs as said, where said, with what was said", async () => {
  const task = await startTask({ user: "1000:2000", workDir: "/work/deep", env: { GREETING: "hello" } });
  expect((await task.sh('echo "$(id -u):$(id -g) $(pwd) $GREETING"')).out).toBe("1000:2000 /work/deep hello");
});

test("readonly_rootfs: a write is refused, but in the task's own directories", async () => {
  const task = await startTask({ readonlyRootfs: true });
  expect((await task.sh("touch /etc/x")).out).toMatch(/Read-only file system/);
  expect(await task.sh("touch /local/x /alloc/data/x /secrets/x")).toEqual({ code: 0, out: "" });
});

const echoed = ["/bin/sh", "-c", 'echo "$0 $*" > /tmp/said; exec sleep 3000'];
const said = async (options: object) => {
  const task = await startTask({ command: undefined, args: undefined, ...options });
  return (await task.exec("cat", "/tmp/said")).out;
};

test("command and args are what the entrypoint is given; args alone take the place of the image's", async () => {
  expect(await said({ entrypoint: echoed, command: "one", args: ["two", "three"] })).toBe("one two three");
  expect(await said({ entrypoint: echoed, args: ["alone", "two"] })).toBe("alone two");
});

test("entrypoint takes the place of the image's; an empty one clears it, and the command runs by itself", async () => {
  const image = "longshore/echo:1";
  const cleared = await startTask({ image, entrypoint: [], command: "sleep", args: ["3000"] });
  expect((await cleared.sh("tr '\\0' ' ' < /proc/1/cmdline")).out).toBe("sleep 3000");
});

test("tty: the process has a terminal; without, it has none", async () => {
  const stdout = { entrypoint: ["/bin/sh", "-c", "tty > /tmp/said 2>&1; exec sleep 3000"] };
  expect(await said({ ...stdout, tty: true, interactive: true })).toMatch(/^\/dev\//);
  expect(await said(stdout)).toMatch(/not a tty/);
});

test("interactive: reading its input waits; without, the input is at its end", async () => {
  const stdin = (interactive: boolean) =>
    startTask({
      command: undefined,
      args: undefined,
      entrypoint: ["/bin/sh", "-c", "read line || touch /tmp/ended; exec sleep 3000"],
      interactive,
    });
  const [open, closed] = await Promise.all([stdin(true), stdin(false)]);
  expect((await open.sh("ls /tmp/ended")).code).not.toBe(0);
  expect((await closed.sh("ls /tmp/ended")).code).toBe(0);
});

test("labels: the engine finds the container by them", async () => {
  const task = await startTask({ labels: { "made-for": "a test of labels" } });
  const found = await engine.listContainers(["made-for=a test of labels"]);
  expect(found.map(({ Id }) => Id)).toEqual([task.id]);
});

test("logging: the engine keeps two files of 2 MB at most; with none, nothing is kept", async () => {
  const usual = await startTask();
  expect((await usual.info()).HostConfig.LogConfig).toEqual({
    Type: "json-file",
    Config: { "max-file": "2", "max-size": "2m" },
  });
  const small = await startTask({
    command: undefined,
    args: undefined,
    entrypoint: ["/bin/sh", "-c", "seq 1 20000; exec sleep 3000"],
    logging: { type: "json-file", config: { "max-size": "20k", "max-file": "2" } },
  });
  await until("it wrote all", async () => (await engine.logTail(small.id, 1)) === "20000");
  expect((await engine.logTail(small.id, 20_000)).split("\n").length).toBeLessThan(2000);
  const none = await startTask({ logging: { type: "none" } });
  await expect(engine.logTail(none.id, 1)).rejects.toThrow();
});

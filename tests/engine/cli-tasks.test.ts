/** `longshore ps`, `signal`, `exec` and `stats`, as they are installed, in pipes, on a stack that runs. */
import { execFileSync } from "node:child_process";
import { BusyStack } from "../support/busy-stack";
import { endCommands, longshore, printed, start } from "../support/command";
import { engine } from "../support/engine";
import { until } from "../support/processes";
import { exec, logs, ps, signal, stats, watchStats, TaskError } from "../../run";

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

/** Other tests have their stacks on the engine. */
const ofStack = () => ["--project", stack.project];
const on = (name: string, ...args: readonly string[]) => longshore([name, ...ofStack(), ...args]);

interface Status {
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  readonly health?: string;
  readonly exitCode?: number;
  readonly container: string;
  readonly startedAt: string;
  readonly ports: Readonly<Record<string, string>>;
}
const statuses = async (...args: readonly string[]) =>
  JSON.parse((await on("ps", "--json", ...args)).out) as readonly Status[];
const statusOf = async (name: string) => (await statuses("--all")).find((one) => one.name === name)!;

const names = [
  "job/console/quiet[0]",
  "job/pages/reader[0]",
  "job/pages/writer[0]",
  "job/server/echo[0]",
  "job/server/echo[1]",
];

describe("ps", () => {
  test("a table of the tasks that run, with health, ports, age and container", async () => {
    await until("it is healthy", async () => (await statusOf("job/pages/writer[0]")).health === "healthy");
    const { code, out, err } = await on("ps");
    expect([code, err]).toEqual([0, ""]);
    const [head, ...rows] = out.trimEnd().split("\n");
    expect(head).toMatch(/^TASK +IMAGE +STATE +PORTS +STARTED +CONTAINER$/);
    expect(rows.map((row) => row.split(" ", 1)[0])).toEqual(names);
    const { container } = await statusOf("job/pages/writer[0]");
    expect(rows[2]).toMatch(
      new RegExp(
        `longshore/busybox:1.35 +running \\(healthy\\) +web=127.0.0.1:\\d+ +\\d+ (?:s|min) ago +${container.slice(0, 12)}$`,
      ),
    );
    expect(rows[0]).not.toContain("127.0.0.1");
  });

  test("--json has what docker says of each", async () => {
    for (const { name, container, state, startedAt, ports } of await statuses()) {
      expect([name, state]).toEqual([name, docker("inspect", "--format", "{{.State.Status}}", container)]);
      expect(startedAt).toBe(docker("inspect", "--format", "{{.State.StartedAt}}", container));
      const http = name.startsWith("job/server") ? docker("port", container, "8080/tcp") : undefined;
      expect(ports.http).toBe(http);
    }
  });

  test("--all adds the container of a network, and one that has ended with its exit code", async () => {
    stack.write({ server: BusyStack.one("exit 3", { wait: { until: "started", minHealthyTime: "0s" } }) });
    await stack.tryUp();
    try {
      const all = await statuses("--all");
      expect(all.filter(({ kind }) => kind === "infra").map(({ name }) => name)).toEqual(["job/pages[0]"]);
      const { container } = (await statuses()).find(({ name }) => name === "job/console/quiet[0]")!;
      docker("kill", container);
      expect(await statusOf("job/console/quiet[0]")).toMatchObject({ state: "exited", exitCode: 137 });
      expect((await statuses()).map(({ name }) => name)).not.toContain("job/console/quiet[0]");
      expect((await on("ps", "--all")).out).toMatch(/job\/console\/quiet\[0\] .* exited \(137\) /);
      expect(await on("signal", "quiet", "HUP")).toEqual({
        code: 1,
        out: "",
        err: "longshore: the task job/console/quiet[0] does not run (it is exited), and gets no signal; longshore logs job/console/quiet[0] shows its last words\n",
      });
      docker("start", container);
    } finally {
      stack.write();
      await stack.up();
    }
  }, 90_000);

  test("of a stack without tasks: says so, and to a program nothing but an empty list", async () => {
    const nobody = ["ps", "--project", "nobody"];
    expect(await longshore(nobody)).toEqual({
      code: 0,
      out: "",
      err: "no tasks run of project nobody; --all tells of those that do not\n",
    });
    expect((await longshore([...nobody, "--json"])).out).toBe("[]\n");
  });
});

describe("signal", () => {
  test.each(["SIGUSR1", "usr1", "10"])("%s reaches the program", async (name) => {
    const said = async () => (await on("logs", "quiet")).out.match(/got USR1/g)?.length ?? 0;
    const before = await said();
    const { code, out, err } = await on("signal", "quiet", name);
    expect([code, out]).toEqual([0, ""]);
    expect(err).toMatch(/^sent (?:SIGUSR1|10) to job\/console\/quiet\[0\]\n$/);
    await until("the program has got it", async () => (await said()) === before + 1);
  });

  test.each([
    [["quiet", "SIGHOP"], 'there is no signal "SIGHOP"; did you mean SIGHUP?'],
    [["quiet", "0"], 'there is no signal "0"; the signals are SIGHUP, SIGINT,'],
    [["quite", "HUP"], "did you mean job/console/quiet[0]?"],
    [["something-else-altogether", "HUP"], `; the tasks are ${names.join(", ")}`],
    [["echo", "HUP"], '"echo" means 2 tasks: job/server/echo[0], job/server/echo[1]; name one of them'],
    [["quiet"], "signal takes a task and a signal, and was given 1"],
  ])("%j is refused with what was meant", async (args, text) => {
    const { code, out, err } = await on("signal", ...args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(text);
  });
});

describe("exec", () => {
  const run = (args: readonly string[], input?: string) => longshore(["exec", ...ofStack(), ...args], input);

  test.each([
    "job/server/echo[1]",
    "job/server[1]/echo",
    "server/echo[1]",
    "server[1]/echo",
    "echo[1]",
    "app/job/server/echo[1]",
  ])("the task is found as %s", async (name) => {
    const { out } = await run([name, "--", "sh", "-c", "echo $NOMAD_ALLOC_INDEX"]);
    expect(out).toBe("1\n");
  });

  test("the task is found by its container", async () => {
    const { container } = await statusOf("job/server/echo[1]");
    for (const word of [container, container.slice(0, 12), docker("inspect", "-f", "{{.Name}}", container).slice(1)])
      expect((await run([word, "--", "sh", "-c", "echo $NOMAD_ALLOC_INDEX"])).out).toBe("1\n");
  });

  test("both outputs and the exit code are the command's", async () =>
    expect(await run(["writer", "--", "sh", "-c", "echo out; echo err >&2; exit 7"])).toEqual({
      code: 7,
      out: "out\n",
      err: "err\n",
    }));

  test("what is piped in arrives, to its end, and as much comes back", async () => {
    const text = "0123456789abcdef".repeat(65_536);
    const { code, out } = await run(["-i", "writer", "--", "cat"], text);
    expect([code, out.length, out === text]).toEqual([0, text.length, true]);
  });

  test("without -i nothing is handed on", async () =>
    expect((await run(["writer", "--", "wc", "-c"], "text")).out.trim()).toBe("0"));

  test("a command that ends before its input leaves nobody waiting", async () => {
    const one = start("exec", ...ofStack(), "-i", "writer", "--", "sh", "-c", "read line; echo got $line");
    one.type("one\n");
    expect(await one.ended).toEqual({ code: 0, out: "got one\n", err: "" });
  });

  test("--user, --workdir and --env", async () => {
    const script = ["sh", "-c", 'id -u; id -g; pwd; echo "$GREETING"'];
    const options = ["--user", "1000:1001", "--workdir", "/tmp", "--env", "GREETING=a = b"];
    expect((await run([...options, "writer", "--", ...script])).out).toBe("1000\n1001\n/tmp\na = b\n");
  });

  test("a command without --, with options of its own", async () =>
    expect((await run(["writer", "echo", "-n", "--", "-i"])).out).toBe("-- -i"));

  test.each([
    [["writer"], 2, /exec takes a task and a command to run in it, and was given no command/],
    [["writer", "--env", "A", "--", "true"], 2, /--env is "A", which has no value; write NAME=VALUE/],
    [["-it", "writer", "--", "true"], 2, /was given -i and -t, and its input is no terminal; take -t out/],
    // The engine's own words and codes.
    [["writer", "--", "no-such-command"], 126, /no-such-command/],
    [["--user", "nobody-here", "writer", "--", "true"], 126, /nobody-here/],
  ])("%j fails", async (args, code, text) => {
    const ran = await run(args);
    expect([ran.code, `${ran.out}${ran.err}`]).toEqual([code, expect.stringMatching(text)]);
  });
});

describe("stats", () => {
  test("--no-stream: a table", async () => {
    const { code, out } = await on("stats", "--no-stream");
    const [head, ...rows] = out.trimEnd().split("\n");
    expect([code, head]).toEqual([
      0,
      expect.stringMatching(/^TASK +CPU +MEMORY +NET IN \/ OUT +DISK READ \/ WRITTEN +PIDS$/),
    ]);
    expect(rows.map((row) => row.split(" ", 1)[0])).toEqual(names);
    expect(rows[3]).toMatch(/ \d+\.\d % +\S+ \S+ \/ 32\.0 MiB +\S+ k?B \/ \S+ k?B +\S+ k?B \/ \S+ k?B +[1-9]\d*$/);
  });

  test("--json: a line a second, with numbers that grow under load", async () => {
    const watching = start("stats", ...ofStack(), "--json", "echo[0]");
    const load = start("exec", ...ofStack(), "echo[0]", "--", "timeout", "8", "sh", "-c", "while :; do :; done");
    const lines = () =>
      watching
        .out()
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as { tasks: { cpuPercent: number }[] });
    await until("the load is seen", () => lines().some(({ tasks: [task] }) => (task?.cpuPercent ?? 0) > 20));
    expect(lines().at(-1)?.tasks).toEqual([
      {
        task: "job/server/echo[0]",
        container: (await statusOf("job/server/echo[0]")).container,
        cpuPercent: expect.any(Number) as number,
        memoryBytes: expect.any(Number) as number,
        memoryLimitBytes: 32 * 1024 * 1024,
        network: { receivedBytes: expect.any(Number) as number, sentBytes: expect.any(Number) as number },
        blocks: { readBytes: expect.any(Number) as number, writtenBytes: expect.any(Number) as number },
        pids: expect.any(Number) as number,
      },
    ]);
    watching.child.kill("SIGINT");
    await watching.ended;
    expect(watching.out()).not.toContain("\u001b");
    load.child.kill();
  });

  test("a reader that reads no more ends it", async () => {
    const watching = start("stats", ...ofStack());
    await printed(watching, /TASK/);
    watching.child.stdout!.destroy();
    expect((await watching.ended).code).toBe(0);
  });
});

describe("as functions", () => {
  const scope = () => ({ project: stack.project });

  test("ps, exec, signal, logs and stats", async () => {
    expect((await ps(scope())).map(({ name }) => name)).toEqual(names);
    expect(await exec("writer", ["sh", "-c", "cat; echo no >&2; exit 4"], { ...scope(), input: "yes" })).toEqual({
      exitCode: 4,
      stdout: "yes",
      stderr: "no\n",
    });
    expect(await signal("quiet", "hup", scope())).toMatchObject({ task: "job/console/quiet[0]", signal: "SIGHUP" });
    for await (const { stream, time, data } of logs("echo[0]", { ...scope(), tail: 1 }))
      expect([stream, time, data.toString()]).toEqual([
        expect.stringMatching(/^std(?:out|err)$/),
        expect.stringMatching(/^\d{4}-.*Z$/),
        expect.stringMatching(/^(?:line|error) \d+\n$/),
      ]);
    expect(await stats("quiet", scope())).toMatchObject([
      { task: "job/console/quiet[0]", pids: expect.any(Number) as number },
    ]);
    for await (const all of watchStats(undefined, scope())) {
      expect(all.map(({ task }) => task)).toEqual(names);
      break;
    }
    await expect(exec("nothing-like-it", ["true"], scope())).rejects.toThrow(TaskError);
  });

  test("who follows a log leaves it when he likes", async () => {
    const { container } = await statusOf("job/server/echo[0]");
    for await (const { container: from } of logs("echo[0]", { ...scope(), follow: true })) {
      expect(from).toBe(container);
      break;
    }
    expect((await engine.inspectContainer(container)).State.Running).toBe(true);
  });
});

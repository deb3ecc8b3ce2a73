/** Ports that are asked for by number and are somebody's; ports that stay; what answers on them. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { keyLabel, keyOf, portsOf } from "../../provider/ownership";
import { engine } from "../support/engine";
import { docker } from "../support/image-use";
import { removeTasks, startTask } from "../support/live-task";
import { until } from "../support/processes";
import { TestStack } from "../support/stack";
import { answering, ask, protocols } from "../support/talk";

afterEach(removeTasks);

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => resolve(port));
    });
  });

describe("a static port that is somebody's", () => {
  const stack = new TestStack("tests/programs/from-file");
  const other = new TestStack("tests/programs/from-file");
  const task = {
    image: "longshore/busybox:1.35",
    command: "sleep",
    args: ["3000"],
    killSignal: "SIGKILL",
    ports: ["http"],
  };
  const write = (to: TestStack, port: number, tasks: object = { web: task }) =>
    writeFileSync(
      join(to.dir, "tree.json"),
      JSON.stringify({ groups: { g: { group: { network: { ports: { http: { static: port, to: 80 } } } }, tasks } } }),
    );
  const own = async (of: TestStack) =>
    (await engine.listContainers([keyLabel])).filter((row) => keyOf(row)?.startsWith(`${of.project}/`));
  beforeAll(() => Promise.all([stack.init(), other.init()]));
  afterAll(() => Promise.all([stack.dispose(), other.dispose()]), 240_000);

  const refusedInPreview = async (text: RegExp) => {
    const { code, out } = await stack.run(["preview"]);
    expect(out).toMatch(text);
    expect(code).not.toBe(0);
    const up = await stack.tryUp();
    expect(up.out).toMatch(text);
    expect(await own(stack)).toEqual([]);
  };

  test.each([
    ["a task alone", { web: task }],
    ["an allocation of two", { web: task, db: { ...task, ports: [] } }],
  ])(
    "a container's: the preview refuses %s, names it, and nothing is touched",
    async (_, tasks) => {
      const port = await freePort();
      const name = `longshore-test-${port}`;
      docker("run", "-d", "--name", name, "-p", `127.0.0.1:${port}:80`, "longshore/busybox:1.35", "sleep", "3000");
      try {
        write(stack, port, tasks);
        await refusedInPreview(
          new RegExp(
            `network\\.ports\\.http\\.static is ${port} on 127\\.0\\.0\\.1, which the container ${name} has; choose another port`,
          ),
        );
      } finally {
        docker("rm", "-f", name);
      }
    },
    120_000,
  );

  test("a process's: the preview names it", async () => {
    const port = await freePort();
    const script = `require("net").createServer().listen(${port}, "127.0.0.1", () => console.log("up"))`;
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      await new Promise((up) => child.stdout.once("data", up));
      write(stack, port);
      await refusedInPreview(new RegExp(`which the process node \\(${child.pid}\\) on the engine's host has`));
    } finally {
      child.kill();
    }
  }, 120_000);

  test("another stack's: the preview names the task and the stack; once that is gone, the port is free", async () => {
    const port = await freePort();
    write(other, port);
    await other.up();
    write(stack, port);
    await refusedInPreview(
      new RegExp(`which job/g\\[0\\]/web of the stack ${other.project}/test has \\(the container web-`),
    );
    await other.destroy();
    await stack.up();
    await stack.up("--expect-no-changes");
    const [row] = await own(stack);
    expect(row && portsOf(row).http?.value).toBe(port);
    // Its own is nobody else's: it is replaced, and the port goes over.
    write(stack, port, { web: { ...task, args: ["4000"] } });
    await stack.up();
    expect((await own(stack)).map((one) => portsOf(one).http?.value)).toEqual([port]);
  }, 240_000);

  test("somebody takes it after the preview: the start is refused in the same words", async () => {
    const port = await freePort();
    const network = { ports: { http: { static: port, to: 80 } } };
    const second = startTask(
      { ports: ["http"] },
      { network, afterCheck: () => startTask({ ports: ["http"] }, { network }) },
    );
    await expect(second).rejects.toThrow(
      new RegExp(
        `network\\.ports\\.http\\.static is ${port} on 127\\.0\\.0\\.1, which group\\[0\\]/task of the stack live-`,
      ),
    );
  });
});

const operator = { plugin: { volumes: { enabled: true } } };

test("tcp and udp answer by label, and two labels of one port inside both do", async () => {
  const task = await startTask(
    { ...answering("web", "$NOMAD_PORT_http"), ports: ["http", "admin"] },
    { ...operator, network: { ports: { http: { to: 8080 }, admin: { to: 8080 } } } },
  );
  const { http, admin } = task.outs.addresses;
  expect(http).not.toBe(admin);
  for (const label of ["http", "admin"])
    for (const protocol of protocols)
      await until(
        `${label} answers on ${protocol}`,
        async () => (await ask(protocol, task.outs.addresses[label] ?? "")) === `web ${protocol}`,
      );
});

test("a port without `to` is the same inside", async () => {
  const task = await startTask(
    { ...answering("web", "$NOMAD_PORT_http"), ports: ["http"] },
    { ...operator, network: { ports: { http: {} } } },
  );
  const value = task.outs.hostPorts.http?.value;
  expect(value).toBeGreaterThanOrEqual(20_000);
  expect(value).toBeLessThanOrEqual(32_000);
  await until("it answers", async () => (await ask("tcp", `127.0.0.1:${value}`)) === "web tcp");
});

describe("the ports of an allocation", () => {
  const stack = new TestStack("tests/programs/from-file");
  const write = (options: object) =>
    writeFileSync(
      join(stack.dir, "tree.json"),
      JSON.stringify({
        groups: {
          g: {
            group: { network: { ports: { http: { to: 80 }, admin: {} } } },
            tasks: {
              web: {
                image: "longshore/busybox:1.35",
                command: "sleep",
                args: ["3000"],
                killSignal: "SIGKILL",
                ports: ["http"],
                ...options,
              },
            },
          },
        },
      }),
    );
  const now = async () =>
    (await engine.listContainers([keyLabel]))
      .filter((row) => keyOf(row)?.startsWith(`${stack.project}/`))
      .map((row) => ({
        id: row.Id,
        ports: portsOf(row),
        published: row.Ports?.map(({ PublicPort }) => PublicPort).sort(),
      }));
  beforeAll(() => stack.init());
  afterAll(() => stack.dispose(), 120_000);

  test("stay with it: over restarts, refreshes and what is changed in place", async () => {
    write({});
    await stack.up();
    const first = await now();
    docker("restart", "-t", "0", first[0]?.id ?? "");
    write({ memory: 400 });
    await stack.up();
    await stack.refresh();
    await stack.up("--expect-no-changes");
    expect(await now()).toEqual(first);
  }, 120_000);
});

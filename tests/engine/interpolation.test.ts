/** `${…}` and the environment on a real engine: what a container is told, and what a preview says of it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { removeTasks, startTask } from "../support/live-task";
import { engine } from "../support/engine";
import { keyLabel, keyOf } from "../../provider/ownership";
import { TestStack } from "../support/stack";

afterEach(removeTasks);

const network = { ports: { http: { to: 8080 }, "admin-1": { static: undefined, to: undefined } } };

describe("a task", () => {
  test("is told in args, env, labels and host name what is known only when it is allocated", async () => {
    const task = await startTask(
      {
        entrypoint: ["/bin/sh", "-c", 'echo "$0 $*" > /tmp/said; exec sleep 3000'],
        command: "${NOMAD_ADDR_http}",
        args: [
          "${NOMAD_ALLOC_ID}",
          "$${NOMAD_ALLOC_ID}",
          "${upper(NOMAD_TASK_NAME)}",
          "${GREETING}",
          "${NOMAD_PORT_http + 1}",
        ],
        env: { GREETING: "hello ${NOMAD_HOST_PORT_http}", SHELL_S: "${HOME:-none}" },
        labels: { "of-${NOMAD_JOB_NAME}": "port ${NOMAD_HOST_PORT_admin_1}" },
        hostname: "${NOMAD_TASK_NAME}-${NOMAD_ALLOC_INDEX}",
        ports: ["http", "admin-1"],
      },
      { network: network },
    );
    const { http, "admin-1": admin } = task.outs.hostPorts;
    const { allocId } = task.outs;
    expect((await task.exec("cat", "/tmp/said")).out).toBe(
      `${http?.hostIp ?? ""}:${http?.value ?? ""} ${allocId} \${NOMAD_ALLOC_ID} TASK hello ${http?.value ?? ""} 8081`,
    );
    expect((await task.sh('echo "$GREETING|$SHELL_S"; hostname')).out).toBe(
      `hello ${http?.value ?? ""}|\${HOME:-none}\ntask-0`,
    );
    expect((await task.info()).Config.Labels).toMatchObject({ "of-job": `port ${admin?.value ?? ""}` });
  });

  test("names its engine", async () => {
    const info = await engine.info();
    const architectures: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };
    const task = await startTask({
      env: { ARCH: "${attr.cpu.arch}", NODE: "${node.unique.name}", DOCKER: "${attr.driver.docker.version}" },
    });
    expect((await task.sh('echo "$ARCH $NODE $DOCKER"')).out).toBe(
      `${architectures[info.Architecture] ?? ""} ${info.Name} ${info.ServerVersion}`,
    );
  });

  test("is judged by what its texts mean, when that is known: no way round the operator", async () => {
    await expect(startTask({ capAdd: ["${env.CAP}"], env: { CAP: "SYS_ADMIN" } })).rejects.toThrow(/cap_add/);
    await expect(startTask({ dnsServers: ["${NOMAD_ALLOC_ID}"], env: { CAP: "SYS_ADMIN" } })).rejects.toThrow(
      /task task \(.*\) was not started: dns_servers\[0\] is a value not shown here, which is not an IP address/,
    );
    expect(await engine.listContainers(["made-for=nothing"])).toEqual([]);
  });

  test("shows no secret of its environment when what is made of it is refused", async () => {
    const refused = await startTask({ dnsServers: ["${PASSWORD}"], env: { PASSWORD: "hunter2" } }).catch(String);
    expect(refused).toMatch(/dns_servers\[0\]/);
    expect(refused).not.toContain("hunter2");
  });
});

describe("a stack", () => {
  const stack = new TestStack("tests/programs/from-file");
  const task = (ports: readonly string[], options: object) => ({
    image: "longshore/busybox:1.35",
    command: "sleep",
    args: ["3000"],
    killSignal: "SIGKILL",
    ports,
    ...options,
  });
  const write = (options: object) =>
    writeFileSync(
      join(stack.dir, "tree.json"),
      JSON.stringify({
        groups: {
          group: {
            group: { network: { ports: { http: { to: 8080 }, db: {} } } },
            tasks: { web: task(["http"], options), db: task(["db"], options) },
          },
        },
      }),
    );
  const named = { labels: { peer: "${NOMAD_ADDR_db} ${NOMAD_ADDR_http}" }, env: { PEER: "${NOMAD_HOST_PORT_db}" } };
  beforeAll(() => stack.init());
  afterAll(() => stack.dispose(), 120_000);
  const own = async () =>
    (await engine.listContainers([keyLabel])).filter((row) => keyOf(row)?.startsWith(`${stack.project}/`));

  test("two tasks of a group name each other's ports; the second up is empty; the preview shows the text", async () => {
    write({ ...named });
    await stack.up();
    const rows = await own();
    expect(rows).toHaveLength(2);
    const peers = new Set(rows.map(({ Labels }) => Labels.peer));
    expect(peers.size).toBe(1);
    expect([...peers][0]).toMatch(/^[\d.]+:\d+ [\d.]+:\d+$/);
    expect(await stack.ok(["up", "--yes", "--skip-preview", "--expect-no-changes"])).toMatch(/unchanged/);
    expect(await stack.ok(["refresh", "--yes", "--skip-preview", "--expect-no-changes"])).toMatch(/unchanged/);
  }, 120_000);

  test("an unknown name is refused in the preview, with the nearest known one, and nothing is touched", async () => {
    const before = (await own()).map(({ Id }) => Id).sort();
    write({ args: ["${NOMAD_PORT_htpp}"] });
    const { code, out } = await stack.tryUp();
    expect(code).not.toBe(0);
    expect(out).toMatch(/args\[0\] names NOMAD_PORT_htpp, which is not known here; did you mean NOMAD_PORT_http\?/);
    expect((await own()).map(({ Id }) => Id).sort()).toEqual(before);
  }, 120_000);

  test("a changed text is a change of that option", async () => {
    write({ ...named, args: ["3${int(0)}00"] });
    const announced = await stack.preview();
    const tasks = announced.filter(({ type }) => type === "Task");
    expect(tasks.map(({ op }) => op)).toEqual(["replace", "replace"]);
    for (const { changed } of tasks) expect(changed).toContain("args");
    for (const { changed } of tasks) expect(changed).not.toContain("labels");
    await stack.up();
    expect((await own()).length).toBe(2);
  }, 120_000);
});

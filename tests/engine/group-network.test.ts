/** What the tasks of a group reach, and where they are reached, because of the mode of its network. */
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ContainerInfo } from "../../provider/engine/types";
import type { AllocationOutputs, TaskOutputs } from "../../provider/inputs";
import { containersOf, inspectAll, taskOf, volumesOf } from "../support/engine";
import { until } from "../support/processes";
import { TestStack } from "../support/stack";
import { answering, ask, askInside, protocols, talking } from "../support/talk";

const plugin = { volumes: { enabled: true }, infraImage: "longshore/pause:3.1" };
const docker = (...args: readonly string[]) => execFileSync("docker", args, { encoding: "utf8" }).trim();

let stack: TestStack;
const write = (group: object, tasks: object, ofPlugin: object = {}) =>
  writeFileSync(
    join(stack.dir, "tree.json"),
    JSON.stringify({ plugin: { ...plugin, ...ofPlugin }, groups: { web: { group, tasks } } }),
  );

interface State {
  readonly checkpoint: {
    readonly latest: {
      readonly resources?: readonly { readonly id?: string; readonly outputs?: { readonly kind?: string } }[];
    };
  };
}
const outputsOf = (kind: string): readonly unknown[] =>
  ((JSON.parse(stack.state) as State).checkpoint.latest.resources ?? []).flatMap(({ id, outputs }) =>
    outputs?.kind === kind ? [{ ...outputs, id }] : [],
  );
const allocation = () => outputsOf("Allocation")[0] as AllocationOutputs & { readonly id: string };
const address = (task: string, label: string) =>
  (outputsOf("Task") as readonly TaskOutputs[]).find(({ place }) => place.task === task)?.addresses[label] ?? "";

/** The containers of the stack: the infra container as `infra`, the tasks' by their names. */
const containers = async (): Promise<Readonly<Record<string, ContainerInfo>>> =>
  Object.fromEntries(
    (await inspectAll(stack.project)).map((info) => [
      info.Name.startsWith("/longshore_init_") ? "infra" : taskOf(info.Config),
      info,
    ]),
  );
const ids = async () => Object.fromEntries(Object.entries(await containers()).map(([name, { Id }]) => [name, Id]));
const announced = async () =>
  (await stack.preview()).map(({ type, name, op }) => `${op} ${type} ${name.split("/").at(-1) ?? ""}`).sort();
const quiet = async () => {
  await stack.ok(["preview", "--expect-no-changes"]);
  await stack.refresh("--expect-no-changes");
};

beforeEach(async () => {
  stack = await new TestStack("tests/programs/from-file").init();
}, 60_000);

/** Nothing is left, of whatever kind. */
const leavesNothing = async () => {
  const { id } = allocation();
  await stack.destroy();
  expect([await containersOf(stack.project), await volumesOf(stack.project)]).toEqual([[], []]);
  expect(docker("ps", "-aq", "--filter", `name=longshore_init_${id}`)).toBe("");
};
afterEach(() => stack.dispose(), 120_000);

describe("mode bridge", () => {
  const network = { mode: "bridge", ports: { web: { to: 7000 }, admin: {} } };
  const tasks = (more: object = {}) => ({
    one: { ...answering("one", 7000), ...more },
    two: answering("two", "$NOMAD_PORT_admin"),
  });

  /** Both tasks answer outside on each protocol, and reach each other on localhost. */
  const talk = async () => {
    const { one, two, infra } = await containers();
    const [toOne, toTwo] = [address("two", "web"), address("one", "admin")];
    for (const protocol of protocols) {
      await until(`one answers on ${protocol}`, async () => (await ask(protocol, toOne)) === `one ${protocol}`);
      await until(`two answers on ${protocol}`, async () => (await ask(protocol, toTwo)) === `two ${protocol}`);
      expect(await askInside(two?.Id ?? "", protocol, "127.0.0.1", 7000)).toBe(`one ${protocol}`);
      const port = allocation().allocatedPorts.admin?.to ?? 0;
      expect(await askInside(one?.Id ?? "", protocol, "127.0.0.1", port)).toBe(`two ${protocol}`);
    }
    expect(one?.HostConfig.NetworkMode).toBe(`container:${infra?.Id ?? ""}`);
    expect(Object.keys({ ...one?.HostConfig.PortBindings, ...two?.HostConfig.PortBindings })).toEqual([]);
  };

  test("tasks meet on localhost and answer outside, through restarts, changes and losses of either", async () => {
    write({ network }, tasks());
    expect((await announced()).filter((text) => !text.includes("Image"))).toEqual([
      "create Allocation web[0]",
      "create Task one",
      "create Task two",
    ]);
    await stack.up();
    await talk();
    await quiet();
    const first = await containers();
    expect(first.infra?.Name).toBe(`/longshore_init_${allocation().id}`);
    expect(first.infra?.HostConfig.RestartPolicy?.Name).toBe("always");

    // A task that the engine starts again finds the network as it was.
    docker("restart", "-t", "0", first.one?.Id ?? "");
    await talk();
    expect((await containers()).infra?.State.StartedAt).toBe(first.infra?.State.StartedAt);

    // What a live container can be given leaves all containers alone.
    write({ network }, tasks({ memory: 200 }));
    expect(await announced()).toEqual(["update Task one"]);
    await stack.up();
    await talk();
    expect(await ids()).toEqual(Object.fromEntries(Object.entries(first).map(([name, { Id }]) => [name, Id])));

    // What only a new container can have makes a new allocation, with a network of its own, before the old one goes.
    write({ network }, tasks({ memory: 200, env: { NAME: "one", MORE: "1" } }));
    expect(await announced()).toEqual(["replace Allocation web[0]", "replace Task one", "replace Task two"]);
    await stack.up();
    await talk();
    const second = await ids();
    for (const name of ["infra", "one", "two"]) expect(second[name]).not.toBe(first[name]?.Id);
    expect(await containersOf(stack.project)).toHaveLength(3);
    await quiet();

    // A network that is lost takes the allocation with it.
    for (const lose of [
      ["rm", "-f"],
      ["stop", "-t", "0"],
    ]) {
      docker(...lose, (await ids()).infra ?? "");
      await stack.refresh();
      const all = ["replace Allocation web[0]", "replace Task one", "replace Task two"];
      expect([lose[0], await announced()]).toEqual([lose[0], all]);
      await stack.up();
      await talk();
      expect(await containersOf(stack.project)).toHaveLength(3);
      await quiet();
    }

    // One that was started again has another network: its tasks are led there.
    const third = await containers();
    docker("restart", "-t", "0", third.infra?.Id ?? "");
    expect(await ask("tcp", address("one", "web"))).toBeUndefined();
    await stack.refresh();
    expect(await announced()).toEqual(["update Task one", "update Task two"]);
    await stack.up();
    await talk();
    expect(await ids()).toEqual(Object.fromEntries(Object.entries(third).map(([name, { Id }]) => [name, Id])));
    await quiet();
    await leavesNothing();
  }, 600_000);
});

const sleeping = { image: "longshore/busybox:1.35", command: "sleep", args: ["3000"], killSignal: "SIGKILL" };
const sh = (id: string | undefined, script: string) => docker("exec", id ?? "", "/bin/sh", "-c", script);

test("mode none: the tasks meet on localhost, and nowhere else", async () => {
  write(
    { network: { mode: "none" } },
    { one: answering("one", 7000), two: sleeping, three: { ...talking, ...sleeping } },
  );
  await stack.up();
  const { two, three, infra } = await containers();
  await until("it answers", async () => (await askInside(three?.Id ?? "", "tcp", "127.0.0.1", 7000)) === "one tcp");
  expect(await askInside(three?.Id ?? "", "udp", "127.0.0.1", 7000)).toBe("one udp");
  expect(sh(two?.Id, "ip -o link | grep -v '<LOOPBACK' ; ip -o link | grep -c LOOPBACK")).toBe("1");
  expect(infra?.HostConfig.NetworkMode).toBe("none");
  await quiet();
  await leavesNothing();
}, 120_000);

test("mode host: the tasks are in the network of the engine's host, without an infra container", async () => {
  const network = { mode: "host", ports: { web: {} }, dns: { servers: ["10.0.0.2"], searches: ["example.test"] } };
  write(
    { network },
    {
      one: { ...answering("one", "$NOMAD_HOST_PORT_web"), ports: ["web"] },
      two: { ...sleeping, networkMode: "bridge" },
    },
  );
  await stack.up();
  const { one, two, infra } = await containers();
  expect([infra, one?.HostConfig.NetworkMode, two?.HostConfig.NetworkMode]).toEqual([undefined, "host", "bridge"]);
  for (const protocol of protocols)
    await until(
      `it answers on ${protocol}`,
      async () => (await ask(protocol, address("one", "web"))) === `one ${protocol}`,
    );
  for (const { Id } of [one, two].flatMap((info) => info ?? []))
    expect(sh(Id, "cat /etc/resolv.conf")).toMatch(
      /nameserver 10\.0\.0\.2[^]*search example\.test|search example\.test[^]*nameserver 10\.0\.0\.2/,
    );
  await quiet();
  await leavesNothing();
}, 120_000);

test("a network_mode of a task's own: it has that network, and publishes its own ports", async () => {
  const network = { mode: "bridge", ports: { web: { to: 7000 }, own: { to: 7001 } } };
  write(
    { network },
    {
      one: answering("one", 7000),
      two: { ...answering("two", 7001), networkMode: "bridge", ports: ["own"] },
    },
  );
  await stack.up();
  const { two, infra } = await containers();
  expect(two?.HostConfig.NetworkMode).toBe("bridge");
  expect(Object.keys(two?.HostConfig.PortBindings ?? {})).toEqual(["7001/tcp", "7001/udp"]);
  expect(Object.keys(infra?.HostConfig.PortBindings ?? {})).toEqual(["7000/tcp", "7000/udp"]);
  for (const protocol of protocols) {
    await until("one answers", async () => (await ask(protocol, address("one", "web"))) === `one ${protocol}`);
    await until("two answers", async () => (await ask(protocol, address("two", "own"))) === `two ${protocol}`);
    expect(await askInside(two?.Id ?? "", protocol, "127.0.0.1", 7000)).toBeUndefined();
  }
  await quiet();
  await leavesNothing();
}, 120_000);

test("dns of the group holds for all its tasks, and a task alone in its group shares its network too", async () => {
  const dns = { servers: ["10.0.0.2"], searches: ["example.test"], options: ["ndots:2"] };
  write({ network: { mode: "bridge", dns } }, { one: sleeping });
  await stack.up();
  const { one, infra } = await containers();
  expect(one?.HostConfig.NetworkMode).toBe(`container:${infra?.Id ?? ""}`);
  const resolver = sh(one?.Id, "cat /etc/resolv.conf");
  for (const line of ["nameserver 10.0.0.2", "search example.test", "options ndots:2"])
    expect(resolver).toContain(line);
  expect((outputsOf("Task")[0] as TaskOutputs).ip).toBe(infra?.NetworkSettings.Networks.bridge?.IPAddress);
  await quiet();
  // Parts that say nothing are no change.
  write({ network: { mode: "bridge", dns, ports: {} } }, { one: sleeping });
  await stack.ok(["preview", "--expect-no-changes"]);
  await leavesNothing();
}, 120_000);

test("the mode of a group that runs is changed, and changed back", async () => {
  const ports = { web: { to: 7000 } };
  const one = { ...answering("one", 7000), ports: ["web"] };
  const answers = () => until("it answers", async () => (await ask("tcp", address("one", "web"))) === "one tcp");
  for (const network of [{ ports }, { ports, mode: "bridge" }, { ports }]) {
    write({ network }, { one });
    await stack.up();
    await answers();
    await quiet();
    expect(await containersOf(stack.project)).toHaveLength("mode" in network ? 2 : 1);
  }
  await stack.destroy();
  expect([await containersOf(stack.project), await volumesOf(stack.project)]).toEqual([[], []]);
}, 180_000);

describe("a run that is cut off", () => {
  const network = { mode: "bridge", ports: { web: { to: 7000 } } };
  const tasks = (more: object = {}) => ({
    one: {
      image: "longshore/health:1",
      env: { HEALTH_AFTER: "1", ...more },
      healthcheck: { command: "test -f /tmp/ok", interval: "1s", retries: 50 },
      wait: { until: "healthy", timeout: "1m" },
    },
    two: sleeping,
  });
  /** Kills the CLI when there are so many containers. */
  const cutOff = (count: number) =>
    stack.cutOff("containers are made", async () => (await containersOf(stack.project)).length >= count);

  const healed = async () => {
    await stack.up();
    const now = await containers();
    expect(Object.keys(now).sort()).toEqual(["infra", "one", "two"]);
    expect(await containersOf(stack.project)).toHaveLength(3);
    for (const task of [now.one, now.two])
      expect(task?.HostConfig.NetworkMode).toBe(`container:${now.infra?.Id ?? ""}`);
    expect(Object.values(now).map(({ State }) => State.Running)).toEqual([true, true, true]);
    await quiet();
  };

  test.each([1, 2])(
    "kill -9 of the CLI when it has made %d containers",
    async (count) => {
      write({ network }, tasks());
      await cutOff(count);
      await healed();
      await leavesNothing();
    },
    120_000,
  );

  test("kill -9 of the CLI in the midst of a replacement, and then another program still", async () => {
    write({ network }, tasks());
    await stack.up();
    write({ network }, tasks({ CHANGE: "first" }));
    await cutOff(4);
    write({ network }, tasks({ CHANGE: "second" }));
    await healed();
    await leavesNothing();
  }, 180_000);

  test("a lost state: refused, and when that is said, the next run takes the network and the tasks over, without a restart", async () => {
    write({ network }, tasks());
    await stack.up();
    const before = await ids();
    rmSync(stack.stateFile);
    await stack.init();
    expect((await stack.tryUp()).out).toMatch(/no run that this state knows of made.*LONGSHORE_STATE_LOST=1/s);
    expect(await ids()).toEqual(before);
    stack.env = { LONGSHORE_STATE_LOST: "1" };
    await stack.up();
    stack.env = {};
    await healed();
    expect(await ids()).toEqual(before);
    await leavesNothing();
  }, 180_000);
});

describe("what goes wrong", () => {
  const network = { mode: "bridge", ports: { web: { to: 7000 } } };
  const fails = async (...args: Parameters<typeof write>) => {
    write(...args);
    const { code, out } = await stack.tryUp();
    expect(code).not.toBe(0);
    return out;
  };

  test.each([
    ["hostname", { hostname: "web" }, /hostname is "web", and the tasks of the group share one network/],
    ["mac_address", { macAddress: "02:68:b3:29:da:98" }, /mac_address is "02:68:b3:29:da:98", and the tasks/],
    ["extra_hosts", { extraHosts: ["db:10.0.0.7"] }, /extra_hosts is \["db:10\.0\.0\.7"\], and the tasks/],
    ["dns_servers", { dnsServers: ["10.0.0.2"] }, /dns_servers is .*; set dns\.servers of the group's network/],
    [
      "dns_options",
      { dnsOptions: { $later: ["ndots:2"] } },
      /dns_options is .*; set dns\.options of the group's network/,
    ],
    [
      "port_map",
      { portMap: { web: 80 } },
      /port_map cannot map ports of a network that the group's tasks share \(web\)/,
    ],
  ])(
    "%s of a task in a network that it shares is refused, and nothing is made",
    async (_, options, reason) => {
      expect(await fails({ network }, { one: { ...sleeping, ...options } })).toMatch(reason);
      expect((await containersOf(stack.project)).map(({ Names }) => Names[0]?.replace(/_.*/, ""))).toEqual(
        "dnsOptions" in options ? ["/longshore"] : [],
      );
    },
    60_000,
  );

  test("an infra image that no registry has", async () => {
    const infraImage = "127.0.0.1:1/pause:3.1";
    const out = await fails({ network }, { one: sleeping }, { infraImage });
    expect(out).toMatch(
      /has no network for its tasks: the infra image is not to be had: image 127\.0\.0\.1:1\/pause:3\.1/,
    );
    expect(out).toContain("infra_image");
    expect(await containersOf(stack.project)).toEqual([]);
  }, 120_000);

  test("an infra image whose program ends", async () => {
    const out = await fails({ network }, { one: sleeping }, { infraImage: "longshore/busybox:1.35" });
    expect(out).toMatch(/the program of the infra image longshore\/busybox:1\.35 ended with exit code 0/);
    // Ended before it was looked at, or a moment later: then the first task meets it.
    const left = (await containersOf(stack.project)).map(({ Names }) => Names[0]?.replace(/_.*/, ""));
    expect(left).toEqual(out.includes("did not come up") ? ["/longshore"] : []);
    await stack.destroy();
    expect(await containersOf(stack.project)).toEqual([]);
  }, 60_000);

  test("a static port that somebody has", async () => {
    const name = `holder-${stack.project}`;
    docker("run", "-d", "--rm", "--name", name, "-p", "127.0.0.1:18641:80", "longshore/pause:3.1");
    try {
      const taken = { mode: "bridge", ports: { web: { static: 18_641 } } };
      expect(await fails({ network: taken }, { one: sleeping })).toMatch(
        new RegExp(
          `network\\.ports\\.web\\.static is 18641 on 127\\.0\\.0\\.1, which the container ${name} has; choose`,
        ),
      );
      expect(await containersOf(stack.project)).toEqual([]);
    } finally {
      docker("rm", "-f", name);
    }
  }, 60_000);
});

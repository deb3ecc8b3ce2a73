/** The driver's rules for what is asked of an engine (spec/observed.md), where no recorded case shows them. */
import { failuresOf, http, jobOf, network, rendered, renderOnMachine, tasksOf } from "./rendering";

const MiB = 1024 * 1024;

describe("the request", () => {
  test.each([
    ["a command and its arguments", { command: "/bin/sh", args: ["-c", "x"] }, { Cmd: ["/bin/sh", "-c", "x"] }],
    ["an empty command is none", { command: "", args: ["a"] }, { Cmd: ["a"] }],
    ["arguments alone", { args: ["a", "b"] }, { Cmd: ["a", "b"], Entrypoint: null }],
    ["no command at all", {}, { Cmd: null, Entrypoint: null }],
    ["an empty entrypoint is sent", { entrypoint: [] }, { Entrypoint: [], Cmd: null }],
    ["an entrypoint", { entrypoint: ["/e", "1"], args: ["2"] }, { Entrypoint: ["/e", "1"], Cmd: ["2"] }],
    ["one https:// is taken off", { image: "https://r.example:5000/a/b:1" }, { Image: "r.example:5000/a/b:1" }],
    ["the directory", { work_dir: "/work" }, { WorkingDir: "/work" }],
    ["a terminal and its input", { tty: true, interactive: true }, { Tty: true, OpenStdin: true }],
    ["a terminal given as a text", { tty: "true", interactive: "1" }, { Tty: true, OpenStdin: true }],
  ])("%s", (_, config, wanted) => expect(rendered({ config }).create).toMatchObject(wanted));

  test.each([
    ["a limit of processes", { pids_limit: 100 }, { PidsLimit: 100 }],
    ["no limit of processes", { pids_limit: 0 }, { PidsLimit: 0 }],
    ["a number given as a text", { pids_limit: "100", shm_size: "67108864" }, { PidsLimit: 100, ShmSize: 67108864 }],
    [
      "a hard limit of memory",
      { memory_hard_limit: 64 },
      { Memory: 64 * MiB, MemoryReservation: 32 * MiB, MemorySwap: 64 * MiB },
    ],
    ["a limit for both", { ulimit: { nofile: "2048" } }, { Ulimits: [{ Name: "nofile", Soft: 2048, Hard: 2048 }] }],
    [
      "a soft and a hard limit",
      { ulimit: { nofile: "1024:2048" } },
      { Ulimits: [{ Name: "nofile", Soft: 1024, Hard: 2048 }] },
    ],
    ["a limit given as a number", { ulimit: { nofile: 512 } }, { Ulimits: [{ Name: "nofile", Soft: 512, Hard: 512 }] }],
    ["a negative limit", { ulimit: { core: "-1" } }, { Ulimits: [{ Name: "core", Soft: -1, Hard: -1 }] }],
    ["a block as a list of one", { ulimit: [{ core: "0" }] }, { Ulimits: [{ Name: "core", Soft: 0, Hard: 0 }] }],
    [
      "kernel parameters, numbers too",
      { sysctl: { "net.core.somaxconn": 16384 } },
      { Sysctls: { "net.core.somaxconn": "16384" } },
    ],
    ["a log driver without rotation", { logging: { type: "json-file" } }, { LogConfig: { Type: "json-file" } }],
    ["the old name of the log driver", { logging: { driver: "none" } }, { LogConfig: { Type: "none" } }],
    [
      "a config for the default log driver",
      { logging: { config: { "max-size": "1m" } } },
      { LogConfig: { Config: { "max-size": "1m" } } },
    ],
    [
      "nested blocks as lists of one",
      { logging: [{ type: "syslog", config: [{ tag: "web" }] }] },
      { LogConfig: { Type: "syslog", Config: { tag: "web" } } },
    ],
    [
      "an empty logging block",
      { logging: {} },
      { LogConfig: { Type: "json-file", Config: { "max-file": "2", "max-size": "2m" } } },
    ],
    ["CPUs", { cpuset_cpus: "0-1" }, { CpusetCpus: "0-1" }],
    [
      "hosts and name servers",
      { extra_hosts: ["db:10.0.0.7"], dns_servers: ["10.0.0.2"] },
      { ExtraHosts: ["db:10.0.0.7"], Dns: ["10.0.0.2"] },
    ],
    [
      "search domains and options",
      { dns_search_domains: ["a.test"], dns_options: ["ndots:2"] },
      { DnsSearch: ["a.test"], DnsOptions: ["ndots:2"] },
    ],
    ["any network", { network_mode: "weave" }, { NetworkMode: "weave" }],
    ["an empty network is the default one", { network_mode: "" }, { NetworkMode: "default" }],
    ["a read-only file system", { readonly_rootfs: true }, { ReadonlyRootfs: true }],
  ])("%s", (_, config, wanted) => expect(rendered({ config }).create.HostConfig).toMatchObject(wanted));

  test.each([
    ["shm_size 0 is the engine's own", { shm_size: 0 }, ["ShmSize"]],
    ["empty lists say nothing", { dns_servers: [], extra_hosts: [] }, ["Dns", "ExtraHosts"]],
    ["a hard limit of 0 is none", { memory_hard_limit: 0 }, ["MemoryReservation"]],
    ["null is absent", { memory_hard_limit: null, sysctl: null }, ["MemoryReservation", "Sysctls"]],
    ["the period is nothing without the hard limit", { cpu_cfs_period: 7 }, ["CpuPeriod", "CpuQuota"]],
  ])("%s", (_, config, absent) => {
    const host = rendered({ config }).create.HostConfig ?? {};
    expect(absent.filter((field) => field in host)).toEqual([]);
  });

  test.each([
    [1000, undefined, { CpuPeriod: 100_000, CpuQuota: 38_520 }],
    [333, 50_000, { CpuPeriod: 50_000, CpuQuota: 6412 }],
  ])("cpu_hard_limit: %d MHz of 5192, two cores", (CPU, period, wanted) => {
    const config = { cpu_hard_limit: true, ...(period && { cpu_cfs_period: period }) };
    expect(rendered({ config, task: { Resources: { CPU, MemoryMB: 32 } } }).create.HostConfig).toMatchObject(wanted);
  });

  test.each([
    ["aliases", { network_aliases: ["a", "b"] }, { Aliases: ["a", "b"] }],
    ["an address", { ipv4_address: "10.0.0.7" }, { IPAMConfig: { IPv4Address: "10.0.0.7" } }],
    [
      "all of it",
      { network_aliases: ["a"], ipv4_address: "10.0.0.7", ipv6_address: "fd00::7" },
      { Aliases: ["a"], IPAMConfig: { IPv4Address: "10.0.0.7", IPv6Address: "fd00::7" } },
    ],
  ])("%s in a network of one's own", (_, config, wanted) =>
    expect(rendered({ config: { network_mode: "net", ...config } }).create.NetworkingConfig).toEqual({
      EndpointsConfig: { net: wanted },
    }),
  );

  test("a network without any of these is not configured", () =>
    expect(rendered({ config: { network_mode: "net", network_aliases: [] } }).create.NetworkingConfig).toBeUndefined());

  test("labels: ours is beside the user's, whatever the order", () => {
    const { create, env } = rendered({ config: { labels: [{ team: "web", tier: 1 }] } });
    expect(create.Labels).toEqual({ team: "web", tier: "1", "longshore.alloc_id": env.NOMAD_ALLOC_ID });
  });

  test("the user is the task's", () => expect(rendered({ task: { User: "1000:1000" } }).create.User).toBe("1000:1000"));

  test("no Memory and CPU given are Nomad's defaults", () =>
    expect(rendered({ task: { Resources: null } }).create.HostConfig).toMatchObject({
      CpuShares: 100,
      Memory: 300 * MiB,
    }));
});

describe("ports", () => {
  const binding = (HostPort: string, HostIp = "127.0.0.1") => ({ HostIp, HostPort });

  test("a port is published on tcp and udp, from 20000 up", () => {
    const { create, env } = rendered({ config: { ports: ["http"] }, group: network({ dynamic: [http] }) });
    expect(create.HostConfig?.PortBindings).toEqual({ "8080/tcp": [binding("20000")], "8080/udp": [binding("20000")] });
    expect(create.ExposedPorts).toEqual({ "8080/tcp": {}, "8080/udp": {} });
    expect(env).toMatchObject({
      NOMAD_PORT_http: "8080",
      NOMAD_HOST_PORT_http: "20000",
      NOMAD_ADDR_http: "127.0.0.1:20000",
    });
  });

  test("port_map publishes its labels, and its ports win over the network's, in the environment too", () => {
    const group = network({ dynamic: [http, { Label: "admin", To: 9000 }] });
    const { create, env } = rendered({ config: { ports: ["admin"], port_map: [{ http: 8081, admin: 9001 }] }, group });
    expect(create.HostConfig?.PortBindings).toEqual({
      "9001/tcp": [binding("20001")],
      "9001/udp": [binding("20001")],
      "8081/tcp": [binding("20000")],
      "8081/udp": [binding("20000")],
    });
    expect(env).toMatchObject({ NOMAD_PORT_http: "8081", NOMAD_PORT_admin: "9001", NOMAD_HOST_PORT_http: "20000" });
  });

  test.each([
    ["host", { PortBindings: { "8080/tcp": [binding("20000")], "8080/udp": [binding("20000")] } }],
    ["container:db", {}],
  ])("with the network of %s", (network_mode, wanted) => {
    const { create } = rendered({ config: { ports: ["http"], network_mode }, group: network({ dynamic: [http] }) });
    const { PortBindings } = create.HostConfig ?? {};
    expect({ ...(PortBindings && { PortBindings }) }).toEqual(wanted);
  });

  test("a label that the task does not name has its environment and no binding", () => {
    const { create, env } = rendered({ group: network({ dynamic: [http] }) });
    expect([create.ExposedPorts, create.HostConfig?.PortBindings]).toEqual([undefined, undefined]);
    expect(env.NOMAD_PORT_http).toBe("8080");
  });

  test("two labels with one container port are two bindings, in the order of the task's ports", () => {
    const group = network({ dynamic: [http, { Label: "admin", To: 8080 }] });
    const { create, env } = rendered({ config: { ports: ["admin", "http"] }, group });
    const wanted = [binding(env.NOMAD_HOST_PORT_admin ?? ""), binding(env.NOMAD_HOST_PORT_http ?? "")];
    expect(create.HostConfig?.PortBindings).toEqual({ "8080/tcp": wanted, "8080/udp": wanted });
  });

  test.each([0, -1, undefined, null])("a static port with `to` %p is the same inside", (To) => {
    const group = network({ reserved: [{ Label: "web", Value: 8081, To }] });
    const { create, env } = rendered({ config: { ports: ["web"] }, group }, { host_address: "0.0.0.0" });
    const wanted = [binding("8081", "0.0.0.0")];
    expect(create.HostConfig?.PortBindings).toEqual({ "8081/tcp": wanted, "8081/udp": wanted });
    expect(env).toMatchObject({ NOMAD_PORT_web: "8081", NOMAD_ADDR_web: "0.0.0.0:8081", NOMAD_IP_web: "0.0.0.0" });
  });

  test("a host network that is an address is where the port is published", () => {
    const group = network({ dynamic: [{ ...http, HostNetwork: "10.0.0.5" }] });
    expect(rendered({ group }).env.NOMAD_HOST_ADDR_http).toBe("10.0.0.5:20000");
  });

  test("dynamic ports of all allocations differ", () => {
    const group = { Count: 2, ...network({ dynamic: [http, { Label: "admin" }] }) };
    const tasks = tasksOf(renderOnMachine(jobOf({ group })));
    const given = tasks.flatMap(({ env }) => [env.NOMAD_HOST_PORT_http, env.NOMAD_HOST_PORT_admin]);
    expect(given).toEqual(["20000", "20001", "20002", "20003"]);
  });

  test("a dynamic port is none of the static ones", () => {
    const group = network({ dynamic: [http, { Label: "admin" }], reserved: [{ Label: "s", Value: 20001 }] });
    expect(rendered({ group }).env).toMatchObject({ NOMAD_HOST_PORT_http: "20000", NOMAD_HOST_PORT_admin: "20002" });
  });

  test("a static port for several allocations of one host is refused", () => {
    const group = { Count: 2, ...network({ reserved: [{ Label: "s", Value: 8080 }] }) };
    expect(failuresOf(renderOnMachine(jobOf({ group })))).toEqual([
      {
        path: "job/g.network.ports.s.static",
        reason: expect.stringMatching(/is 8080, and the group's 2 allocations are on one host/) as string,
      },
    ]);
  });

  test("the dash of a label is cleaned under five beginnings only", () => {
    const { env } = rendered({ group: network({ dynamic: [{ Label: "my-port", To: 80 }] }) });
    const names = Object.keys(env).filter((name) => /my.port/.test(name));
    expect(names.sort()).toEqual(
      [
        ...["NOMAD_ADDR_my_port", "NOMAD_IP_my_port", "NOMAD_PORT_my_port", "NOMAD_HOST_PORT_my_port"],
        ...["NOMAD_ALLOC_PORT_my-port", "NOMAD_HOST_ADDR_my-port", "NOMAD_HOST_IP_my-port"],
      ].sort(),
    );
  });
});

describe("the environment", () => {
  test("the job's own variables win, and keep their names", () => {
    const { env } = rendered({ task: { Env: { NOMAD_REGION: "mine", "MY-KEY": "1", "NOMAD_META_a-b": "2", N: 5 } } });
    expect(env).toMatchObject({ NOMAD_REGION: "mine", "MY-KEY": "1", NOMAD_META_a_b: "2", N: "5" });
  });

  test("meta is told twice, the innermost winning, its keys cleaned", () => {
    const { env } = rendered({
      job: { Meta: { owner: "job", "a-b": "1" } },
      group: { Meta: { owner: "group", count: 3 } },
      task: { Meta: { owner: "task" } },
    });
    expect(env).toMatchObject({
      ...{ NOMAD_META_owner: "task", NOMAD_META_OWNER: "task", NOMAD_META_count: "3", NOMAD_META_COUNT: "3" },
      ...{ NOMAD_META_a_b: "1", NOMAD_META_A_B: "1" },
    });
  });

  test("the place of the task", () => {
    const { env } = rendered({ job: { Name: "shop", Region: "eu", Namespace: "n", Datacenters: ["north", "south"] } });
    expect(env).toMatchObject({
      ...{ NOMAD_JOB_ID: "job", NOMAD_JOB_NAME: "shop", NOMAD_ALLOC_NAME: "shop.g[0]", NOMAD_REGION: "eu" },
      ...{ NOMAD_NAMESPACE: "n", NOMAD_DC: "north" },
    });
  });

  test("the limit told is the memory, not the hard limit", () =>
    expect(rendered({ config: { memory_hard_limit: 64 } }).env.NOMAD_MEMORY_LIMIT).toBe("32"));

  test("two tasks of a group share the allocation and its ports, and know nothing else of each other", () => {
    const task = (Name: string) => ({ Name, Driver: "docker", Config: { image: "busybox:1.35" }, Meta: { of: Name } });
    const [a, b] = tasksOf(
      renderOnMachine(jobOf({ group: { Tasks: [task("a"), task("b")], ...network({ dynamic: [http] }) } })),
    );
    expect(a?.env.NOMAD_ALLOC_ID).toBe(b?.env.NOMAD_ALLOC_ID);
    expect([a?.name, b?.name]).toEqual(["a", "b"].map((name) => `${name}-${a?.env.NOMAD_ALLOC_ID ?? ""}`));
    expect(Object.keys(a?.env ?? {}).sort()).toEqual(Object.keys(b?.env ?? {}).sort());
    expect(b?.create.HostConfig?.Binds?.map((bind) => bind.replace(/^.*[0-9a-f]{12}/, ""))).toEqual([
      "/alloc:/alloc",
      "/b/local:/local",
      "/b/secrets:/secrets",
    ]);
  });

  test("a count of 0 is no task, and of 2 two allocations", () => {
    const tasks = (Count: number) => tasksOf(renderOnMachine(jobOf({ group: { Count } })));
    expect(tasks(0)).toEqual([]);
    expect(tasks(2).map(({ index, env }) => [index, env.NOMAD_ALLOC_INDEX, env.NOMAD_ALLOC_NAME])).toEqual([
      [0, "0", "job.g[0]"],
      [1, "1", "job.g[1]"],
    ]);
    expect(new Set(tasks(2).map(({ name }) => name)).size).toBe(2);
  });
});

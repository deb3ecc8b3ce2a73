/** Job files and files of a plugin's options: what is refused, what is mapped, and what is said of the rest. */
import { App } from "../../constructs/app";
import { fromJobspec } from "../../constructs/jobspec";
import {
  type JobParts,
  failuresOf,
  http,
  jobOf,
  network,
  refused,
  rendered,
  renderOnMachine,
  tasksOf,
} from "./rendering";

describe("refusals", () => {
  const path = (option: string) => `job/g/web.${option}`;
  test.each([
    ["a blank command", { command: "  " }, "command", /only white space/],
    ["an empty image", { image: "" }, "image", /image name required/],
    ["no image", { image: null }, "image", /required/],
    ["a text for a list", { args: "x" }, "args", /is "x", which is not a list/],
    ["an unknown key", { arg: ["x"] }, "arg", /is not an option; did you mean args\?/],
    [
      "a program's name of an option",
      { memoryHardLimit: 1 },
      "memory_hard_limit",
      /not an option; did you mean memory_hard_limit/,
    ],
    ["an option of the task", { kill_timeout: "5s" }, "kill_timeout", /is not an option/],
    ["an option of our own", { restart: "no" }, "restart", /is not an option/],
    [
      "an unknown key in a block",
      { logging: { typ: "x" } },
      "logging.typ",
      /logging has no key "typ"; did you mean type\?/,
    ],
    ["a bad soft limit", { ulimit: { nofile: "a:1" } }, "ulimit.nofile", /"a:1"/],
    ["a hard limit below the memory", { memory_hard_limit: 16 }, "memory_hard_limit", /below memory \(32 MiB\)/],
    [
      "a period out of range, with the hard limit",
      { cpu_hard_limit: true, cpu_cfs_period: 1_000_001 },
      "cpu_cfs_period",
      /1000000/,
    ],
    ["a name server by name", { dns_servers: ["dns.example"] }, "dns_servers[0]", /not an IP address/],
    ["ports in a map without a network", { port_map: [{ http: 8080 }] }, "port_map", /cannot map "http".*use ports/],
    ["an archive that is not there", { load: "no/such.tar" }, "load", /no such file/],
    ["an archive by its whole path", { load: "/srv/web.tar" }, "load", /absolute path/],
    ["an unknown key of the credentials", { auth: [{ pasword: "x" }] }, "auth.pasword", /did you mean password/],
    ["an address of the default network", { ipv4_address: "10.0.0.7" }, "ipv4_address", /user-defined network/],
    ["a number for yes or no", { tty: 1 }, "tty", /is 1, which is not a boolean/],
    ["a text that is no number", { pids_limit: "many" }, "pids_limit", /"many"/],
    [
      "a number for a length of time",
      { image_pull_timeout: 300 },
      "image_pull_timeout",
      /is 300, which is not a string/,
    ],
  ])("%s", (_, config, option, reason) =>
    expect(refused({ config })).toEqual([{ path: path(option), reason: expect.stringMatching(reason) as string }]),
  );

  test.each([
    ["another driver", { task: { Driver: "exec" } }, path("driver"), /"exec".*only one here is "docker"/],
    ["no task name", { task: { Name: "" } }, "job/g/task-0.name", /missing/],
    ["a blank in a task's name", { task: { Name: "a b" } }, "job/g/a b.name", /begins with a letter/],
    [
      "a port of the task that the group has too",
      { task: { Resources: { Networks: [{ DynamicPorts: [http] }] } }, group: network({ dynamic: [http] }) },
      "job/g.network.ports",
      /"http" twice/,
    ],
    ["too little memory", { task: { Resources: { MemoryMB: 1 } } }, path("memory"), /below 6 MiB/],
    ["a system job", { job: { Type: "system" } }, "job.type", /none of "service", "batch"/],
    ["a network of CNI's", { group: { Networks: [{ Mode: "cni/x" }] } }, "job/g.network.mode", /"bridge", "none"/],
    [
      "ports that nothing leads to",
      { group: { Networks: [{ Mode: "none", DynamicPorts: [http] }] } },
      "job/g.network",
      /"none" and ports \(http\)/,
    ],
    [
      "a name server by name",
      { group: { Networks: [{ DNS: { Servers: ["dns.example"] } }] } },
      "job/g.network.dns.servers[0]",
      /not an IP address/,
    ],
    [
      "name servers of a task beside its group's",
      { config: { dns_servers: ["10.0.0.3"] }, group: { Networks: [{ DNS: { Servers: ["10.0.0.2"] } }] } },
      path("dns_servers"),
      /dns of the group's network/,
    ],
    [
      "a host name in a network that the tasks share",
      { config: { hostname: "web" }, group: { Networks: [{ Mode: "bridge" }] } },
      path("hostname"),
      /share one network/,
    ],
    [
      "a named host network",
      { group: network({ dynamic: [{ ...http, HostNetwork: "public" }] }) },
      "job/g.network.ports.http.host_network",
      /"public"/,
    ],
    [
      "a label twice",
      { group: network({ dynamic: [http], reserved: [{ ...http, Value: 80 }] }) },
      "job/g.network.ports",
      /"http" twice/,
    ],
    [
      "a static port twice",
      {
        group: network({
          reserved: [
            { Label: "a", Value: 80 },
            { Label: "b", Value: 80 },
          ],
        }),
      },
      "job/g.network.ports",
      /a and b the same/,
    ],
    [
      "a static port out of range",
      { group: network({ reserved: [{ Label: "a", Value: 70000 }] }) },
      "job/g.network.ports.a.static",
      /70000/,
    ],
    ["a group without tasks", { group: { Tasks: null } }, "job/g.tasks", /has no task/],
    ["a job without groups", { job: { TaskGroups: null } }, "job.task_groups", /missing/],
    [
      "an unknown restart mode",
      { group: { RestartPolicy: { Mode: "never" } } },
      path("restart_policy.mode"),
      /"never"/,
    ],
  ])("%s", (_, parts, where, reason) =>
    expect(refused(parts)).toEqual([{ path: where, reason: expect.stringMatching(reason) as string }]),
  );

  test.each([null, [], "job", 5, {}, { Job: null }, { job: { web: {} } }])("%j is no job", (jobspec) =>
    expect(failuresOf(renderOnMachine(jobspec))).toEqual([
      { path: "job.jobspec", reason: expect.stringContaining("nomad job run -output") as string },
    ]),
  );

  test("all of a job and its plugin at once", () => {
    const failures = refused(
      { config: { image: "", args: "x", privilege: true }, task: { Driver: "exec", Env: { A: ["x"] } } },
      { gc: { image_dely: "1m", dangling_containers: { creation_grace: "30s" } }, allow_privilege: true },
    );
    expect(failures.map((failure) => failure.path).sort()).toEqual(
      [
        ...["image", "args", "privilege", "driver", "env.A"].map(path),
        ...["gc.image_dely", "gc.dangling_containers.creation_grace", "allow_privilege"].map(
          (option) => `plugin.${option}`,
        ),
      ].sort(),
    );
  });
});

describe("the plugin's options", () => {
  test.each([
    ["as they are", { host_address: "10.0.0.1" }],
    ["under config", { config: { host_address: "10.0.0.1" } }],
    [
      "as the blocks of a client's configuration",
      { plugin: [{ docker: [{ config: [{ host_address: "10.0.0.1" }] }] }] },
    ],
  ])("%s", (_, plugin) =>
    expect(rendered({ group: network({ dynamic: [http] }) }, plugin).env.NOMAD_IP_http).toBe("10.0.0.1"),
  );

  test("nested blocks as lists of one, and texts for numbers and yes or no", () =>
    expect(
      refused(
        {},
        {
          gc: [{ image: "true", image_delay: "1m", dangling_containers: [{ dry_run: "false" }] }],
          cpu_total_compute: "5000",
        },
      ),
    ).toEqual([]));

  test("cpu_total_compute goes before the machine's own", () => {
    const parts = { config: { cpu_hard_limit: true }, task: { Resources: { CPU: 1000 } } };
    expect(rendered(parts, { cpu_total_compute: 2000 }).create.HostConfig?.CpuQuota).toBe(100_000);
  });
});

describe("restarts", () => {
  const policyOf = (RestartPolicy: object | null, Type = "service") => {
    const result = renderOnMachine(jobOf({ group: { RestartPolicy }, job: { Type } }));
    return { policy: tasksOf(result)[0]?.create.HostConfig?.RestartPolicy, warnings: result.warnings };
  };

  test.each([
    ["service", null, { Name: "unless-stopped" }, 0],
    ["batch", null, { Name: "on-failure" }, 0],
    ["service", { Attempts: 0, Mode: "fail" }, { Name: "no" }, 0],
    ["service", { Attempts: 2, Mode: "fail" }, { Name: "on-failure", MaximumRetryCount: 2 }, 1],
    ["batch", { Mode: "fail" }, { Name: "on-failure", MaximumRetryCount: 3 }, 1],
    ["service", { Attempts: 2, Mode: "delay" }, { Name: "unless-stopped" }, 1],
    ["batch", { Attempts: 2, Mode: "delay" }, { Name: "on-failure" }, 1],
  ])("%s %j", (type, written, wanted, warnings) => {
    const { policy, warnings: said } = policyOf(written, type);
    expect([policy, said.length]).toEqual([wanted, warnings]);
  });

  test("what is lost is said", () => {
    const { warnings } = policyOf({ Attempts: 2, Interval: 1.8e12, Delay: 1.5e10, Mode: "fail" });
    expect(warnings).toEqual([
      expect.stringMatching(/^job\/g\/web: .*on-failure:2.*interval \(1800s\), delay \(15s\) have no effect$/),
    ]);
  });

  test("a task's own policy goes over its group's", () => {
    const task = { RestartPolicy: { Attempts: 0 } };
    expect(
      rendered({ task, group: { RestartPolicy: { Attempts: 2, Mode: "fail" } } }).create.HostConfig?.RestartPolicy,
    ).toEqual({ Name: "no" });
  });
});

describe("Update", () => {
  const app = (job: NonNullable<JobParts["job"]>, group: NonNullable<JobParts["group"]>) => {
    const root = new App("app");
    fromJobspec(root, jobOf({ job, group }));
    const [entry] = root.manifest().allocations;
    return entry;
  };
  const everywhere = { Stagger: 3e10, MaxParallel: 1, MinHealthyTime: 1e10, HealthyDeadline: 6e10, AutoRevert: true };

  test("of the job and the group becomes the wait of the tasks", () =>
    expect(app({ Update: everywhere }, { Update: { MinHealthyTime: 5e9 } })?.tasks[0]?.options.wait).toEqual({
      minHealthyTime: "5s",
      timeout: "60s",
    }));

  test("what nobody wrote says nothing", () =>
    expect(app({ Update: { AutoRevert: false, MinHealthyTime: 0 } }, { Update: null })?.tasks[0]?.options.wait).toBe(
      undefined,
    ));

  test("a time that is none is refused", () =>
    expect(() => app({}, { Update: { HealthyDeadline: "soon" } })).toThrow(/healthy_?deadline/i));
});

describe("warnings", () => {
  const warnings = (parts: Parameters<typeof jobOf>[0], plugin?: unknown) =>
    renderOnMachine(jobOf(parts), plugin).warnings;

  test("one for each field that says something and has no effect", () =>
    expect(
      warnings({
        job: {
          Affinities: null,
          Update: { MaxParallel: 1 },
          Status: "running",
          Version: 7,
        },
        group: { Services: [{ Name: "s" }], EphemeralDisk: { Sticky: false, SizeMB: 0 }, Networks: [{ MBits: 10 }] },
        task: {
          Templates: [{}, { DestPath: "x" }],
          Vault: {},
          Artifacts: [],
          Leader: true,
          KillTimeout: 0,
          Resources: { DiskMB: 5 },
        },
      }),
    ).toEqual([
      "job: Update.MaxParallel has no effect here",
      "job/g: Networks.MBits has no effect here",
      "job/g: Services has no effect here",
      "job/g/web: Resources.DiskMB has no effect here",
      "job/g/web: Templates has no effect here",
      "job/g/web: Leader has no effect here",
    ]));

  test("one for a text that is not filled in", () =>
    expect(
      warnings({
        config: { args: ["a", "${NOMAD_JOB_NAME}"], auth: { username: "${NOMAD_JOB_NAME}" } },
        task: { Env: { A: "${meta.x}" }, KillSignal: "${meta.signal}" },
      }),
    ).toEqual([
      'job/g/web: auth.username holds "${…}", which is not filled in there',
      'job/g/web: kill_signal holds "${…}", which is not filled in there',
    ]));

  test.each([
    ["SSL", { SSL: false }, "ssl is deprecated: it has no effect, whatever its value; a registry without TLS is"],
    ["ssl", { ssl: "true" }, "ssl is deprecated"],
    ["an email", { auth: [{ username: "u", email: "u@example.test" }] }, "auth has an email, which is deprecated"],
    ["ports without a network", { network_mode: "none", ports: ["http"] }, "ports publishes nothing with network_mode"],
    ["port_map", { port_map: [{ http: "8080" }] }, "port_map is deprecated: give the ports of the group's network"],
  ])("one for %s", (_, config, text) =>
    expect(warnings({ config, group: network({ dynamic: [http] }) })).toEqual([
      expect.stringContaining(`job/g/web: ${text}`) as string,
    ]),
  );

  test("one for an option of the plugin without effect", () =>
    expect(warnings({}, { disable_log_collection: true })).toEqual([
      "plugin: disable_log_collection has no effect in this version",
    ]));

  test("none for a plain job", () => expect(warnings({})).toEqual([]));
});

test("a job renders alike each time, and as the bare object", () => {
  const job = jobOf({ group: { Count: 2, ...network({ dynamic: [http] }) } }) as { readonly Job: unknown };
  expect(renderOnMachine(job)).toEqual(renderOnMachine(job.Job));
});

describe("a group's network", () => {
  const tasksIn = (parts: JobParts) => {
    const { result, warnings } = renderOnMachine(jobOf(parts), { infra_image: "pause:3.1" });
    if (!("tasks" in result)) throw new Error(JSON.stringify(result));
    return { ...result, warnings };
  };
  const bindings = (port: number, host: number) =>
    Object.fromEntries(
      ["tcp", "udp"].map((protocol) => [`${port}/${protocol}`, [{ HostIp: "127.0.0.1", HostPort: String(host) }]]),
    );

  test("bridge: the infra container has the network, its ports and its name servers, and the task is in it", () => {
    const DNS = { Servers: ["10.0.0.2"], Searches: ["example.test"], Options: ["ndots:2"] };
    const Networks = [{ Mode: "bridge", DNS, DynamicPorts: [http, { Label: "admin", To: -1 }], ReservedPorts: null }];
    const { tasks, infra, warnings } = tasksIn({ group: { Networks } });
    expect(infra?.map(({ create }) => create)).toEqual([
      expect.objectContaining({
        Image: "pause:3.1",
        HostConfig: {
          ConsoleSize: [0, 0],
          NetworkMode: "default",
          PortBindings: { ...bindings(8080, 20_000), ...bindings(20_001, 20_001) },
          Dns: DNS.Servers,
          DnsSearch: DNS.Searches,
          DnsOptions: DNS.Options,
          RestartPolicy: { Name: "always" },
        },
      }),
    ]);
    expect(tasks[0]?.create.HostConfig).toMatchObject({ NetworkMode: `container:${infra?.[0]?.name ?? ""}` });
    expect(tasks[0]?.create.HostConfig).not.toHaveProperty("PortBindings");
    expect(tasks[0]?.env).toMatchObject({ NOMAD_PORT_http: "8080", NOMAD_ADDR_http: "127.0.0.1:20000" });
    expect(warnings).toEqual([]);
  });

  test.each(["", "host", null])("%j: each task has a network to itself, and the group's name servers", (Mode) => {
    const { tasks, infra } = tasksIn({ group: { Networks: [{ Mode, DNS: { Servers: ["10.0.0.2"] } }] } });
    expect(infra).toBeUndefined();
    expect(tasks[0]?.create.HostConfig).toMatchObject({ NetworkMode: "default", Dns: ["10.0.0.2"] });
  });

  test("none: name servers cannot be reached", () => {
    const { infra, warnings } = tasksIn({ group: { Networks: [{ Mode: "none", DNS: { Servers: ["10.0.0.2"] } }] } });
    expect(infra?.[0]?.create.HostConfig?.NetworkMode).toBe("none");
    expect(warnings).toEqual([expect.stringContaining('network has dns, which has no effect with the mode "none"')]);
  });

  test("of a task, as Nomad had it before: its ports are the group's, and all are published", () => {
    const Networks = [
      { MBits: 10, DynamicPorts: [{ Label: "http" }], ReservedPorts: [{ Label: "admin", Value: 9000 }] },
    ];
    const task = { Resources: { CPU: 100, MemoryMB: 32, Networks } };
    const { tasks, warnings } = tasksIn({ task, config: { port_map: [{ http: 8080 }] } });
    expect(tasks[0]?.create.HostConfig?.PortBindings).toEqual({ ...bindings(8080, 20_000), ...bindings(9000, 9000) });
    expect(tasks[0]?.env).toMatchObject({ NOMAD_PORT_http: "8080", NOMAD_PORT_admin: "9000" });
    expect(warnings).toEqual([
      expect.stringContaining("port_map is deprecated"),
      expect.stringContaining("resources.networks is deprecated: give the ports to the group's network"),
      expect.stringContaining("Resources.Networks.MBits has no effect here"),
    ]);
  });
});

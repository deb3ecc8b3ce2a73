/**
 * A task author without rights tries to reach the host: through each option that could lead there, in a program and in a
 * job file, under an operator who allows nothing beyond the defaults and no device. What holds for one option alone is in
 * options/security.test.ts and options/mounts.test.ts.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { checkedBy } from "../../constructs/validation";
import type { Scope } from "../../provider/facts";
import { readLocalFile } from "../../provider/local-files";
import { taskOptions } from "../../provider/options";
import { resolved } from "../../provider/options/folds";
import { nomadName } from "../../provider/options/names";
import { pluginSpec } from "../../provider/plugin-spec";
import { refused } from "../conformance/rendering";

type Bag = Readonly<Record<string, unknown>>;

const strict = { allowDevices: [], allowCaps: "hardened" };
const strictFile = { allow_devices: [], allow_caps: "hardened" };
const check = (options: Bag) => {
  const scope: Scope = { plugin: pluginSpec(strict), engine: { runtimes: ["runc", "io.containerd.runc.v2"] } };
  return checkedBy(taskOptions, { image: "redis:7", ...options }, scope, () => false);
};

const bind = (source: string) => [{ type: "bind", source, target: "/host" }];
const hostPath = (device: string) => [{ type: "none", o: "bind", device }];

const attempts: readonly (readonly [way: string, option: string, values: readonly unknown[]])[] = [
  ["all of the host's devices and capabilities", "privileged", [true]],
  [
    "a capability",
    "capAdd",
    [["SYS_ADMIN"], ["sys_admin"], ["CAP_SYS_ADMIN"], ["cap_Sys_Admin"], ["ALL"], ["all"], ["NET_RAW"], ["BPF"]],
  ],
  [
    "the host's namespaces",
    "pidMode",
    ["host", "HOST", " host", "host ", "host\n", "host\t", "container:longshore", "Container:x"],
  ],
  ["the host's shared memory", "ipcMode", ["host", "HOST", " host", "host\n", "container:x", "x"]],
  ["the host's name", "utsMode", ["host", "Host", " host ", "host\n", "container:x"]],
  ["the host's users", "usernsMode", ["host", "HOST", "host\n", "ns:/proc/1/ns/user"]],
  ["the host's cgroups", "cgroupns", ["host"]],
  [
    "a device",
    "devices",
    ["/dev/sda", "/dev/../dev/sda", "//dev//sda", "/dev", "/", "/proc/1/root/dev/sda", "/dev/sda/"].map((path) => [
      { hostPath: path },
    ]),
  ],
  [
    "a device that a driver finds",
    "deviceRequests",
    [
      [{ count: 1 }],
      [{}],
      [{ driver: "nvidia", deviceIds: ["0"] }],
      [{ driver: "cdi", deviceIds: ["vendor.com/device=all"] }],
      [{ deviceIds: ["vendor.com/device=all"], capabilities: [["cdi"]] }],
      [{ deviceIds: ["vendor.com/device=all"], capabilities: [["gpu"], ["cdi"]] }],
      [{ capabilities: [["cdi"], ["gpu"]] }],
      [{ driver: "amd" }],
      [{ driver: "CDI", deviceIds: ["vendor.com/device=all"] }],
    ],
  ],
  [
    "another runtime",
    "runtime",
    ["runsc", "RUNC", "runc ", "/usr/bin/runc", "../runc", "io.containerd.runc.v2", "__proto__", "constructor"],
  ],
  [
    "a path of the host",
    "volumes",
    [
      ...[
        "/etc:/host",
        "/:/host:ro",
        "//etc:/host",
        "/etc/:/host",
        "/var/run/docker.sock:/host",
        "/alloc/../etc:/host",
      ],
      ...["../../../../etc:/host", "local/../../../../etc:/host", "./../../..//../etc:/host", "..:/host"],
      ...["../other/secrets:/host", "${NOMAD_ALLOC_DIR}/../etc:/host", "local/x:/secrets", "local/x:/"],
    ].map((text) => [text]),
  ],
  [
    "a path of the host in a mount",
    "mount",
    [
      ...["/etc", "/", "//etc", "/etc/.", "../../../../etc", "local/../../../etc", "..", "../other"].map(bind),
      [{ type: "Bind", source: "/etc", target: "/host" }],
      [{ source: "host", target: "/host" }],
      [{ type: "volume", target: "/host", volumeOptions: { driverConfig: { name: "local", options: {} } } }],
      [{ type: "npipe", source: "//./pipe/docker_engine", target: "/host" }],
      [{ type: "tmpfs", source: "/etc", target: "/host" }],
      [{ type: "bind", source: "local/x", target: "/host", bindOptions: { propagation: "rshared" } }],
    ],
  ],
  ["the same by the older name", "mounts", [bind("/etc"), bind("..")]],
  ["a volume's driver", "volumeDriver", ["local", "LOCAL", " "]],
  ["the host's memory killer", "oomScoreAdj", [-1, -1000]],
  ["a file where Pulumi runs", "load", ["/etc/shadow", "\\\\server\\share", "C:\\x"]],
];

describe.each(attempts)("%s, by %s", (_, option, values) => {
  test.each(values.map((value) => [JSON.stringify(value), value] as const))("%s is refused", (__, value) => {
    const failures = check({ [option]: value });
    expect(failures.map(({ property }) => property.split(/[.[]/)[0])).toContain(option);
    // Nothing of an author's text forges a line of the operator's.
    for (const { reason } of failures) expect(reason).not.toMatch(/[\n\r\u001b]/);
  });

  test("in a job file too", () => {
    const written = toFile(values[0]);
    const config = option === "deviceRequests" ? {} : { [nomadName(option)]: written };
    const resources = { CPU: 100, MemoryMB: 32, Devices: [{ Name: "nvidia/gpu", Count: 1 }] };
    const failures = refused(
      { config, ...(option === "deviceRequests" && { task: { Resources: resources } }) },
      strictFile,
    );
    expect(failures.map(({ path }) => path).join()).toContain(nomadName(option));
  });
});

/** As Nomad's files write it. */
const toFile = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(toFile);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [nomadName(key), toFile(part)]));
};

test("a volume whose driver binds a path of the host is refused with the rest of the volumes", () => {
  const [options] = hostPath("/etc");
  const mount = [
    { type: "volume", source: "x", target: "/x", volumeOptions: { driverConfig: { name: "local", options } } },
  ];
  expect(check({ mount }).map(({ property }) => property)).toEqual(["mount"]);
});

describe("keys that every object has", () => {
  test.each(["constructor", "toString", "hasOwnProperty", "valueOf"])("%s is no option", (key) =>
    expect(check({ [key]: "x" }).map(({ property }) => property)).toEqual([key]),
  );

  test("__proto__ from a file is no option, and lends none", () => {
    const config = JSON.parse('{"__proto__": {"privileged": true}}') as Bag;
    expect(refused({ config }, strictFile)).toHaveLength(1);
    expect(({} as { privileged?: unknown }).privileged).toBeUndefined();
  });

  test("none is a capability, or a list of them", () =>
    expect(check({ capAdd: ["constructor"] }).map(({ property }) => property)).toEqual(["capAdd[0]"]));
});

describe("our own labels", () => {
  test.each(["longshore.key", "longshore.token", "longshore.alloc_id"])("%s cannot be written by a task", (name) =>
    expect(check({ labels: { [name]: "x" } }).map(({ property }) => property)).toEqual([`labels.${name}`]),
  );
});

describe("a seccomp profile", () => {
  let dir: string;
  beforeAll(() => (dir = mkdtempSync(join(tmpdir(), "longshore-gates-"))));
  afterAll(() => rmSync(dir, { recursive: true }));
  const read = (file: string) => resolved(taskOptions, { securityOpt: [`seccomp=${file}`] }, readLocalFile);

  test("that is another file of the machine is refused, and nothing of it is shown", () => {
    const file = join(dir, "secret");
    writeFileSync(file, '{"password": "open sesame"}');
    const { values, failures } = read(file);
    expect(failures).toHaveLength(1);
    expect(JSON.stringify([values, failures])).not.toContain("open sesame");
  });

  test.each(["/dev/zero", "/dev/stdin"])("%s is no file, and is not read for ever", (file) =>
    expect(read(file).failures).toHaveLength(1),
  );

  test("a pipe that nobody writes into is not waited for", () => {
    const pipe = join(dir, "pipe");
    execFileSync("mkfifo", [pipe]);
    expect(read(pipe).failures).toHaveLength(1);
  });
});

test("a pattern of many stars is no trap for the machine that reads it", () =>
  expect(check({ extraLabels: [`${"*".repeat(60)}x`] })).toBeDefined());

/** The gates of an operator, and what a task author may try to get round them; the requests of what cannot run here. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fingerprintOf } from "../../../cli/attributes";
import { checkedBy } from "../../../constructs/validation";
import type { Fingerprint, Scope } from "../../../provider/facts";
import { type TaskSpec, taskOptions } from "../../../provider/options";
import { changes, inherited, resolved, toEngine, validate } from "../../../provider/options/folds";
import { pluginOptions } from "../../../provider/options/plugin";
import { pluginSpec } from "../../../provider/plugin-spec";
import { createRequest } from "../../../provider/request";
import { jobOf, refused, rendered, renderOnMachine, tasksOf } from "../../conformance/rendering";
import { allowAll } from "../../support/allow-all";

type Bag = Readonly<Record<string, unknown>>;

const unknown = Symbol("known later");
const isUnknown = (value: unknown) => value === unknown;
const check = (options: Bag, plugin: Bag = {}, engine?: Fingerprint) => {
  const scope: Scope = { plugin: pluginSpec(plugin), engine };
  return checkedBy(taskOptions, { image: "redis:7", ...options }, scope, isUnknown);
};
const namesOf = (options: Bag, plugin?: Bag, engine?: Fingerprint) =>
  check(options, plugin, engine).map(({ property }) => property);
const reasonOf = (options: Bag, plugin?: Bag, engine?: Fingerprint) =>
  check(options, plugin, engine)
    .map(({ reason }) => reason)
    .join("\n");

describe("privileged containers, and the namespaces of others", () => {
  const gated: readonly (readonly [string, unknown])[] = [
    ["privileged", true],
    ...["ipcMode", "pidMode"].flatMap((mode) =>
      ["host", "HOST", " host", "container:db", "container:", "db", "bogus"].map((value) => [mode, value] as const),
    ),
    ...["utsMode", "usernsMode"].flatMap((mode) =>
      ["host", "Host", "host ", "container:db", "ns:/proc/1/ns/uts"].map((value) => [mode, value] as const),
    ),
    ["cgroupns", "host"],
  ];

  test.each(gated)("%s %j needs allow_privileged", (option, value) => {
    expect(namesOf({ [option]: value })).toEqual([option]);
    expect(reasonOf({ [option]: value })).toMatch(/have the operator set the plugin option allow_privileged$/);
    expect(namesOf({ [option]: value }, { allowPrivileged: false })).toEqual([option]);
  });

  test.each(gated.filter(([, value]) => value === true || value === "host" || value === "container:db"))(
    "%s %j is let through when the operator allows it",
    (option, value) => expect(namesOf({ [option]: value }, { allowPrivileged: true })).toEqual([]),
  );

  test.each([
    ["privileged", false],
    ...["", "none", "private", "shareable"].map((mode) => ["ipcMode", mode] as const),
    ["pidMode", ""],
    ["utsMode", ""],
    ["usernsMode", ""],
    ["cgroupns", "private"],
  ] as const)("%s %j is the container's own", (option, value) => expect(namesOf({ [option]: value })).toEqual([]));

  test("a text is no yes", () =>
    expect(reasonOf({ privileged: "true" })).toBe('privileged is "true", which is not a boolean'));

  test.each([true, "true", 1, "1"])("a job file's privileged %j is a yes, and needs allow_privileged", (privileged) =>
    expect(refused({ config: { privileged } }).map(({ path }) => path)).toEqual(["job/g/web.privileged"]),
  );

  test("a bare name of a container is no IPC mode, and the way out names it", () =>
    expect(reasonOf({ ipcMode: "db" }, { allowPrivileged: true })).toMatch(/write "container:db"$/));

  test("while the operator's limits are not known, nothing is refused for them", () =>
    expect(checkedBy(taskOptions, { image: "redis:7", privileged: true, capAdd: ["ALL"] }, {}, isUnknown)).toEqual([]));
});

describe("capabilities", () => {
  test.each([
    "SYS_ADMIN",
    "sys_admin",
    "CAP_SYS_ADMIN",
    "cap_sys_admin",
    "ſys_admin",
    "ALL",
    "all",
    "All",
    "BPF",
    "NET_ADMIN",
  ])("cap_add %s needs allow_caps", (name) => {
    expect(namesOf({ capAdd: [name] })).toEqual(["capAdd"]);
    expect(namesOf({ capAdd: [name], capDrop: ["ALL"] })).toEqual(["capAdd"]);
    expect(namesOf({ capAdd: ["CHOWN", name], privileged: true }, { allowPrivileged: true })).toEqual(["capAdd"]);
    expect(namesOf({ capAdd: [name] }, { allowCaps: ["ALL"] })).toEqual([]);
  });

  test("the reason names all that is missing, and the way out", () =>
    expect(reasonOf({ capAdd: ["sys_time", "NET_ADMIN", "CHOWN"] })).toBe(
      "cap_add asks for NET_ADMIN, SYS_TIME, which the operator does not allow; take it out, or have the operator set the plugin option allow_caps",
    ));

  test("with the hardened list NET_RAW cannot be had in any way", () => {
    const plugin = { allowCaps: "hardened" };
    expect(namesOf({}, plugin)).toEqual([]);
    expect(namesOf({ capAdd: ["NET_RAW"] }, plugin)).toEqual(["capAdd"]);
    expect(namesOf({ capAdd: ["net_raw"], capDrop: ["ALL"] }, plugin)).toEqual(["capAdd"]);
    expect(namesOf({ capAdd: ["ALL"] }, plugin)).toEqual(["capAdd"]);
    expect(rendered({}, { allow_caps: ["hardened"] }).create.HostConfig?.CapDrop).toEqual(["NET_RAW"]);
    expect(rendered({ config: { cap_drop: [] } }, { allow_caps: "hardened" }).create.HostConfig?.CapDrop).toEqual([
      "NET_RAW",
    ]);
  });

  test("a list without some of the usual ones refuses the task that does not drop them", () => {
    const plugin = { allowCaps: ["hardened", "NET_ADMIN"].slice(1) };
    expect(namesOf({}, plugin)).toEqual(["capDrop"]);
    expect(reasonOf({ capDrop: ["mknod"] }, plugin)).toMatch(
      /^cap_drop leaves the task AUDIT_WRITE, CHOWN.*drop these too/,
    );
    expect(namesOf({ capDrop: ["ALL"] }, plugin)).toEqual([]);
    expect(namesOf({ capDrop: ["ALL"], capAdd: ["NET_ADMIN"] }, plugin)).toEqual([]);
    expect(namesOf({ capDrop: ["ALL"], capAdd: ["CHOWN"] }, plugin)).toEqual(["capAdd"]);
  });

  test("all but what is not allowed can be had, by name", () => {
    const allowCaps = ["ALL"];
    expect(namesOf({ capAdd: ["ALL"], capDrop: ["SYS_RESOURCE"] }, { allowCaps })).toEqual([]);
    const most = ["nomad-1.0", "NET_ADMIN"];
    expect(namesOf({ capAdd: ["ALL"], capDrop: ["SYS_ADMIN"] }, { allowCaps: most })).toEqual(["capAdd"]);
  });

  test("what is sent is the task's own list, and what is dropped is sorted and plain", () =>
    expect(
      rendered({ config: { cap_add: ["net_admin"], cap_drop: ["mknod", "CAP_CHOWN"] } }, { allow_caps: ["ALL"] }).create
        .HostConfig,
    ).toMatchObject({ CapAdd: ["net_admin"], CapDrop: ["CHOWN", "MKNOD"] }));

  test.each([
    ["capAdd", "NET_RWA", /cap_add\[0\] is "NET_RWA", which is not a capability; did you mean NET_RAW\?/],
    ["capDrop", "CAP_ALL", /cap_drop\[0\] is "CAP_ALL", which is not a capability; did you mean ALL\?/],
    ["capAdd", " CHOWN", /did you mean CHOWN\?/],
  ])("%s: %j is refused with the nearest name", (option, name, reason) =>
    expect(reasonOf({ [option]: [name] })).toMatch(reason),
  );

  test.each([
    ["allowCaps", "hardend", /allow_caps is "hardend", which .*did you mean hardened\?/],
    ["allowCaps", ["KILL", "NET_RWA"], /allow_caps\[1\] is "NET_RWA", which .*did you mean NET_RAW\?/],
    ["allowCaps", { a: 1 }, /allow_caps is .*none of the shapes/],
  ])("the operator's %s %j is refused", (option, value, reason) =>
    expect(validate(pluginOptions, { [option]: value }, () => false).failures[0]?.reason).toMatch(reason),
  );

  test.each([5, null, [5], { a: 1 }, "", ["KIL"]])(
    "a job under an operator's wrong allow_caps %j is judged by the default",
    (allowCaps) => {
      expect(namesOf({ capAdd: ["SYS_ADMIN"] }, { allowCaps })).toEqual(["capAdd"]);
      expect(namesOf({}, { allowCaps })).toEqual([]);
    },
  );

  test.each(["runc,runsc", 5, {}, [5]])("and so is one under wrong allow_runtimes %j", (allowRuntimes) =>
    expect(namesOf({ runtime: "runsc" }, { allowRuntimes })).toEqual(["runtime"]),
  );

  test("what the operator takes is the task's own value: visible, and a change of allow_caps a replacement", () => {
    const given = (plugin: Bag) => inherited(taskOptions, { image: "redis:7", capDrop: [] }, pluginSpec(plugin));
    expect(given({}).capDrop).toEqual([]);
    expect(given({ allowCaps: "hardened" }).capDrop).toEqual(["NET_RAW"]);
    expect(inherited(taskOptions, given({ allowCaps: "hardened" }), pluginSpec({ allowCaps: "hardened" }))).toEqual(
      given({ allowCaps: "hardened" }),
    );
    expect(changes(taskOptions, given({}), given({ allowCaps: "hardened" })).replace).toEqual(["capDrop"]);
  });

  test("another spelling or order is no change", () =>
    expect(
      changes(
        taskOptions,
        { image: "redis:7", capAdd: ["CAP_NET_ADMIN", "chown"], capDrop: ["mknod"] },
        { image: "redis:7", capAdd: ["CHOWN", "net_admin"], capDrop: ["CAP_MKNOD", "MKNOD"] },
      ).replace,
    ).toEqual([]));

  test("what hangs on a value not known yet is left to the next check", () => {
    expect(check({ capAdd: ["ALL"], capDrop: unknown })).toEqual([]);
    expect(check({ capAdd: unknown }, { allowCaps: ["KILL"] })).toEqual([]);
    expect(namesOf({ capAdd: ["ALL"], capDrop: [] })).toEqual(["capAdd"]);
  });
});

describe("runtimes", () => {
  test.each([
    ["runc", {}, []],
    ["", {}, []],
    ["runsc", {}, ["runtime"]],
    ["RUNC", {}, ["runtime"]],
    ["runc ", {}, ["runtime"]],
    ["io.containerd.runc.v2", {}, ["runtime"]],
    ["/usr/bin/env", {}, ["runtime"]],
    ["runc", { allowRuntimes: [] }, ["runtime"]],
    ["runsc", { allowRuntimes: ["runsc"] }, []],
  ])("%j, where the operator says %j: refused %j", (runtime, plugin, names) =>
    expect(namesOf({ runtime }, plugin)).toEqual(names),
  );

  test("one that the engine does not have is refused before anything is pulled", () => {
    const engine = { runtimes: ["runc"] };
    expect(reasonOf({ runtime: "nvidia" }, {}, engine)).toMatch(/^runtime is "nvidia", and the engine has runc;/);
    expect(namesOf({ runtime: "runc" }, {}, engine)).toEqual([]);
    // Engines find containerd's own without a list.
    expect(namesOf({ runtime: "io.containerd.kata.v2" }, { allowRuntimes: ["io.containerd.kata.v2"] }, engine)).toEqual(
      [],
    );
  });
});

describe("devices", () => {
  const plugin = { allowDevices: ["/dev/fuse", "/dev/dri/*", "/dev/snd/**", "vendor.example/gpu=?"] };
  test.each([
    ["/dev/fuse", true],
    ["/dev//fuse", true],
    ["//dev/fuse/", true],
    ["/dev/shm/../fuse", true],
    ["/dev/dri/card0", true],
    ["/dev/snd/by-path/x", true],
    ["/dev/sda", false],
    ["//dev/sda", false],
    ["/dev/fuse/../sda", false],
    ["/dev/dri/../sda", false],
    ["/dev/dri/card0/../../sda", false],
    ["/dev/snd/../sda", false],
    ["/dev/dri/a/b", false],
    ["/dev/dri", false],
    ["/dev", false],
    ["/", false],
    ["/dev/fuse\n", false],
    ["/DEV/FUSE", false],
    ["/dev/fusee", false],
    ["/x/dev/fuse", false],
  ])("%j: allowed %j", (hostPath, allowed) => {
    expect(namesOf({ devices: [{ hostPath: "/dev/fuse" }, { hostPath }] }, plugin)).toEqual(allowed ? [] : ["devices"]);
    expect(namesOf({ devices: [{ hostPath }] })).toEqual([]);
    expect(namesOf({ devices: [{ hostPath }] }, { allowDevices: [] })).toEqual(["devices"]);
  });

  test("what was judged is what is sent", () =>
    expect(rendered({ config: { devices: [{ host_path: "/dev/shm/../fuse" }] } }).create.HostConfig?.Devices).toEqual([
      { PathOnHost: "/dev/fuse", CgroupPermissions: "rwm" },
    ]));

  test.each([
    [{ hostPath: "dev/fuse" }, /devices\[0\].host_path is "dev\/fuse", which is not an absolute path/],
    [{ hostPath: "" }, /devices\[0\].host_path is "", which is empty/],
    [{}, /devices\[0\].host_path is required/],
    [{ hostPath: "/dev/fuse", cgroupPermissions: "rx" }, /is "rx", which is not a set of permissions/],
    [{ hostPath: "/dev/fuse", mode: "r" }, /has no key "mode"/],
  ])("%j is refused", (device, reason) => expect(reasonOf({ devices: [device] })).toMatch(reason));

  test("written out, a default is no change", () =>
    expect(
      changes(
        taskOptions,
        { image: "i", devices: [{ hostPath: "/dev/fuse" }] },
        { image: "i", devices: [{ hostPath: "/dev//fuse", containerPath: "/dev/fuse", cgroupPermissions: "rwm" }] },
      ).replace,
    ).toEqual([]));

  test.each([
    ["by driver", { driver: "cdi", deviceIds: ["vendor.example/disk=sda"] }],
    ["by capability", { capabilities: [["cdi"]], deviceIds: ["vendor.example/disk=sda"] }],
  ])("devices of the Container Device Interface go through the same door: %s", (_, request) => {
    expect(namesOf({ deviceRequests: [request] }, plugin)).toEqual(["deviceRequests"]);
    expect(namesOf({ deviceRequests: [{ ...request, deviceIds: ["vendor.example/gpu=0"] }] }, plugin)).toEqual([]);
    expect(namesOf({ deviceRequests: [request] })).toEqual([]);
  });
});

describe("devices that a driver finds go by the names that they have for the Container Device Interface", () => {
  test.each([
    [{}, ["nvidia.com/gpu=all"], []],
    [{ count: 1 }, ["nvidia.com/gpu=*"], []],
    [{ count: 1 }, ["nvidia.com/gpu=0"], ["deviceRequests"]],
    [{ deviceIds: ["0"] }, ["nvidia.com/gpu=0"], []],
    [{ deviceIds: ["0", "1"] }, ["nvidia.com/gpu=0"], ["deviceRequests"]],
    [{ deviceIds: ["vendor.com/x=y"] }, ["nvidia.com/gpu=*"], ["deviceRequests"]],
    [{ driver: "amd" }, ["nvidia.com/gpu=*"], ["deviceRequests"]],
    [{ driver: "amd" }, ["amd.com/gpu=*"], []],
    [{ deviceIds: ["a.com/b=c"], capabilities: [["cdi"], ["gpu"]] }, ["a.com/**"], ["deviceRequests"]],
    [{ count: 1 }, undefined, []],
  ])("%j, where the operator allows %j: refused %j", (request, allowDevices, refusals) =>
    expect(namesOf({ deviceRequests: [request] }, { allowDevices })).toEqual(refusals),
  );
});

describe("GPUs (no GPU here: the request)", () => {
  const requests = (config: Bag, plugin: Bag = {}) => {
    const { values, failures } = validate(taskOptions, { image: "i", ...config }, () => false);
    expect(failures).toEqual([]);
    const spec = inherited(taskOptions, values, pluginSpec(plugin)) as TaskSpec;
    return toEngine(taskOptions, spec, {
      place: { job: "j", group: "g", index: 0, task: "t" },
      allocation: { id: "a", ports: {} },
      dirs: { root: "", task: "", alloc: "", local: "", secrets: "" },
      engine: {},
      plugin: pluginSpec(plugin),
    }).HostConfig;
  };

  test.each([
    [{}, { Count: -1, Capabilities: [["gpu"]] }],
    [{ count: 2 }, { Count: 2, Capabilities: [["gpu"]] }],
    [
      { driver: "nvidia", deviceIds: ["0"] },
      { Driver: "nvidia", DeviceIDs: ["0"], Capabilities: [["gpu"]] },
    ],
    [
      { capabilities: [["gpu", "video"]], options: { a: "b" } },
      { Count: -1, Capabilities: [["gpu", "video"]], Options: { a: "b" } },
    ],
  ])("%j", (request, wanted) =>
    expect(requests({ deviceRequests: [request] })).toMatchObject({ DeviceRequests: [wanted], Runtime: "nvidia" }),
  );

  test("the runtime for GPUs is the operator's, unless the task names one", () => {
    const deviceRequests = [{ count: 1 }];
    expect(requests({ deviceRequests }, { nvidiaRuntime: "nv" })?.Runtime).toBe("nv");
    expect(requests({ deviceRequests, runtime: "runc" })?.Runtime).toBe("runc");
    expect(requests({ deviceRequests }, { nvidiaRuntime: "" })?.Runtime).toBeUndefined();
    expect(requests({ deviceRequests: [{ driver: "cdi", deviceIds: ["v/c=1"] }] })?.Runtime).toBeUndefined();
    expect(requests({})?.Runtime).toBeUndefined();
  });

  test("it must be allowed, and the engine must have it", () => {
    const deviceRequests = [{ count: 1 }];
    expect(namesOf({ deviceRequests })).toEqual([]);
    expect(reasonOf({ deviceRequests }, { allowRuntimes: ["runc"] })).toMatch(
      /^device_requests asks for a GPU, and the runtime for GPUs \(the plugin option nvidia_runtime\) is "nvidia", and the operator allows runc/,
    );
    expect(reasonOf({ deviceRequests }, {}, { runtimes: ["runc"] })).toMatch(/is "nvidia", and the engine has runc/);
    expect(namesOf({ deviceRequests, runtime: "runc" }, { allowRuntimes: ["runc"] })).toEqual([]);
  });

  test.each([
    [{ count: 0 }, /count is 0, which is not a number of devices/],
    [{ count: 1, deviceIds: ["0"] }, /has both count and deviceIds/],
    [{ deviceIds: [] }, /is empty; name a device/],
  ])("%j is refused", (request, reason) => expect(reasonOf({ deviceRequests: [request] })).toMatch(reason));

  const job = (...Devices: readonly unknown[]) => ({
    task: { Resources: { CPU: 100, MemoryMB: 32, Devices } },
  });
  test.each([
    ["gpu", { Name: "gpu", Count: 2 }, { Count: 2, Capabilities: [["gpu"]] }],
    ["a vendor's", { Name: "nvidia/gpu" }, { Driver: "nvidia", Count: 1, Capabilities: [["gpu"]] }],
    ["a model", { Name: "nvidia/gpu/Tesla K80", Count: 1 }, { Driver: "nvidia", Count: 1, Capabilities: [["gpu"]] }],
  ])("a job file's device: %s", (_, device, wanted) =>
    expect(rendered(job(device)).create.HostConfig).toMatchObject({ DeviceRequests: [wanted], Runtime: "nvidia" }),
  );

  test("a model, and constraints, have no effect, which is said", () => {
    const device = { Name: "nvidia/gpu/K80", Count: 1, Constraints: [{ LTarget: "x" }], Affinities: null };
    expect(renderOnMachine(jobOf(job(device))).warnings).toEqual([
      'job/g/web: Resources.Devices[0].Name asks for "K80"; any GPU is taken',
      "job/g/web: Resources.Devices[0].Constraints has no effect here",
    ]);
  });

  test.each(["usb", "amd/gpu", "nvidia/gpux", "", null])("a job file's device %j is refused", (Name) =>
    expect(refused(job({ Name: "gpu" }, { Name })).map(({ path }) => path)).toEqual([
      "job/g/web.resources.devices[1].name",
    ]),
  );
});

describe("security options", () => {
  const dir = mkdtempSync(join(tmpdir(), "longshore-seccomp-"));
  const file = join(dir, "profile.json");
  const text = '{\n  "defaultAction": "SCMP_ACT_ALLOW",\n  "b": [ 18446744073709551615, "a  \\" b" ],\n  "1": 1.0\n}\n';
  const compacted = '{"defaultAction":"SCMP_ACT_ALLOW","b":[18446744073709551615,"a  \\" b"],"1":1.0}';
  beforeAll(() => writeFileSync(file, text));
  afterAll(() => rmSync(dir, { recursive: true }));

  test("a profile is read and inlined to the letter, without its white space", () => {
    const sent = (option: string) => rendered({ config: { security_opt: [option] } }).create.HostConfig?.SecurityOpt;
    expect(sent(`seccomp=${file}`)).toEqual([`seccomp=${compacted}`]);
    expect(sent(`seccomp:${file}`)).toEqual([`seccomp=${compacted}`]);
    expect(sent(`seccomp=${text}`)).toEqual([`seccomp=${compacted}`]);
    expect(sent(`seccomp=${compacted}`)).toEqual([`seccomp=${compacted}`]);
  });

  test.each(["no-new-privileges", "no-new-privileges:true", "seccomp=unconfined", "seccomp=builtin", "label=type:x"])(
    "%s is sent as it is",
    (option) =>
      expect(rendered({ config: { security_opt: [option] } }).create.HostConfig?.SecurityOpt).toEqual([option]),
  );

  test("what is no option is refused", () =>
    expect(reasonOf({ securityOpt: ["unconfined"] })).toMatch(
      /security_opt\[0\] is "unconfined", which is not a security option/,
    ));

  const readAs = (option: string, read: () => string) =>
    resolved(taskOptions, { securityOpt: ["no-new-privileges", option] }, read).failures.map(({ reason }) => reason);
  const failing = (code: string) => () => {
    throw Object.assign(new Error(code), { code });
  };
  test.each([
    [
      "a missing file",
      "seccomp=x.json",
      failing("ENOENT"),
      /names the seccomp profile "x.json", and there is no such file/,
    ],
    ["one without leave", "seccomp=x.json", failing("EACCES"), /it may not be read/],
    ["a directory", "seccomp=.", failing("EISDIR"), /it is a directory/],
    ["an empty one", "seccomp=x.json", () => "", /which is no profile/],
    ["one that is no JSON", "seccomp=x.json", () => "root:x:0:0", /which is no profile/],
    ["one that is no profile", "seccomp=x.json", () => '{"auths":{"r":{"auth":"c2VjcmV0"}}}', /which is no profile/],
    ["text that is no JSON", "seccomp={secret}", () => "", /has a seccomp profile, which is no profile/],
  ])("%s is refused, and nothing of it shown", (_, option, read, reason) => {
    const failures = readAs(option, read);
    expect(failures).toEqual([expect.stringMatching(reason)]);
    expect(failures.join()).not.toMatch(/root:x|c2VjcmV0|\{secret/);
  });

  test("longshore render refuses it too", () =>
    expect(refused({ config: { security_opt: [`seccomp=${dir}/none.json`] } })).toEqual([
      { path: "job/g/web.security_opt", reason: expect.stringMatching(/there is no such file/) as string },
    ]));

  test("what a file holds is what is compared", () => {
    const held = (json: string) => resolved(taskOptions, { image: "i", securityOpt: ["seccomp=x"] }, () => json).values;
    const [one, spaced, other] = [
      held('{"defaultAction":"SCMP_ACT_ALLOW"}'),
      held('{ "defaultAction": "SCMP_ACT_ALLOW" }\n'),
      held('{"defaultAction":"SCMP_ACT_ERRNO"}'),
    ];
    expect(changes(taskOptions, one, spaced).replace).toEqual([]);
    expect(changes(taskOptions, one, other).replace).toEqual(["securityOpt"]);
  });
});

describe("Windows (no Windows engine here: the request)", () => {
  const windows = { "driver.docker.os_type": "windows" };
  const request = (options: Bag, plugin: Bag = {}) => {
    const { values } = validate(taskOptions, { image: "i", ...options }, () => false);
    const facts = {
      place: { job: "j", group: "g", index: 0, task: "t" },
      allocation: { id: "a", ports: {} },
      dirs: { root: "", task: "", alloc: "", local: "", secrets: "" },
      engine: { os: "windows" },
      plugin: pluginSpec(plugin),
    } as const;
    return createRequest(inherited(taskOptions, values, facts.plugin) as TaskSpec, facts).HostConfig ?? {};
  };

  test("no capabilities, no swap, no swappiness are sent", () => {
    expect(fingerprintOf(windows).os).toBe("windows");
    expect(Object.keys(request({}, { allowCaps: "hardened" }))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^Cap|Swap/)]),
    );
  });

  test.each([
    ["process", "process"],
    ["hyperv", "hyperv"],
    ["hyper-v", "hyperv"],
    ["default", undefined],
  ])("isolation %s is sent as %s", (isolation, sent) => expect(request({ isolation }).Isolation).toBe(sent));

  test("isolation on Linux is refused, unless it is the default", () => {
    const linux = { os: "linux" } as const;
    expect(reasonOf({ isolation: "hyperv" }, {}, linux)).toBe(
      "isolation is for Windows containers, and the engine runs Linux ones; leave it out",
    );
    expect(namesOf({ isolation: "default" }, {}, linux)).toEqual([]);
  });

  test("what only Linux has is refused, by whatever limits", () => {
    const options = { privileged: true, capAdd: ["CHOWN"], capDrop: ["MKNOD"], pidMode: "host", init: true };
    expect(namesOf(options, allowAll, { os: "windows" }).sort()).toEqual(Object.keys(options).sort());
    expect(
      namesOf({ privileged: false, capDrop: [], ipcMode: "" }, { allowCaps: "hardened" }, { os: "windows" }),
    ).toEqual([]);
  });
});

describe("the rest", () => {
  test.each([
    [{ oomScoreAdj: -1 }, /oom_score_adj is -1, which is below 0, which would let the host's own processes be killed/],
    [{ oomScoreAdj: 1001 }, /above 1000/],
    [{ stopTimeout: "1500ms" }, /stop_timeout is "1500ms", which is not a whole number of seconds/],
    [{ stopSignal: "SIGBOGUS" }, /stop_signal is "SIGBOGUS", which is not the name of a signal/],
    [{ cgroupns: "bogus" }, /is none of "host", "private"/],
    [{ groupAdd: [""] }, /group_add\[0\]/],
  ])("%j is refused", (options, reason) => expect(reasonOf(options)).toMatch(reason));

  test("storage options are sent as they are (no quotas on this engine: the request)", () =>
    expect(
      tasksOf(renderOnMachine(jobOf({ config: { storage_opt: { size: "1G" } } })))[0]?.create.HostConfig,
    ).toMatchObject({ StorageOpt: { size: "1G" } }));

  test("privileged is sent as it is (this engine cannot grant all capabilities: the request)", () =>
    expect(rendered({ config: { privileged: true } }, { allow_privileged: true }).create.HostConfig?.Privileged).toBe(
      true,
    ));
});

/** The rules of what may be mounted, and the driver's form of it. */
import type { Scope } from "../../../provider/facts";
import { taskOptions } from "../../../provider/options";
import { canonical, changes, inherited, validate, violations } from "../../../provider/options/folds";
import { sharedSources } from "../../../provider/options/mounts";
import { pluginOptions } from "../../../provider/options/plugin";
import { pluginSpec } from "../../../provider/plugin-spec";
import { refused, rendered } from "../../conformance/rendering";

const unknown = Symbol("known later");
const isUnknown = (value: unknown) => value === unknown;
const allowed = pluginSpec({ volumes: { enabled: true } });
const task = "/var/lib/longshore/alloc/$ALLOC/web";

/** Each refusal as `property: reason`. */
const refusalsOf = (options: object, scope: Scope = { plugin: pluginSpec({}) }): readonly string[] => {
  const { values, failures } = validate(taskOptions, { image: "img:1", ...options }, isUnknown);
  return (failures.length > 0 ? failures : violations(taskOptions, values as never, scope, isUnknown)).map(
    ({ property, reason }) => `${property}: ${reason}`,
  );
};
const volume = (text: string) => ({ volumes: [text] });
const bind = (source: string, more: object = {}) => ({ mount: [{ type: "bind", source, target: "/x", ...more }] });

describe("sources that are the allocation's own", () => {
  test.each([
    "x",
    "./x",
    "local/x",
    "local/../x/",
    "x//y",
    ".",
    "../alloc",
    "../alloc/x",
    "../alloc/../alloc/x",
    "~/x",
    "a b",
  ])("%s", (source) => {
    expect(refusalsOf(volume(`${source}:/x`))).toEqual([]);
    expect(refusalsOf(bind(source))).toEqual([]);
    expect(refusalsOf({ mounts: bind(source).mount })).toEqual([]);
  });
});

describe.each([
  [
    "/etc",
    /"\/etc" is a path of the engine's host, and volumes are not enabled.*have the operator set the plugin option volumes\.enabled/,
  ],
  ["//etc", /is a path of the engine's host/],
  ["/local/../etc", /is a path of the engine's host/],
  ["/local/x", /is a path of the engine's host.*write "local\/x"/],
  ["/alloc/data", /is a path of the engine's host.*write "\.\.\/alloc\/data"/],
  ["C:\\Windows", /is a path of the engine's host/],
  ["\\\\server\\share", /is a path of the engine's host/],
  ["../../etc", /leads out of the task's directory, and volumes are not enabled/],
  ["x/../../../etc", /leads out of the task's directory/],
  ["../alloc/../../x", /leads out of the task's directory/],
  ["../other/local", /leads out of the task's directory.*share with other tasks through "\.\.\/alloc"/],
  ["../allocx", /leads out of the task's directory/],
  ["..", /is the allocation's whole directory.*share through "\.\.\/alloc"/],
  ["../alloc/..", /is the allocation's whole directory/],
  ["${NOMAD_TASK_DIR}/x", /holds a variable, which is not filled in here/],
])("%s is refused where volumes are not enabled", (source, reason) => {
  test("in mount and mounts", () => {
    expect(refusalsOf(bind(source))).toEqual([expect.stringMatching(reason)]);
    expect(refusalsOf({ mounts: bind(source).mount })).toEqual([expect.stringMatching(reason)]);
  });
  if (!source.includes(":"))
    test("in volumes", () => expect(refusalsOf(volume(`${source}:/x`))).toEqual([expect.stringMatching(reason)]));
});

test.each([["../../etc"], [".."], ["../other/x"]])(
  "%s leads to no place of the host, so it is refused where volumes are enabled too",
  (source) => {
    expect(refusalsOf(volume(`${source}:/x`), { plugin: allowed })).toHaveLength(1);
    expect(refusalsOf(bind(source), { plugin: allowed })).toHaveLength(1);
  },
);

test.each([
  ["volumes", volume("/etc:/x")],
  ["mount", bind("/etc")],
  ["a volume", { mount: [{ target: "/x", source: "vol" }] }],
  ["an anonymous volume", { mount: [{ target: "/x" }] }],
  [
    "a volume that is a path",
    { mount: [{ target: "/x", source: "vol", volumeOptions: { driverConfig: { options: { o: "bind" } } } }] },
  ],
  ["a driver", { volumeDriver: "local" }],
  ["a driver with its volumes", { volumeDriver: "nfs", volumes: ["vol:/x"] }],
  [
    "a pipe",
    { mount: [{ type: "npipe", source: "\\\\.\\pipe\\p", target: "\\\\.\\pipe\\p" }] },
    { engine: { os: "windows" as const } },
  ],
])(
  "%s needs volumes.enabled, and is not refused while the operator's limits are not known",
  (_, options, scope: Scope = {}) => {
    const engine = { engine: scope.engine };
    expect(refusalsOf(options, { plugin: pluginSpec({}), ...engine })).toEqual([
      expect.stringMatching(/not enabled.*volumes\.enabled/),
    ]);
    expect(refusalsOf(options, { plugin: allowed, ...engine })).toEqual([]);
    expect(refusalsOf(options, { ...engine })).toEqual([]);
  },
);

test.each([
  ["one part", volume("/justpath"), /volumes\[0\] is "\/justpath", which is not "source:target"/],
  ["a fourth part", volume("local/a:/m1:ro:z"), /volumes\[0\] is "local\/a:\/m1:ro:z", which is not "source:target"/],
  ["no source", volume(":/x"), /is not "source:target"/],
  ["no target", volume("x:"), /is not "source:target"/],
  ["an empty mode", volume("x:/x:"), /the mode "" means nothing; write of rw, ro, z/],
  ["an unknown mode", volume("x:/x:rx"), /the mode "rx" means nothing/],
  ["a mode and its opposite", volume("x:/x:ro,rw"), /the mode says both ro and rw; write one/],
  ["two labels", volume("x:/x:z,Z"), /the mode says both z and Z/],
  ["propagation of what nothing is mounted into", volume("x:/x:rshared"), /rshared is for paths of the host/],
  ["the same in a mount", bind("x", { bindOptions: { propagation: "slave" } }), /slave is for paths of the host/],
  [
    "an unknown propagation",
    bind("x", { bindOptions: { propagation: "all" } }),
    /mount\[0\]\.bind_options\.propagation .* is none of "private"/,
  ],
  ["a relative target", volume("x:y"), /"y" is not an absolute path/],
  ["a relative target of a mount", bind("x", { target: "y" }), /mount\[0\]\.target .* is not an absolute path/],
  ["the whole file system", volume("x:/"), /"\/" is the whole file system of the container/],
  ["a standard target", volume("x:/local"), /\/local is one of the directories that every task has/],
  ["a standard target in other words", bind("x", { target: "//secrets/./" }), /\/secrets is one of the directories/],
  [
    "a standard target by a detour",
    { mount: [{ type: "tmpfs", target: "/x/../alloc" }] },
    /\/alloc is one of the directories/,
  ],
  [
    "a source for tmpfs",
    { mount: [{ type: "tmpfs", target: "/x", source: "x" }] },
    /mount\[0\]\.source .*must be empty for tmpfs/,
  ],
  ["a bind of nothing", { mount: [{ type: "bind", target: "/x" }] }, /mount\[0\] .*type bind without a source/],
  ["no target at all", { mount: [{ type: "tmpfs" }] }, /mount\[0\]\.target is required/],
  [
    "an unknown type",
    { mount: [{ type: "nfs", target: "/x" }] },
    /mount\[0\]\.type .* is none of "volume", "bind", "tmpfs"/,
  ],
  ["an unknown key", { mount: [{ type: "tmpfs", target: "/x", mode: "ro" }] }, /mount\[0\] has no key "mode"/],
  [
    "options of another type",
    { mount: [{ type: "bind", source: "x", target: "/x", tmpfsOptions: { size: 1 } }] },
    /mount\[0\]\.tmpfs_options .*goes with type tmpfs, and the type is bind/,
  ],
  [
    "a mode that is none",
    { mount: [{ type: "tmpfs", target: "/x", tmpfsOptions: { mode: 10_000 } }] },
    /mount\[0\]\.tmpfs_options\.mode .* is no mode/,
  ],
  [
    "a pipe where there are none",
    { mount: [{ type: "npipe", source: "x", target: "/x" }] },
    /npipe is for engines on Windows/,
  ],
  [
    "a label of ours",
    { mount: [{ target: "/x", volumeOptions: { labels: { "longshore.key": "x" } } }] },
    /longshore's own/,
  ],
])("%s is refused, with the way out", (_, options, reason) =>
  expect(refusalsOf(options, { plugin: allowed, engine: { os: "linux" } })).toEqual([expect.stringMatching(reason)]),
);

test.each([
  ["short", "x", /"x" is not the name of a volume; use two or more/],
  ["with a slash", "a/b", /"a\/b" is not the name of a volume/],
  ["out of place", "../x", /"\.\.\/x" is not the name of a volume/],
])("a volume's name that is %s is refused for the engine's own driver, and not for others", (_, name, reason) => {
  const options = { volumeDriver: "local", volumes: [`${name}:/x`] };
  expect(refusalsOf(options, { plugin: allowed })).toEqual([expect.stringMatching(reason)]);
  expect(refusalsOf({ mount: [{ source: name, target: "/x" }] }, { plugin: allowed })).toEqual([
    expect.stringMatching(reason),
  ]);
  expect(refusalsOf({ ...options, volumeDriver: "nfs" }, { plugin: allowed })).toEqual([]);
});

test.each([
  [
    "twice in volumes",
    { volumes: ["x:/x", "y:/x/"] },
    /^volumes: volumes mounts at \/x what volumes\[0\] mounts there already \(volumes\[1\]\)/,
  ],
  [
    "in volumes and mount",
    { volumes: ["x:/x"], mount: [{ type: "tmpfs", target: "/a/../x" }] },
    /^mount: mount mounts at \/x what volumes\[0\] mounts there already \(mount\[0\]\)/,
  ],
  [
    "in mount and mounts",
    { mount: [{ type: "tmpfs", target: "/x" }], mounts: [{ type: "tmpfs", target: "/x" }] },
    /^mounts: mounts mounts at \/x what mount\[0\] mounts there already \(mounts\[0\]\)/,
  ],
])("a target %s is refused, with both named", (_, options, reason) =>
  expect(refusalsOf(options)).toEqual([expect.stringMatching(reason)]),
);

test("what is known is judged beside what is not", () => {
  expect(refusalsOf({ volumes: ["/etc:/x"], mount: unknown })).toHaveLength(1);
  expect(refusalsOf({ volumes: unknown, mount: bind("/etc").mount, mounts: unknown })).toHaveLength(1);
  expect(refusalsOf({ volumes: [unknown, "/etc:/x"], volumeDriver: unknown })).toEqual([]);
  expect(
    refusalsOf({
      mount: [
        { type: "tmpfs", target: unknown },
        { type: "tmpfs", target: "/x" },
      ],
    }),
  ).toEqual([]);
});

test("options of a volume's driver, which may be secrets, are in no message", () =>
  expect(
    refusalsOf(
      { mount: [{ target: "/x", volumeOptions: { driverConfig: { options: { o: "password=hunter2", device: 5 } } } }] },
      { plugin: allowed },
    ).join(),
  ).not.toMatch(/hunter2/));

describe("the driver's form", () => {
  const host = (config: object, plugin: object = { volumes: { enabled: true } }) => {
    const { create, env } = rendered({ config: { ...config } }, plugin);
    const { Binds = [], Mounts, VolumeDriver } = create.HostConfig ?? {};
    return JSON.parse(
      JSON.stringify({ Binds: Binds.slice(3), Mounts, VolumeDriver }).replaceAll(env.NOMAD_ALLOC_ID ?? "", "$ALLOC"),
    ) as { Binds: readonly string[]; Mounts?: unknown; VolumeDriver?: unknown };
  };

  test.each([
    ["in the task's directory", "x:/x", `${task}/x:/x`],
    ["cleaned", "./local//x/../y/:/x:ro", `${task}/local/y:/x:ro`],
    ["in the shared one", "../alloc/x:/x", "/var/lib/longshore/alloc/$ALLOC/alloc/x:/x"],
    ["a path of the host", "/srv/x/:/x:rslave,ro", "/srv/x:/x:rslave,ro"],
    ["the task's directory", ".:/x", `${task}:/x`],
  ])("volumes: %s", (_, text, bound) => expect(host({ volumes: [text] }).Binds).toEqual([bound]));

  test("with a driver a source is a name, and a path stays one", () =>
    expect(host({ volume_driver: "nfs", volumes: ["./rel/../vol:/x", "/srv:/y"] })).toMatchObject({
      Binds: ["vol:/x", "/srv:/y"],
      VolumeDriver: "nfs",
    }));

  test("every option of a mount, in a file's own words", () =>
    expect(
      host({
        mount: [
          {
            type: "volume",
            source: "vol",
            target: "/v",
            readonly: "true",
            volume_options: [
              { no_copy: true, labels: [{ a: "b" }], driver_config: [{ name: "nfs", options: [{ o: "ro" }] }] },
            ],
          },
          { type: "bind", source: "/srv", target: "/b", bind_options: [{ propagation: "rslave" }] },
          { type: "tmpfs", target: "/t", tmpfs_options: [{ size: "100000", mode: 511 }] },
        ],
        mounts: { type: "bind", source: "local/x", target: "/old" },
      }).Mounts,
    ).toEqual([
      {
        Type: "volume",
        Source: "vol",
        Target: "/v",
        ReadOnly: true,
        VolumeOptions: { NoCopy: true, Labels: { a: "b" }, DriverConfig: { Name: "nfs", Options: { o: "ro" } } },
      },
      { Type: "bind", Source: "/srv", Target: "/b", BindOptions: { Propagation: "rslave" } },
      { Type: "tmpfs", Target: "/t", TmpfsOptions: { SizeBytes: 100_000, Mode: 511 } },
      { Type: "bind", Source: `${task}/local/x`, Target: "/old", BindOptions: {} },
    ]));

  test("the operator's label is on every bind, the standard ones included, and on no mount", () => {
    const config = { volumes: ["x:/x", "y:/y:ro", "w:/w:Z"], mount: [{ type: "bind", source: "z", target: "/z" }] };
    const { create } = rendered({ config }, { volumes: { selinuxlabel: "z" } });
    expect(create.HostConfig?.Binds?.map((text) => text.replace(/^[^:]*/, ""))).toEqual([
      ":/alloc:z",
      ":/local:z",
      ":/secrets:z",
      ":/x:z",
      ":/y:ro,z",
      ":/w:Z",
    ]);
    expect(create.HostConfig?.Mounts).toEqual([expect.objectContaining({ BindOptions: {} })]);
  });

  test("a task's own selinuxlabel is no option of a file", () =>
    expect(refused({ config: { selinuxlabel: "z" } })).toEqual([
      expect.objectContaining({ path: "job/g/web.selinuxlabel" }),
    ]));

  // No engine for Windows can be had here: the request only.
  test("for an engine on Windows a drive's colon parts nothing", () => {
    const scope = { plugin: allowed, engine: { os: "windows" as const } };
    expect(refusalsOf(volume("C:\\data:D:\\data:ro"), scope)).toEqual([]);
    expect(refusalsOf(volume("C:\\data:D:\\data:ro"), { ...scope, engine: { os: "linux" } })).toHaveLength(1);
    expect(refusalsOf(volume("C:\\data:D:\\data"), { ...scope, plugin: pluginSpec({}) })).toEqual([
      expect.stringMatching(/"C:\\data" is a path of the engine's host/),
    ]);
    expect(
      refusalsOf({ mount: [{ type: "npipe", source: "\\\\.\\pipe\\p", target: "\\\\.\\pipe\\p" }] }, scope),
    ).toEqual([]);
  });
});

describe("the operator's label", () => {
  const withLabel = pluginSpec({ volumes: { selinuxlabel: "z" } });
  test("shows as the task's own, so that a change of it replaces the container", () =>
    expect(inherited(taskOptions, { image: "img:1" }, withLabel)).toMatchObject({ selinuxlabel: "z" }));
  test("is not a task's to change", () =>
    expect(refusalsOf({ selinuxlabel: "Z" }, { plugin: withLabel })).toEqual([
      'selinuxlabel: selinuxlabel is "Z", and the operator\'s volumes.selinuxlabel is "z"; leave it out',
    ]));
  test("is one of two", () =>
    expect(validate(pluginOptions, { volumes: { selinuxlabel: "x" } }, isUnknown).failures).toEqual([
      expect.objectContaining({ property: "volumes.selinuxlabel" }),
    ]));
});

test.each([
  ["an empty list and none", { volumes: [], mount: [], volumeDriver: "" }, {}],
  ["another order", { volumes: ["a:/a", "b:/b"] }, { volumes: ["b:/b", "a:/a"] }],
  [
    "defaults written out",
    { mount: [{ type: "volume", target: "/x", readonly: false, volumeOptions: {} }] },
    { mount: [{ target: "/x" }] },
  ],
])("%s say the same", (_, one, other) => expect(canonical(taskOptions, one)).toEqual(canonical(taskOptions, other)));

test("what a group has to know of is what a task mounts beneath alloc", () =>
  expect(
    sharedSources({
      volumes: ["../alloc/a/:/a", "../alloc:/all", "local/x:/x", "/srv:/srv", unknown],
      mount: [{ type: "bind", source: "./../alloc/./b" }, { source: "../alloc/c" }, unknown],
      mounts: [{ type: "bind", source: "../alloc/d" }],
    }),
  ).toEqual(["alloc/a", "alloc/b", "alloc/d"]));

test("two spellings of one volume are one", () => {
  const spelled = (text: string) => ({ image: "redis:7", volumes: [text] });
  expect(changes(taskOptions, spelled("local/a:/a"), spelled("./local//a/:/a/:rw")).replace).toEqual([]);
  expect(changes(taskOptions, spelled("local/a:/a"), spelled("local/a:/a:ro")).replace).toEqual(["volumes"]);
});

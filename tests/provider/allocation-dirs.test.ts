/** The driver's form of a request becomes volumes, each where a task of Nomad would see the directory. */
import { allocationDirs, mountDirs } from "../../provider/allocation-dirs";
import { type Place, placesOf } from "../../provider/dir-places";
import type { Facts } from "../../provider/facts";
import { type TaskSpec, taskOptions } from "../../provider/options";
import { validate } from "../../provider/options/folds";
import { pluginSpec } from "../../provider/plugin-spec";
import { createRequest } from "../../provider/request";

const standard: readonly Place[] = [
  { dir: "alloc", target: "/alloc" },
  { dir: "web/local", target: "/local" },
  { dir: "web/secrets", target: "/secrets" },
];
const usual = ["/alloc alloc", "/local web/local", "/secrets web/secrets"];
const at = (dir: string, target: string, more: Partial<Place> = {}): Place => ({ dir, target, ...more });

/** `target dir`, with ` ro` and the label where there are such. */
const places = (asked: readonly Place[], { shared = [] as string[], others = [] as string[] } = {}) =>
  placesOf([...standard, ...asked], shared, others).map(({ target, dir, readonly, label }) =>
    [target, dir, ...(readonly ? ["ro"] : []), ...(label ? [label] : [])].join(" "),
  );
const added = (...given: Parameters<typeof places>) => places(...given).filter((place) => !usual.includes(place));

describe("where a directory is mounted", () => {
  test.each([
    ["the usual ones only", [], []],
    ["one beside local is where it is asked for", [at("web/x", "/x")], ["/x web/x"]],
    ["one in local is there as well", [at("web/local/x", "/data")], ["/data web/local/x", "/local/x web/local/x"]],
    [
      "what leads to one is a volume too, so that no symlink can take its place",
      [at("web/local/a/b/c", "/c")],
      ["/c web/local/a/b/c", "/local/a web/local/a", "/local/a/b web/local/a/b", "/local/a/b/c web/local/a/b/c"],
    ],
    [
      "one in another one is in that, wherever it is",
      [at("web/x", "/one"), at("web/x/y", "/two")],
      ["/one web/x", "/one/y web/x/y", "/two web/x/y"],
    ],
    [
      "one in another one that is in local is at all four",
      [at("web/local/x", "/one"), at("web/local/x/y", "/two")],
      [
        "/local/x web/local/x",
        "/local/x/y web/local/x/y",
        "/one web/local/x",
        "/one/y web/local/x/y",
        "/two web/local/x/y",
      ],
    ],
    ["a name that begins alike is another", [at("web/x", "/x"), at("web/xy", "/y")], ["/x web/x", "/y web/xy"]],
    [
      "the same one at two places",
      [at("web/local/x", "/one"), at("web/local/x", "/two")],
      ["/local/x web/local/x", "/one web/local/x", "/two web/local/x"],
    ],
    [
      "the task's whole directory has local and secrets in it",
      [at("web", "/all")],
      ["/all web", "/all/local web/local", "/all/secrets web/secrets"],
    ],
    [
      "read-only and label go down, not up",
      [at("web/local/x", "/ro", { readonly: true, label: "z" }), at("web/local/x/y", "/y")],
      [
        "/local/x web/local/x",
        "/local/x/y web/local/x/y",
        "/ro web/local/x ro z",
        "/ro/y web/local/x/y ro z",
        "/y web/local/x/y",
      ],
    ],
  ])("%s", (_, asked, wanted) => expect(added(asked)).toEqual(wanted));

  test("what other tasks mount of alloc is mounted in all", () => {
    expect(added([], { shared: ["alloc/data/a"] })).toEqual(["/alloc/data alloc/data", "/alloc/data/a alloc/data/a"]);
    expect(added([at("alloc", "/shared")], { shared: ["alloc/data"] })).toEqual([
      "/alloc/data alloc/data",
      "/shared alloc",
      "/shared/data alloc/data",
    ]);
  });

  test.each([
    ["of another kind", [at("web/local/x/y", "/y")], ["/local/x"], ["/local/x/y"]],
    ["of another directory", [at("web/other", "/local/x"), at("web/local/x/y", "/y")], [], ["/local/x/y"]],
  ])("what the task mounts itself, %s, hides what would be below it", (_, asked, others, hidden) => {
    const targets = placesOf([...standard, ...asked], [], others).map(({ target }) => target);
    for (const target of hidden) expect(targets).not.toContain(target);
    expect(new Set(targets).size).toBe(targets.length);
  });
});

const id = "00000000-0000-4000-8000-000000000000";
const facts: Facts = {
  place: { job: "job", group: "group", index: 0, task: "web" },
  allocation: { id, ports: {} },
  dirs: allocationDirs(id, "web"),
  engine: {},
  plugin: pluginSpec({}),
};
const mounted = (options: object, shared: readonly string[] = []) => {
  const { values, failures } = validate(taskOptions, { image: "img:1", ...options }, () => false);
  expect(failures).toEqual([]);
  const { Labels, ...request } = createRequest(values as TaskSpec, facts);
  return mountDirs({ ...request, Labels: { ...Labels, "longshore.key": "the/key" } }, facts, { shared });
};
const sources = (options: object) =>
  (mounted(options).request.HostConfig?.Mounts ?? []).map(
    ({ Type, Source = "", Target, ReadOnly }) => `${Type} ${Source} ${Target}${ReadOnly ? " ro" : ""}`,
  );

describe("a request", () => {
  test("the three standard directories have the names that containers out there have", () =>
    expect(sources({})).toEqual([
      `volume longshore-${id}-alloc /alloc`,
      `volume longshore-${id}-web-local /local`,
      `volume longshore-${id}-web-secrets /secrets`,
    ]));

  test("no path of the host is left of a relative source", () => {
    const { request, dirs, first } = mounted({
      volumes: ["local/x:/data:ro", "../alloc/s:/s"],
      mount: [{ type: "bind", source: "y", target: "/y", readonly: true }],
      mounts: [{ type: "bind", source: "secrets/z", target: "/z" }],
    });
    expect(JSON.stringify(request)).not.toContain("/var/lib/longshore");
    expect(request.HostConfig?.Binds).toBeUndefined();
    expect(first).toEqual([]);
    expect(new Set(request.HostConfig?.Mounts?.map(({ Source }) => Source)).size).toBe(dirs.length);
    for (const { labels } of dirs) expect(labels).toEqual({ "longshore.alloc_id": id, "longshore.key": "the/key" });
  });

  test("what is not the allocation's stays as it is", () =>
    expect(
      mounted({
        volumes: ["/srv:/srv:ro", "local/x:/x"],
        mount: [
          { source: "vol", target: "/vol" },
          { type: "tmpfs", target: "/t" },
        ],
      }).request.HostConfig,
    ).toMatchObject({
      Binds: ["/srv:/srv:ro"],
      Mounts: expect.arrayContaining([
        { Type: "volume", Source: "vol", Target: "/vol", VolumeOptions: { DriverConfig: {} } },
        { Type: "tmpfs", Target: "/t", TmpfsOptions: {} },
      ]) as unknown,
    }));

  test("a directory beneath secrets is memory, and no other", () =>
    expect(
      mounted({ volumes: ["secrets/a/b:/b", "secretsx:/x"] })
        .dirs.filter(({ driver }) => driver?.Options?.type === "tmpfs")
        .map(({ dir }) => dir)
        .sort(),
    ).toEqual(["web/secrets", "web/secrets/a", "web/secrets/a/b"]));

  test("names are an engine's, short, and no two alike, whatever the path", () => {
    const names = mounted({
      volumes: ["a/b:/1", "a-b:/2", "a b:/3", "ü:/4", `${"long/".repeat(60)}:/5`, "local:/6", "local-:/7", "$x:/8"],
    }).dirs.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^longshore-[A-Za-z0-9_.-]{1,100}$/);
  });

  test("another task of the allocation has the same name for what they share, and others for its own", () => {
    const other = { ...facts, place: { ...facts.place, task: "two" }, dirs: allocationDirs(id, "two") };
    const names = (of: Facts, volumes: readonly string[]) => {
      const { values } = validate(taskOptions, { image: "img:1", volumes }, () => false);
      return mountDirs(createRequest(values as TaskSpec, of), of).dirs.map(({ name }) => name);
    };
    const [one, two] = [names(facts, ["../alloc/a:/a", "x:/x"]), names(other, ["../alloc/a:/a", "x:/x"])];
    expect(one.filter((name) => two.includes(name))).toHaveLength(2);
  });

  test("what is mounted inside a directory is made in it: it may be mounted read-only", () =>
    expect(
      Object.fromEntries(
        mounted({ volumes: ["local/x:/x:ro", "local/x/y:/y", "../alloc/data/d:/d"] }).dirs.map(({ dir, contents }) => [
          dir,
          contents,
        ]),
      ),
    ).toEqual({
      alloc: ["data", "logs", "tmp"],
      "alloc/data": ["d"],
      "alloc/data/d": [],
      "web/local": ["x"],
      "web/local/x": ["y"],
      "web/local/x/y": [],
      "web/secrets": [],
    }));
});

describe("a label", () => {
  test("the operator's is on all binds, and the volumes are there before", () => {
    const { request, first, dirs } = mounted({ selinuxlabel: "z", volumes: ["local/x:/data:ro", "/srv:/srv"] });
    const name = (dir: string) => dirs.find((volume) => volume.dir === dir)?.name ?? "";
    expect(request.HostConfig).toMatchObject({
      Binds: [
        `${name("alloc")}:/alloc:nocopy,z`,
        `${name("web/local/x")}:/data:nocopy,ro,z`,
        `${name("web/local/x")}:/local/x:nocopy,z`,
        `${name("web/local")}:/local:nocopy,z`,
        `${name("web/secrets")}:/secrets:nocopy,z`,
        "/srv:/srv:z",
      ].toSorted((a, b) => Number(a.startsWith("/")) - Number(b.startsWith("/"))),
      Mounts: [],
    });
    expect(first.map((volume) => volume.name).sort()).toEqual(dirs.map((volume) => volume.name).sort());
  });

  test("a volume's own is on that alone", () => {
    const { request, first } = mounted({ volumes: ["x:/x:Z"] });
    expect(request.HostConfig?.Binds).toEqual([expect.stringMatching(/:\/x:nocopy,Z$/)]);
    expect(request.HostConfig?.Mounts).toHaveLength(3);
    expect(first).toHaveLength(1);
  });

  test("beside a volume driver, which would be for the directories too, its volumes are made before", () => {
    const { request, first } = mounted({ selinuxlabel: "z", volumeDriver: "nfs", volumes: ["vol:/vol", "/srv:/srv"] });
    expect(request.HostConfig?.VolumeDriver).toBeUndefined();
    expect(request.HostConfig?.Binds).toEqual(expect.arrayContaining(["vol:/vol:z", "/srv:/srv:z"]));
    expect(first).toContainEqual({ name: "vol", labels: {}, driver: { Name: "nfs" } });
  });
});

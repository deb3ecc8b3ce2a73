/** The plugin's options as an operator has them: the stanza, the agent's file, and the old client options. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RootConstruct } from "constructs";
import { pluginFromFile, pluginFromJson } from "../../constructs/plugin-from-json";
import { failuresOf } from "../../constructs/validation";
import { warningsOf } from "../../constructs/warnings";
import { legacyNames } from "../../provider/options/legacy";
import { pluginOptions } from "../../provider/options/plugin";

type Bag = Readonly<Record<string, unknown>>;

const read = (json: unknown) => {
  const root = new RootConstruct();
  const { options } = pluginFromJson(root, "engine", json);
  return {
    options: { ...options } as Bag,
    failures: failuresOf(root).map(({ property, reason }) => `${property}: ${reason}`),
    warnings: warningsOf(root).filter((text) => !text.includes("in this version")),
  };
};

const gc = { gc: { image_delay: "10m", container: false } };
const wanted = { gc: { imageDelay: "10m", container: false } };

describe("one set of options", () => {
  test.each([
    ["the options alone", gc],
    ["with the name of their schema", { $schema: "plugin.schema.json", ...gc }],
    ["their map", { config: gc }],
    ["the plugin", { docker: { config: gc } }],
    ["the stanza", { plugin: { docker: { config: gc } } }],
    ["the stanza as HCL's parsers write it", { plugin: [{ docker: [{ config: [{ gc: [gc.gc] }] }] }] }],
    ["beside other plugins", { plugin: [{ raw_exec: [{ config: [{}] }] }, { docker: [{ config: [gc] }] }] }],
  ])("%s", (_, json) => expect(read(json)).toEqual({ options: wanted, failures: [], warnings: [] }));

  test("in an agent's file, of which the rest is told to be without effect", () =>
    expect(read({ datacenter: "dc1", client: { enabled: true }, plugin: { docker: { config: gc } } })).toEqual({
      options: wanted,
      failures: [],
      warnings: ["engine: datacenter beside the plugin has no effect here"],
    }));

  test("a stanza without options has the defaults", () =>
    expect(read({ plugin: { docker: {} } })).toEqual({ options: {}, failures: [], warnings: [] }));
});

describe("what is wrong is refused", () => {
  test.each([
    ["another plugin's stanza", { plugin: { dokcer: { config: gc } } }, /^plugin: plugin has no "docker"/],
    ["no map", ["x"], /^config: config is not a map/],
    ["no map inside", { plugin: { docker: { config: "x" } } }, /^config: config is not a map/],
    ["a misspelling", { pids_limt: 5 }, /^pids_limt: pids_limt is not an option; did you mean pids_limit\?/],
    ["a program's spelling", { pidsLimit: 5 }, /^pidsLimit: .* did you mean pids_limit\?/],
    ["inside", { gc: { image_dely: "1m" } }, /^gc.image_dely: gc has no key "image_dely"; did you mean image_delay\?/],
    [
      "a minimum",
      { gc: { dangling_containers: { creation_grace: "30s" } } },
      /gc\.dangling_containers\.creation_grace is "30s", which is less than the minimum, 1m; raise it$/,
    ],
    ["a number of seconds", { gc: { image_delay: 180 } }, /gc\.image_delay is 180, which is not a string/],
    ["an image policy", { gc: { image: "some" } }, /gc\.image is "some", which has none of the shapes/],
    ["a limit below 0", { pids_limit: -1 }, /^pidsLimit: pids_limit is -1, which is below 0/],
    ["a label that there is not", { extra_labels: ["job"] }, /^extraLabels\[0\]: .*choose among job_id, job_name, /],
  ])("%s", (_, json, reason) => expect(read(json).failures).toEqual([expect.stringMatching(reason)]));

  test('gc.image takes "all"', () => expect(read({ gc: { image: "all" } }).failures).toEqual([]));
});

describe("Nomad's client options", () => {
  // What each is given, and what comes of it.
  const cases: Readonly<Record<string, readonly [text: string, options: Bag]>> = {
    "docker.endpoint": ["unix:///run/d.sock", { endpoint: "unix:///run/d.sock" }],
    "docker.auth.config": ["/etc/auth.json", { auth: { config: "/etc/auth.json" } }],
    "docker.auth.helper": ["pass", { auth: { helper: "pass" } }],
    "docker.tls.cert": ["/c.pem", { tls: { cert: "/c.pem" } }],
    "docker.tls.key": ["/k.pem", { tls: { key: "/k.pem" } }],
    "docker.tls.ca": ["/ca.pem", { tls: { ca: "/ca.pem" } }],
    "docker.cleanup.image": ["false", { gc: { image: false } }],
    "docker.cleanup.image.delay": ["10m", { gc: { imageDelay: "10m" } }],
    "docker.volumes.enabled": ["true", { volumes: { enabled: true } }],
    "docker.volumes.selinuxlabel": ["z", { volumes: { selinuxlabel: "z" } }],
    "docker.privileged.enabled": ["1", { allowPrivileged: true }],
    "docker.caps.allowlist": ["CHOWN, NET_RAW,", { allowCaps: ["CHOWN", "NET_RAW"] }],
    "docker.caps.whitelist": ["ALL", { allowCaps: ["ALL"] }],
    "docker.cleanup.container": ["false", { gc: { container: false } }],
    "docker.nvidia_runtime": ["nvidia-2", { nvidiaRuntime: "nvidia-2" }],
  };
  const known = legacyNames(pluginOptions);

  test("all those of the documentation are known", () => {
    const ofRows = Object.entries(cases).filter(([, [, options]]) =>
      Object.keys(options).every((key) => key in pluginOptions),
    );
    expect([...known].sort()).toEqual(ofRows.map(([name]) => name).sort());
  });

  test.each(known.map((name) => [name, ...(cases[name] ?? ["", {}])] as const))("%s", (name, text, options) => {
    const { warnings, failures, ...taken } = read({ [name]: text });
    expect(taken.options).toEqual(options);
    expect(warnings.filter((warning) => warning.includes("deprecated"))).toEqual([
      expect.stringMatching(new RegExp(`^engine: ${name} is deprecated: use [a-z_.]+$`)),
    ]);
    // A part of TLS is not enough.
    if (!name.startsWith("docker.tls")) expect(failures).toEqual([]);
  });

  test("those of one option come together, with a warning each that names the successor", () => {
    const options = { "docker.cleanup.image.delay": "10m", "docker.cleanup.container": "false" };
    const warnings = [
      "engine: docker.cleanup.image.delay is deprecated: use gc.image_delay",
      "engine: docker.cleanup.container is deprecated: use gc.container",
    ];
    for (const json of [options, { client: { options } }, { client: [{ options: [options] }] }])
      expect(read(json)).toEqual({ options: wanted, failures: [], warnings });
  });

  test("other drivers' are left alone", () =>
    expect(
      read({ client: { options: { "driver.raw_exec.enable": "1", "docker.cleanup.container": "false" } } }).options,
    ).toEqual({ gc: { container: false } }));

  test("they count only without the plugin's own, and then it is said", () => {
    for (const json of [
      { plugin: { docker: { config: gc } }, client: { options: { "docker.cleanup.image": "false" } } },
      { ...gc, "docker.cleanup.image": "false" },
    ])
      expect(read(json)).toEqual({
        options: wanted,
        failures: [],
        warnings: ["engine: docker.cleanup.image has no effect: the plugin's own options are given, and count alone"],
      });
    const empty = { plugin: { docker: {} }, client: { options: { "docker.cleanup.container": "false" } } };
    expect(read(empty).options).toEqual({});
  });

  test.each([
    [
      "a misspelling",
      { "docker.cleanup.imag": "true" },
      /^docker\.cleanup\.imag: .*did you mean docker\.cleanup\.image\?/,
    ],
    ["neither yes nor no", { "docker.cleanup.container": "maybe" }, /gc\.container is "maybe", which is not a boolean/],
    ["no length of time", { "docker.cleanup.image.delay": "soon" }, /gc\.image_delay is "soon", which is not a length/],
  ])("%s is refused", (_, json, reason) => expect(read(json).failures).toEqual([expect.stringMatching(reason)]));

  test("of the two names of the allowed capabilities the newer one counts", () =>
    expect(read({ "docker.caps.whitelist": "ALL", "docker.caps.allowlist": "CHOWN" }).options).toEqual({
      allowCaps: ["CHOWN"],
    }));
});

describe("a file", () => {
  const directory = mkdtempSync(join(tmpdir(), "longshore-plugin-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const file = (text: string) => {
    const path = join(directory, "docker.json");
    writeFileSync(path, text);
    return path;
  };
  const readFile = (path: string) => {
    const root = new RootConstruct();
    const plugin = pluginFromFile(root, "engine", path);
    return { plugin, failures: failuresOf(root), warnings: warningsOf(root) };
  };

  test("is read", () => expect(readFile(file(JSON.stringify(gc))).plugin.options).toEqual(wanted));

  test("is named by what is wrong with it", () => {
    const { failures } = readFile(file(JSON.stringify({ pull_activity_timeout: "30s", nope: 1 })));
    expect(failures.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      expect.stringMatching(/^engine: pull_activity_timeout is "30s", .*docker\.json\)$/),
      expect.stringMatching(/^engine: nope is not an option.*docker\.json\)$/),
    ]);
  });

  test("is named by its warnings", () =>
    expect(readFile(file('{"docker.endpoint": "unix:///d.sock"}')).warnings).toEqual([
      expect.stringMatching(/docker\.endpoint is deprecated: use endpoint \(in .*docker\.json\)$/),
    ]));

  test.each([
    ["nothing there", join(directory, "none.json"), /none\.json cannot be read: there is no such file/],
    ["no JSON", undefined, /docker\.json is not JSON: /],
  ])("%s", (_, path, reason) =>
    expect(readFile(path ?? file("plugin {}")).failures).toEqual([
      { path: "engine", property: "file", reason: expect.stringMatching(reason) as string },
    ]),
  );
});

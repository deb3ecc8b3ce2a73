/** Resources of Pulumi's docker packages in the place of names: the real packages, with Pulumi's mocks for an engine. */
import * as docker from "@pulumi/docker";
import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { App, type ImageResource, Job, Plugin, type SynthesisError, Task, TaskGroup, type TaskProps } from "longshore";
import { strayResources, withNames } from "../../constructs/given-resources";
import { refuseLost } from "../../constructs/pulumi-docker";
import { taskOptions } from "../../provider/options";
import { named, namedAt } from "../../provider/options/named";
import { type AnyRow, optionGroup } from "../../provider/options/option";
import { pluginOptions } from "../../provider/options/plugin";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
  /** URNs that each input, and the whole, depends on. */
  readonly because: Readonly<Record<string, readonly string[]>>;
}

/** What Pulumi's library sends of a resource; the mocks are not told of the dependencies. */
interface Request {
  getType(): string;
  getName(): string;
  getPropertydependenciesMap(): { forEach(each: (found: { getUrnsList(): string[] }, key: string) => void): void };
}
interface Monitor {
  registerResource(request: Request, done: unknown): void;
}

const digest = `sha256:${"5e".repeat(32)}`;
const imageId = `sha256:${"1d".repeat(32)}`;

/** What the engine would answer, by type. */
const answers: Readonly<Record<string, (inputs: Record<string, string>, name: string) => object>> = {
  "docker:index/remoteImage:RemoteImage": ({ name }) => ({ repoDigest: `${name}@${digest}`, imageId }),
  "docker:index/image:Image": ({ imageName }) => ({ repoDigest: imageId, imageName }),
  "docker-build:index:Image": () => ({ ref: `registry.example/web:1@${digest}`, contextHash: "c0ffee" }),
  "docker:index/network:Network": ({ name }, logical) => ({ name: name ?? `${logical}-4f2a1b9`, scope: "local" }),
  "docker:index/volume:Volume": ({ name }, logical) => ({ name: name ?? `${logical}-77c0d1e`, mountpoint: "/v" }),
};

let registered: Registered[] = [];

async function engine(preview = false, answered = answers) {
  registered = [];
  const inputsOf = new Map<string, Record<string, unknown>>();
  await pulumi.runtime.setMocks(
    {
      call: () => ({}),
      newResource({ type, name, inputs }) {
        inputsOf.set(`${type} ${name}`, inputs as Record<string, unknown>);
        const made = preview ? {} : answered[type]?.(inputs as Record<string, string>, name);
        return { id: preview ? undefined : `${name}-id`, state: { ...(inputs as object), ...made } };
      },
    },
    "project",
    "stack",
    preview,
  );
  const monitor = (pulumi.runtime as unknown as { getMonitor(): Monitor }).getMonitor();
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, done) => {
    const [type, name] = [request.getType(), request.getName()];
    const because: Record<string, readonly string[]> = {};
    request.getPropertydependenciesMap().forEach((found, key) => (because[key] = found.getUrnsList()));
    register(request, done);
    registered.push({
      type,
      name,
      get inputs() {
        return inputsOf.get(`${type} ${name}`) ?? {};
      },
      because,
    });
  };
}

const value = <T>(output: unknown) => (output as { promise(): Promise<T> }).promise();
const urn = (resource: pulumi.Resource) => value<string>(resource.urn);

/** Registers one task with these options; gives what Pulumi was told of the task's resources. */
async function deployed(options: TaskProps, plugin?: Plugin["options"]) {
  const app = new App("app");
  if (plugin) new Plugin(app, "engine", plugin);
  new Task(new TaskGroup(new Job(app, "job"), "group"), "task", options);
  app.synth();
  await new Promise(setImmediate);
  await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  const find = (kind: string) => registered.find(({ type }) => type.endsWith(`longshore:${kind}`))!;
  return { task: find("Task"), image: find("Image") };
}

const refusalsOf = (options: unknown, plugin?: unknown): readonly string[] => {
  const app = new App("app");
  if (plugin) new Plugin(app, "engine", plugin);
  new Task(new TaskGroup(new Job(app, "job"), "group"), "task", options as TaskProps);
  try {
    app.manifest();
    return [];
  } catch (error) {
    return (error as SynthesisError).failures.map(({ property, reason }) => `${property}: ${reason}`);
  }
};

describe("an image (with Pulumi's mocks)", () => {
  beforeEach(() => engine());

  const makers: [string, string, () => ImageResource][] = [
    [
      "a RemoteImage by its digest",
      `busybox:1.35@${digest}`,
      () => new docker.RemoteImage("busybox", { name: "busybox:1.35" }),
    ],
    ["an Image that was not pushed by its id", imageId, () => new docker.Image("web", { imageName: "web:1" })],
    [
      "an Image of docker-build by its ref",
      `registry.example/web:1@${digest}`,
      () => new dockerBuild.Image("web", { push: true, tags: ["registry.example/web:1"] }),
    ],
  ];
  test.each(makers)("%s", async (_, reference, make) => {
    const maker = make();
    const { task, image } = await deployed({ image: maker });
    expect([task.inputs.image, image.inputs.image]).toEqual([reference, reference]);
    expect([task.because.image, image.because.image]).toEqual([[await urn(maker)], [await urn(maker)]]);
  });

  test("a RemoteImage that was built here, and has no digest, by its id", async () => {
    await engine(false, { "docker:index/remoteImage:RemoteImage": () => ({ repoDigest: "", imageId }) });
    const { task } = await deployed({
      image: new docker.RemoteImage("built", { name: "built:1", build: { context: "." } }),
    });
    expect(task.inputs.image).toBe(imageId);
  });

  test("one that is not made yet leaves the image unknown in a preview, and no option is refused for it", async () => {
    await engine(true);
    const { task } = await deployed({ image: new docker.RemoteImage("busybox", { name: "busybox:1.35" }) });
    expect(pulumi.isUnknown(task.inputs.image)).toBe(true);
  });
});

describe("names at any depth (with Pulumi's mocks)", () => {
  const row = { change: "replace" } as const;
  const rows = optionGroup({
    networkMode: { ...row, schema: named("network", z.string()).optional(), examples: ["host"] },
    networks: { ...row, schema: z.array(z.strictObject({ name: named("network", z.string()) })), examples: [[]] },
    mount: {
      ...row,
      schema: z
        .array(z.strictObject({ target: z.string(), source: named("volume", z.string()).optional() }))
        .optional(),
      examples: [[]],
    },
    byLabel: { ...row, schema: z.record(z.string(), named("volume", z.string())).prefault({}), examples: [{}] },
    either: { ...row, schema: z.union([z.enum(["none"]), named("network", z.string())]), examples: ["none"] },
    volumes: { ...row, schema: z.array(z.string()).optional(), examples: [[]] },
    env: { ...row, schema: z.record(z.string(), z.string()).optional(), examples: [{}] },
  });

  beforeEach(() => engine());

  test("a network and volumes give their names, and all else stays as it is", async () => {
    const network = new docker.Network("backend", { name: "backend" });
    const volume = new docker.Volume("data");
    const now = new Date();
    const later = Promise.resolve("later");
    const given = {
      networkMode: network,
      networks: [{ name: network }],
      mount: [{ target: "/data", source: volume }, { target: "/plain" }],
      byLabel: { data: volume },
      either: network,
      env: { A: "1", B: later, C: now },
    };
    const { env, ...written } = withNames(rows, given);
    expect(env).toEqual({ A: "1", B: later, C: now });
    expect(await value(pulumi.output(written))).toEqual({
      networkMode: "backend",
      networks: [{ name: "backend" }],
      mount: [{ target: "/data", source: "data-77c0d1e" }, { target: "/plain" }],
      byLabel: { data: "data-77c0d1e" },
      either: "backend",
    });
    expect(strayResources(rows, written)).toEqual([]);
  });

  test.each([
    [
      "a volume as a network",
      (made: Made) => ({ networkMode: made.volume }),
      "networkMode",
      'network_mode is a volume, the resource "data" of type docker:index/volume:Volume, and takes a network: its name, or a docker.Network',
    ],
    [
      "a network as a volume, inside",
      (made: Made) => ({ mount: [{ target: "/data", source: made.network }] }),
      "mount[0].source",
      'mount[0].source is a network, the resource "backend" of type docker:index/network:Network, and takes a volume: its name, or a docker.Volume',
    ],
    [
      "a volume inside a text",
      (made: Made) => ({ volumes: [made.volume] }),
      "volumes[0]",
      'volumes[0] is a volume, the resource "data" of type docker:index/volume:Volume, and takes no resource; give the output of it that is meant, for example its name',
    ],
    [
      "another resource",
      (made: Made) => ({ env: { DB: made.container } }),
      "env.DB",
      'env.DB is the resource "db" of type docker:index/container:Container, and takes no resource; give the output of it that is meant, for example its name',
    ],
  ] as const)("%s is refused", (_, options, property, reason) => {
    const made = make();
    expect(strayResources(rows, withNames(rows, options(made)))).toEqual([{ property, reason }]);
  });

  test("a resource of another package is known by its outputs", async () => {
    class Theirs extends pulumi.CustomResource {
      declare readonly name: pulumi.Output<string>;
      declare readonly mountpoint: pulumi.Output<string>;
    }
    const theirs = new Theirs("theirs:index:Volume", "data", { name: "data-x", mountpoint: undefined });
    const written = withNames(rows, { mount: [{ target: "/data", source: theirs }] });
    expect(await value(pulumi.output(written))).toEqual({ mount: [{ target: "/data", source: "data-x" }] });
  });
});

interface Made {
  readonly network: docker.Network;
  readonly volume: docker.Volume;
  readonly container: docker.Container;
}
const make = (): Made => ({
  network: new docker.Network("backend"),
  volume: new docker.Volume("data"),
  container: new docker.Container("db", { image: "postgres" }),
});

describe("in the tree (with Pulumi's mocks)", () => {
  beforeEach(() => engine());

  test("a resource where none is taken is refused, with its place, and nothing else is said of it", () =>
    expect(refusalsOf({ image: "busybox:1.35", env: { DB: make().container }, command: "true" })).toEqual([
      'env.DB: env.DB is the resource "db" of type docker:index/container:Container, and takes no resource; give the output of it that is meant, for example its name',
    ]));

  test("a network as an image is refused, with what an image may be", () =>
    expect(refusalsOf({ image: make().network })).toEqual([
      'image: image is a network, the resource "backend" of type docker:index/network:Network, and takes an image: its reference, or a docker.RemoteImage, docker.Image or docker-build Image',
    ]));

  test("the resources beside it are refused in the same breath as what else is wrong", () =>
    expect(refusalsOf({ image: make().volume, memory: 1 })).toHaveLength(2));

  test("an image as an engine is refused", () =>
    expect(refusalsOf({ image: "busybox:1.35" }, { endpoint: make().volume })).toEqual([
      'endpoint: endpoint is a volume, the resource "data" of type docker:index/volume:Volume, and takes an engine: where it listens, or a docker.Provider',
    ]));
});

describe("an engine (with Pulumi's mocks)", () => {
  beforeEach(() => engine());

  test("a Provider gives where its engine listens", async () => {
    const provider = new docker.Provider("remote", { host: "tcp://10.0.0.5:2375" });
    const { task } = await deployed({ image: "busybox:1.35" }, { endpoint: provider });
    expect(task.inputs.plugin).toEqual({ endpoint: "tcp://10.0.0.5:2375" });
    expect(task.because.plugin).toEqual([await urn(provider)]);
  });

  test("what a Provider was not given is not taken for unknown in a preview", async () => {
    await engine(true);
    const provider = new docker.Provider("remote", { host: "tcp://10.0.0.5:2375" });
    const { task } = await deployed({ image: "busybox:1.35" }, { endpoint: provider });
    expect(task.inputs.plugin).toEqual({ endpoint: "tcp://10.0.0.5:2375" });
  });

  test("what a Provider is given only later is unknown in a preview", async () => {
    await engine(true);
    const host = new docker.Container("engine", { image: "dind" }).hostname.apply((name) => `tcp://${name}:2375`);
    const { task } = await deployed({ image: "busybox:1.35" }, { endpoint: new docker.Provider("remote", { host }) });
    expect(task.inputs.plugin).toEqual({ endpoint: pulumi.unknown });
  });

  test("what a Provider has and a plugin has not is there to be looked at", async () => {
    const auth = [{ address: "registry.example" }];
    const provider = new docker.Provider("remote", { registryAuth: auth, sshOpts: ["-v"] });
    const { registryAuth, sshOpts } = provider as unknown as Record<string, unknown>;
    expect([await value(registryAuth), await value(sshOpts)]).toEqual([JSON.stringify(auth), '["-v"]']);
  });

  test.each([
    ["context", { context: "build-host" }, "give the context's own address as its host"],
    ["keyMaterial", { keyMaterial: "-----BEGIN" }, "write it to key.pem in a directory, and give that as certPath"],
    ["sshOpts", { sshOpts: '["-i","key"]' }, "put them into the ssh configuration"],
    ["registryAuth", { registryAuth: '[{"address":"registry.example"}]' }, "give the option auth to the tasks"],
  ])("a Provider with %s is refused, for it would be lost", (option, given, wayOut) =>
    expect(() => refuseLost("remote", given)).toThrow(
      `the docker.Provider "remote" has ${option}, which longshore does not take over from it; ${wayOut}`,
    ),
  );
});

test.each([
  [taskOptions, "image", [], "image"],
  [taskOptions, "networkMode", [], "network"],
  [taskOptions, "mount", [0, "source"], "volume"],
  [taskOptions, "mounts", [0, "source"], "volume"],
  [pluginOptions, "endpoint", [], "engine"],
  [pluginOptions, "infraImage", [], "image"],
])("an option that takes a name takes what makes it: %#", (rows, key, path, kind) => {
  const row = (rows as Readonly<Record<string, AnyRow>>)[key];
  if (row) expect(namedAt(row.schema, path)).toEqual([kind]);
});

/**
 * The resources of Pulumi's docker packages: which names an image, a network, a volume or an engine, and how.
 * They are known by their type or by their shape; none of these packages is imported.
 */
import { join } from "node:path";
import { type Input, type Output, Resource, RunError, all } from "@pulumi/pulumi";
import type { EngineResource, Named } from "../provider/options/named";

type Bag = Readonly<Record<string, unknown>>;

interface Kind {
  readonly is: string;
  /** What a program may give for it. */
  readonly asked: string;
  readonly types: readonly string[];
  /** The outputs by which a resource of another package is known for one. */
  readonly shapes: readonly (readonly string[])[];
  readonly name: (resource: Bag) => Output<string | undefined>;
}

const firstOf = (...outputs: readonly unknown[]) =>
  all(outputs as Input<string | undefined>[]).apply((texts) => texts.find(Boolean));

const kinds: Readonly<Record<Named, Kind>> = {
  image: {
    is: "an image",
    asked: "an image: its reference, or a docker.RemoteImage, docker.Image or docker-build Image",
    types: ["docker:index/remoteImage:RemoteImage", "docker:index/image:Image", "docker-build:index:Image"],
    shapes: [
      ["repoDigest", "imageId"],
      ["repoDigest", "imageName"],
      ["ref", "contextHash"],
    ],
    // With the digest where there is one, so that a preview shows a tag that moved.
    name: ({ repoDigest, ref, imageId, imageName, name }) => firstOf(repoDigest, ref, imageId, imageName, name),
  },
  network: {
    is: "a network",
    asked: "a network: its name, or a docker.Network",
    types: ["docker:index/network:Network"],
    shapes: [["name", "scope", "internal"]],
    name: ({ name }) => firstOf(name),
  },
  volume: {
    is: "a volume",
    asked: "a volume: its name, or a docker.Volume",
    types: ["docker:index/volume:Volume"],
    shapes: [["name", "mountpoint"]],
    name: ({ name }) => firstOf(name),
  },
  engine: {
    is: "an engine",
    asked: "an engine: where it listens, or a docker.Provider",
    types: ["pulumi:providers:docker"],
    shapes: [],
    name: (provider) => hostOf(provider as unknown as EngineResource),
  },
};

const table = Object.entries(kinds) as readonly [Named, Kind][];

/** The part of a resource that Pulumi keeps to itself, and has in every version. */
const identity = (resource: Resource) => {
  const { __pulumiType: type = "", __name: name = "" } = resource as unknown as Readonly<Record<string, string>>;
  return { type, name };
};

/** What a resource makes, of what longshore takes the name of. */
export const tryKindOf = (resource: Resource): Named | undefined => {
  const { type } = identity(resource);
  const byType = table.find(([, { types }]) => types.includes(type));
  if (byType) return byType[0];
  // Others of these packages are known for something else, whatever their outputs are.
  if (/^docker(?:-build)?:/.test(type)) return undefined;
  return table.find(([, { shapes }]) => shapes.some((shape) => shape.every((output) => output in resource)))?.[0];
};

/** The text that names what a resource makes; what takes it is made after that, and goes before it. */
export const nameOf = (resource: Resource, kind: Named): Output<string | undefined> =>
  kinds[kind].name(resource as unknown as Bag);

/** What a resource is, for an error. */
export const described = (resource: Resource): string => {
  const kind = tryKindOf(resource);
  const { type, name } = identity(resource);
  return `${kind ? `${kinds[kind].is}, ` : ""}the resource "${name}" of type ${type}`;
};

/** What a program may give where something of a kind is asked for. */
export const askedFor = (kind: Named): string => kinds[kind].asked;

/** What a provider may have that says nothing of where its engine is, and that tasks may then miss. */
const notTaken = {
  context: "give the context's own address as its host",
  caMaterial: "write it to ca.pem in a directory, and give that as certPath",
  certMaterial: "write it to cert.pem in a directory, and give that as certPath",
  keyMaterial: "write it to key.pem in a directory, and give that as certPath",
  sshOpts: "put them into the ssh configuration of this machine, and give endpoint: provider.host",
  registryAuth: "give the option auth to the tasks that need it, and endpoint: provider.host",
} as const;

const isGiven = (value: unknown) => value !== undefined && value !== "" && value !== "[]";

type NotTaken = keyof typeof notTaken;

/** Throws when a provider has something that would be lost. */
export function refuseLost(name: string, provider: Readonly<Partial<Record<NotTaken, unknown>>>): void {
  const option = (Object.keys(notTaken) as NotTaken[]).find((one) => isGiven(provider[one]));
  if (option)
    throw new RunError(
      `the docker.Provider "${name}" has ${option}, which longshore does not take over from it; ${notTaken[option]}`,
    );
}

/**
 * What a provider was given, unset where it was given nothing. Its outputs are its inputs; but Pulumi cannot know that,
 * and takes what a resource does not have in a preview for what may come later.
 */
const given = <T>(provider: EngineResource, value: Output<T>): Output<T | undefined> =>
  provider.urn.apply(async () => {
    const known = await (value as unknown as { promise(withUnknowns: boolean): Promise<T> }).promise(true);
    return known === undefined ? undefined : value;
  }) as Output<T | undefined>;

const givenAll = (provider: EngineResource, ...options: readonly string[]) => {
  // Not all of it is in a provider's type, and all of it is in the resource.
  const outputs = provider as unknown as Readonly<Record<string, Output<string | undefined>>>;
  return all(
    Object.fromEntries(
      options.flatMap((option) => (outputs[option] ? [[option, given(provider, outputs[option])]] : [])),
    ) as Record<string, Output<string | undefined>>,
  );
};

const hostOf = (provider: EngineResource): Output<string | undefined> =>
  givenAll(provider, "host", ...Object.keys(notTaken)).apply(({ host, ...others }) => {
    refuseLost(identity(provider).name, others);
    return host;
  });

/** The certificates of a provider, as the plugin option `tls` has them. */
const tlsOf = (provider: EngineResource) =>
  givenAll(provider, "certPath").apply(({ certPath: path }) =>
    path ? { ca: join(path, "ca.pem"), cert: join(path, "cert.pem"), key: join(path, "key.pem") } : undefined,
  );

/** Plugin options with the certificates of the provider that is given as the endpoint, unless they have others. */
export const withCertificates = <T extends { readonly endpoint?: unknown; readonly tls?: unknown }>(options: T): T => {
  const { endpoint, tls } = options;
  return tls === undefined && Resource.isInstance(endpoint) && tryKindOf(endpoint) === "engine"
    ? { ...options, tls: tlsOf(endpoint as EngineResource) }
    : options;
};

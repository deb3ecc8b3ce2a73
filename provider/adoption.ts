/** What a container that is to be taken over has otherwise than one that would be made in its place. Pure. */
import { isDeepStrictEqual } from "node:util";
import type { ContainerInfo, CreateRequest } from "./engine/types";
import type { AllocatedPort, Facts } from "./facts";
import type { NetworkSpec } from "./options/job";
import { type TaskSpec, taskOptions } from "./options";
import { publishedLabels } from "./options/published-ports";
import { nomadName, toUpdate } from "./options/folds";
import type { AnyRow } from "./options/option";
import { mountedDirs } from "./request";

type Bag = Readonly<Record<string, unknown>>;

/** What the engine, or who made the container, fills in for itself; and what is compared by its meaning, below. */
const besides = new Set([
  ...["Binds", "Mounts", "PortBindings", "PublishAllPorts", "ConsoleSize", "ContainerIDFile", "MemorySwappiness"],
  ...["Image", "Env", "Labels", "Hostname", "ExposedPorts", "Volumes", "NetworkMode"],
  ...["AttachStdin", "AttachStdout", "AttachStderr", "StdinOnce", "ArgsEscaped", "OnBuild"],
]);

const isBlank = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === 0 ||
  value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0);

const isSame = (one: unknown, other: unknown) => isDeepStrictEqual(one, other) || (isBlank(one) && isBlank(other));

/** The options that write a field of the request, now or with another value. */
function optionsWith(field: string, spec: TaskSpec, facts: Facts): readonly string[] {
  const rows = Object.entries<AnyRow>(taskOptions);
  const writers = rows.flatMap(([key, { engine, examples }]) => {
    const parts = [(spec as Bag)[key], ...examples].map((value) => engine?.(value, spec, facts) ?? {});
    return parts.some((part) => field in part || field in (part.HostConfig ?? {})) ? [key] : [];
  });
  const others = rows.flatMap(([key, { writtenBy }]) => (writers.includes(String(writtenBy)) ? [key] : []));
  return [...new Set([...writers, ...others])].map(nomadName);
}

const envOf = (env: readonly string[] | null = []): ReadonlyMap<string, string> =>
  new Map(
    (env ?? []).flatMap((entry) => {
      const [name = ""] = entry.split("=", 1);
      return name.startsWith("NOMAD_") ? [] : [[name, entry.slice(name.length + 1)]];
    }),
  );

const namesThatDiffer = (one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): readonly string[] =>
  [...new Set([...one.keys(), ...other.keys()])].filter((name) => one.get(name) !== other.get(name)).sort();

const standard = new Set(mountedDirs.map((dir) => `/${dir}`));

/** The engine's name for a volume without one. */
const anonymous = /^[0-9a-f]{64}$/;

/** What is mounted where, without the allocation's directories. */
const mountsOf = ({ Mounts = [] }: ContainerInfo): ReadonlyMap<string, string> =>
  new Map(
    Mounts.flatMap(({ Type, Name = "", Source = "", Destination, RW }) => {
      const from = Type === "volume" ? Name.replace(anonymous, "anonymous") : Source;
      return standard.has(Destination) ? [] : [[Destination, [Type, from, RW].join(" ")]];
    }),
  );

/** Labels that are asked for; what else a container bears is its maker's. */
const labelsMissing = (live: ContainerInfo, asked: Bag): readonly string[] =>
  Object.entries(asked).flatMap(([name, value]) =>
    name.startsWith("longshore.") || live.Config.Labels[name] === value ? [] : [name],
  );

const networkOf = ({ HostConfig: { NetworkMode = "default" } }: ContainerInfo) =>
  NetworkMode === "bridge" ? "default" : NetworkMode;

/** What a container publishes on tcp: the port inside, and where. */
const publishedBy = ({ NetworkSettings: { Ports = {} } }: ContainerInfo) =>
  Object.entries(Ports).flatMap(([port, bindings]) => {
    const [inside, protocol] = port.split("/");
    return protocol === "tcp" ? (bindings ?? []).slice(0, 1).map((at) => ({ inside: Number(inside), at })) : [];
  });

/** The ports that a container has for the labels of a network, and the differences. What it publishes only on tcp will do. */
export function portsOn(
  live: ContainerInfo,
  spec: TaskSpec,
  network: NetworkSpec | undefined,
): { readonly ports: Readonly<Record<string, AllocatedPort>>; readonly differences: readonly string[] } {
  const published = publishedBy(live);
  const labels = publishedLabels(spec);
  const matched = Object.entries(network?.ports ?? {}).map(([label, { static: fixed, to }]) => {
    const inside = spec.portMap?.[label] ?? to;
    const found = published.find(({ inside: port, at }) =>
      inside ? port === inside : fixed === undefined ? port === Number(at.HostPort) : port === fixed,
    );
    const value = Number(found?.at.HostPort);
    const fits = labels.includes(label) && found !== undefined && (fixed === undefined || fixed === value);
    return { label, found, port: fits ? { hostIp: found.at.HostIp ?? "", value, to: to || found.inside } : undefined };
  });
  const lacks = matched.flatMap(({ label, port }) => (port ? [] : [`it does not publish the port ${label} as asked`]));
  const more = published.filter(({ inside }) => !matched.some(({ found }) => found?.inside === inside));
  return {
    ports: Object.fromEntries(matched.flatMap(({ label, port }) => (port ? [[label, port]] : []))),
    differences: [...lacks, ...more.map(({ inside }) => `it publishes ${inside}, which no label does`)].map(
      (text) => `ports: ${text}`,
    ),
  };
}

const shown = (value: unknown) => (isBlank(value) ? "nothing" : JSON.stringify(value));

export interface Compared {
  readonly live: ContainerInfo;
  /** A container that was made of the task's options and not started, as the engine shows it. */
  readonly made: ContainerInfo;
  readonly asked: CreateRequest;
  readonly spec: TaskSpec;
  readonly facts: Facts;
}

/** The differences that only a new container could be without, each in words. No values of what may hold secrets. */
export function differences({ live, made, asked, spec, facts }: Compared): readonly string[] {
  const left = new Set([
    ...besides,
    // An update gives it these.
    ...Object.keys(toUpdate(taskOptions, spec, facts)),
    // Nobody asked for the usual limits of a log.
    ...(spec.logging === undefined ? ["LogConfig"] : []),
  ]);
  const fieldsOf = (part: "Config" | "HostConfig", isPrinted: boolean) => {
    const is: Bag = { ...live[part] };
    const wanted: Bag = { ...made[part] };
    return [...new Set([...Object.keys(is), ...Object.keys(wanted)])]
      .filter((field) => !left.has(field) && !isSame(is[field], wanted[field]))
      .map((field) => {
        const options = optionsWith(field, spec, facts);
        const name = options.length > 0 ? options.join(", ") : `${part}.${field}`;
        return isPrinted ? `${name}: it has ${shown(is[field])}, asked for is ${shown(wanted[field])}` : name;
      });
  };
  const list = (name: string, names: readonly string[]) => (names.length > 0 ? [`${name} (${names.join(", ")})`] : []);
  return [
    ...(live.Image === made.Image ? [] : [`image: it has ${live.Config.Image} (${live.Image})`]),
    ...list("env", namesThatDiffer(envOf(live.Config.Env), envOf(made.Config.Env))),
    ...list("labels", labelsMissing(live, asked.Labels ?? {})),
    ...list("mounts", namesThatDiffer(mountsOf(live), mountsOf(made))),
    ...(networkOf(live) === networkOf(made)
      ? []
      : [`network_mode: it has "${networkOf(live)}", asked for is "${networkOf(made)}"`]),
    ...(asked.Hostname === undefined || asked.Hostname === (live.Config as unknown as Bag).Hostname
      ? []
      : ["hostname"]),
    ...fieldsOf("Config", false),
    ...fieldsOf("HostConfig", true),
  ];
}

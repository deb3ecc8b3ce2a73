import { endpoint } from "./endpoint";
import type { AllocatedPort, Facts, Place } from "./facts";
import type { NetworkSpec } from "./options/job";
import { filledForShell } from "./interpolation/fill";
import { TemplateError } from "./interpolation/expression";
import { KnownLater, type Known, type Names, type Scope, engineRoots, notYet } from "./interpolation/scope";
import { containerPort } from "./options/published-ports";

/** Keys under these beginnings may hold letters, digits, dots and underscores only; the rest becomes `_`. */
const cleaned = /^NOMAD_(?:ADDR|IP|PORT|HOST_PORT|META)_/;
const clean = (name: string) => (cleaned.test(name) ? name.replace(/[^A-Za-z0-9_.]/g, "_") : name);

/** What the environment has of a task's options. */
interface Options {
  readonly cpu?: unknown;
  readonly memory?: unknown;
  readonly env?: unknown;
  readonly portMap?: Readonly<Record<string, number>> | undefined;
}

/** What an environment says; before there is an allocation, not all of it is known. */
export interface Surroundings {
  readonly place: Place;
  readonly allocation: {
    readonly id?: string;
    /** Undefined while not even their labels are known. */
    readonly ports: Readonly<Record<string, Partial<AllocatedPort>>> | undefined;
  };
  /** By the whole names: `attr.cpu.arch`. Undefined while no engine was asked. */
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

/** The ports of a network as far as they are known before there is an allocation. */
export const portsBefore = (
  network: NetworkSpec | undefined,
  hostAddress: string | undefined,
): Readonly<Record<string, Partial<AllocatedPort>>> =>
  Object.fromEntries(
    Object.entries(network?.ports ?? {}).map(([label, { static: value, to, hostIp = hostAddress }]) => {
      const inside = to || value;
      return [
        label,
        {
          ...(hostIp !== undefined && { hostIp }),
          ...(value !== undefined && { value }),
          ...(inside !== undefined && { to: inside }),
        },
      ];
    }),
  );

const portVariables = (options: Options, label: string, port: Partial<AllocatedPort>) => {
  const { hostIp = notYet, value } = port;
  const to = port.to === undefined ? options.portMap?.[label] : containerPort(options, label, { to: port.to });
  const hostPort = value === undefined ? notYet : String(value);
  const inside = to === undefined ? notYet : String(to);
  const address = hostIp === notYet || hostPort === notYet ? notYet : endpoint(hostIp, hostPort);
  return [
    [`NOMAD_IP_${label}`, hostIp],
    [`NOMAD_HOST_IP_${label}`, hostIp],
    [`NOMAD_ADDR_${label}`, address],
    [`NOMAD_HOST_ADDR_${label}`, address],
    [`NOMAD_PORT_${label}`, inside],
    [`NOMAD_ALLOC_PORT_${label}`, inside],
    [`NOMAD_HOST_PORT_${label}`, hostPort],
  ] as const;
};

const ofPorts = /^NOMAD_(?:(?:HOST_)?(?:IP|ADDR|PORT)|ALLOC_PORT)_./;

/** What Nomad's client tells every task, but for what an author writes. */
function told(options: Options, { place, allocation }: Surroundings): readonly (readonly [string, Known])[] {
  const { job, jobName = job, group, index, task } = place;
  const limit = (value: unknown) => (typeof value === "number" ? String(value) : notYet);
  return [
    ["NOMAD_ALLOC_DIR", "/alloc"],
    ["NOMAD_TASK_DIR", "/local"],
    ["NOMAD_SECRETS_DIR", "/secrets"],
    ["NOMAD_ALLOC_ID", allocation.id ?? notYet],
    ["NOMAD_ALLOC_NAME", `${jobName}.${group}[${index}]`],
    ["NOMAD_ALLOC_INDEX", String(index)],
    ["NOMAD_JOB_ID", job],
    ["NOMAD_JOB_NAME", jobName],
    ["NOMAD_GROUP_NAME", group],
    ["NOMAD_TASK_NAME", task],
    ["NOMAD_DC", place.datacenter ?? "dc1"],
    ["NOMAD_REGION", place.region ?? "global"],
    ["NOMAD_NAMESPACE", place.namespace ?? "default"],
    ["NOMAD_CPU_LIMIT", limit(options.cpu)],
    ["NOMAD_MEMORY_LIMIT", limit(options.memory)],
    ...Object.entries(allocation.ports ?? {}).flatMap(([label, port]) => portVariables(options, label, port)),
  ];
}

/** What an author writes: `meta`, and over it the task's own `env`. */
const written = ({ env }: Options, { meta = {} }: Place): readonly (readonly [string, unknown])[] => [
  ...Object.entries(meta).flatMap(([key, value]) => [
    [`NOMAD_META_${key}`, value] as const,
    [`NOMAD_META_${key.toUpperCase()}`, value] as const,
  ]),
  ...Object.entries((env ?? {}) as Readonly<Record<string, unknown>>),
];

/**
 * The environment of a task whose texts are filled in: what Nomad's client tells every task, under the task's own
 * `env`, which wins. The image's variables lie below both; the engine merges them.
 */
export const environment = (options: Options, facts: Pick<Facts, "place" | "allocation">) =>
  Object.fromEntries(
    [...told(options, facts), ...written(options, facts.place)].map(([name, value]) => [clean(name), value]),
  ) as Readonly<Record<string, string>>;

/** What the place says of the engine, where the engine itself says nothing else. */
const placeNames = ({ datacenter = "dc1", region = "global" }: Place): Readonly<Record<string, string>> => ({
  "node.datacenter": datacenter,
  "node.region": region,
});

const engineNames = ({ place, attributes }: Surroundings): Names => {
  const all = { ...placeNames(place), ...attributes };
  const isOfEngines = (name: string) => engineRoots.some((root) => name.startsWith(`${root}.`));
  return {
    all: Object.keys(all),
    get(name): Known | undefined {
      if (Object.hasOwn(all, name)) return all[name];
      return attributes || !isOfEngines(name) ? undefined : notYet;
    },
  };
};

/** The names that the texts of a task may use. What its author wrote for them is itself filled in. */
export function scopeOf(
  options: Options,
  surroundings: Surroundings,
  isUnknown: (value: unknown) => boolean = () => false,
): Scope {
  const texts = new Map(written(options, surroundings.place).map(([name, value]) => [clean(name), value]));
  const known = new Map<string, Known>(told(options, surroundings).map(([name, value]) => [clean(name), value]));
  const reading: string[] = [];
  const get = (name: string): Known | undefined => {
    const text = texts.get(name);
    if (text === undefined) {
      const mayCome = surroundings.allocation.ports === undefined && ofPorts.test(name);
      return known.get(name) ?? (mayCome ? notYet : undefined);
    }
    if (typeof text !== "string" || isUnknown(text)) return notYet;
    if (reading.includes(name)) {
      const circle = [...reading.slice(reading.indexOf(name)), name].join(", which names ");
      throw new TemplateError(
        `names ${circle}, which names itself so; what the image sets is not known here. Write $\${ where the text is to hold \${ as it is`,
      );
    }
    reading.push(name);
    try {
      return filledForShell(text, scope);
    } catch (error) {
      if (error instanceof KnownLater) return notYet;
      throw error;
    } finally {
      reading.pop();
    }
  };
  const scope: Scope = {
    env: { all: [...new Set([...known.keys(), ...texts.keys()])], get },
    engine: engineNames(surroundings),
  };
  return scope;
}

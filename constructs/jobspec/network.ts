import { isIP } from "node:net";
import type { Failure } from "../../provider/options/folds";
import { fromNomad } from "../../provider/options/from-nomad";
import { type GroupOptions, groupOptions } from "../../provider/options/job";
import { Fields, isBlank } from "./fields";

/** A group's network in the table's form. */
export interface Network {
  readonly network: GroupOptions["network"];
  /** Fields that have no effect. */
  readonly left: readonly string[];
  readonly failures: readonly Failure[];
}

/** A port in the table's form and Nomad's words. */
interface Port {
  readonly static?: unknown;
  readonly to?: unknown;
  readonly host_ip?: string;
}
export interface LabelledPort {
  readonly label: string;
  readonly port: Port;
  readonly failures: readonly Failure[];
}

const failure = (property: string, reason: string): Failure => ({ property, reason: `${property} ${reason}` });

const hostNetworkFailures = (label: string, host: unknown): readonly Failure[] => [
  failure(
    `network.ports.${label}.host_network`,
    `is ${JSON.stringify(host)}, a name out of a Nomad client's configuration; write the host's IP address instead`,
  ),
];

function portOf(fields: Fields | undefined, isStatic: boolean): LabelledPort {
  const label = fields?.take("Label");
  if (!fields || typeof label !== "string" || label === "")
    return { label: "", port: {}, failures: [failure("network.ports", "holds a port without a label; give it one")] };
  const [value, to, host] = [fields.take("Value"), fields.take("To"), fields.take("HostNetwork")];
  const isAddress = typeof host === "string" && isIP(host) !== 0;
  return {
    label,
    port: {
      ...(isStatic && { static: value ?? 0 }),
      // -1 is Nomad's word for "the same as on the host".
      ...(!isBlank(to) && to !== -1 && { to }),
      ...(isAddress && { host_ip: host }),
    },
    failures: isBlank(host) || host === "default" || isAddress ? [] : hostNetworkFailures(label, host),
  };
}

const twice = <T>(values: readonly T[]): ReadonlySet<T> =>
  new Set(values.filter((value, index) => values.indexOf(value) < index));

function clashes(ports: readonly LabelledPort[]): readonly Failure[] {
  const labels = twice(ports.map(({ label }) => label));
  const statics = ports.filter(({ port }) => !isBlank(port.static));
  const taken = twice(statics.map(({ port }) => JSON.stringify([port.static, port.host_ip])));
  const clashing = statics.filter(({ port }) => taken.has(JSON.stringify([port.static, port.host_ip])));
  return [
    ...[...labels].map((label) => failure("network.ports", `has the label "${label}" twice; rename one`)),
    ...(clashing.length > 0
      ? [
          failure(
            "network.ports",
            `gives ${clashing.map(({ label }) => label).join(" and ")} the same static port; change one`,
          ),
        ]
      : []),
  ];
}

/**
 * The mode, as the driver acts upon it: with `host` too, each task has a network to itself, unless its `network_mode` says
 * otherwise.
 */
function modeOf(written: unknown): { readonly mode?: unknown; readonly failures: readonly Failure[] } {
  if (isBlank(written) || written === "host") return { failures: [] };
  if (written === "bridge" || written === "none") return { mode: written, failures: [] };
  return {
    failures: [failure("network.mode", `is ${JSON.stringify(written)}; the modes are "bridge", "none", "host" and ""`)],
  };
}

/** `DNS` in the table's words: the API writes all of its keys, those never given as null. */
const dnsOf = (dns: Fields | undefined) => ({
  servers: dns?.take("Servers"),
  searches: dns?.take("Searches"),
  options: dns?.take("Options"),
});

const given = (values: object) => Object.fromEntries(Object.entries(values).filter(([, value]) => !isBlank(value)));

const portsIn = (fields: Fields): readonly LabelledPort[] => [
  ...fields.takeList("DynamicPorts").map((port) => portOf(port, false)),
  ...fields.takeList("ReservedPorts").map((port) => portOf(port, true)),
];

/** The ports of a task's own `Networks`, which Nomad had before groups had any: all of them are published. */
export interface TaskNetwork {
  readonly ports: readonly LabelledPort[];
  readonly labels: readonly string[];
  /** Fields that have no effect. */
  readonly left: readonly string[];
}

export function taskNetworkOf(networks: readonly (Fields | undefined)[]): TaskNetwork {
  const written = networks.flatMap((fields) => fields ?? []);
  const ports = written.flatMap(portsIn);
  return {
    ports,
    labels: ports.flatMap(({ label }) => (label === "" ? [] : [label])),
    left: written.flatMap(({ left }) => left),
  };
}

/** What a group's `Networks` say, with the ports of its tasks. */
export function networkOf(networks: readonly (Fields | undefined)[], ofTasks: readonly LabelledPort[]): Network {
  if (networks.length === 0 && ofTasks.length === 0) return { network: undefined, left: [], failures: [] };
  const [fields] = networks.length === 0 ? [Fields.none()] : networks;
  if (!fields) return { network: undefined, left: [], failures: [failure("network", "is not a map; write one")] };
  const { mode, failures: ofMode } = modeOf(fields.take("Mode"));
  const resolver = Fields.of(fields.take("DNS"));
  const dns = given(dnsOf(resolver));
  const ports = [...portsIn(fields), ...ofTasks];
  const labelled = ports.flatMap(({ label, port }) => (label === "" ? [] : [[label, port] as const]));
  const written = {
    ...given({ mode, dns }),
    ...(labelled.length > 0 && { ports: Object.fromEntries(labelled) }),
  };
  const { value } = fromNomad(groupOptions.network.schema, written, "network");
  return {
    network: Object.keys(written).length > 0 ? (value as GroupOptions["network"]) : undefined,
    left: [...fields.left, ...(resolver?.left ?? []).map((field) => `DNS.${field}`)],
    failures: [
      ...ports.flatMap(({ failures }) => failures),
      ...clashes(ports),
      ...(networks.length > 1 ? [failure("network", "stands there more than once; a group has one")] : []),
      ...ofMode,
    ],
  };
}

import { isIP } from "node:net";
import type { Failure } from "../../provider/options/folds";
import { fromNomad } from "../../provider/options/from-nomad";
import { type GroupOptions, groupOptions } from "../../provider/options/job";
import { type Fields, isBlank } from "./fields";

/** A group's network, as far as it is the host's ports. */
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
interface LabelledPort {
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

/** What a group's `Networks` say of ports. The modes that need a network of their own are refused, not ignored. */
export function networkOf(networks: readonly (Fields | undefined)[]): Network {
  if (networks.length === 0) return { network: undefined, left: [], failures: [] };
  const [fields] = networks;
  if (!fields) return { network: undefined, left: [], failures: [failure("network", "is not a map; write one")] };
  const [mode, dns] = [fields.take("Mode"), fields.take("DNS")];
  const ports = [
    ...fields.takeList("DynamicPorts").map((port) => portOf(port, false)),
    ...fields.takeList("ReservedPorts").map((port) => portOf(port, true)),
  ];
  const labelled = ports.flatMap(({ label, port }) => (label === "" ? [] : [[label, port] as const]));
  const { value } = fromNomad(groupOptions.network.schema, { ports: Object.fromEntries(labelled) }, "network");
  return {
    network: labelled.length > 0 ? (value as GroupOptions["network"]) : undefined,
    left: fields.left,
    failures: [
      ...ports.flatMap(({ failures }) => failures),
      ...clashes(ports),
      ...(networks.length > 1 ? [failure("network", "stands there more than once; a group has one")] : []),
      ...(isBlank(mode) || mode === "host"
        ? []
        : [failure("network.mode", `is ${JSON.stringify(mode)}, which is not an option; the modes are "" and "host"`)]),
      ...(isBlank(dns) ? [] : [failure("network.dns", "is not an option; set dns_servers and its like on the tasks")]),
    ],
  };
}

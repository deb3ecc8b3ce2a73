/** Which ports of its allocation a task publishes, and as what. */
import type { PortBinding } from "../engine/types";
import type { AllocatedPort } from "../facts";

interface Published {
  readonly ports?: readonly string[] | undefined;
  readonly portMap?: Readonly<Record<string, number>> | undefined;
}

/** The labels in the order in which they were written, each once. */
export const publishedLabels = ({ ports = [], portMap = {} }: Published): readonly string[] => [
  ...new Set([...ports, ...Object.keys(portMap)]),
];

/** The port inside the container. */
export const containerPort = ({ portMap = {} }: Published, label: string, { to }: Pick<AllocatedPort, "to">): number =>
  portMap[label] ?? to;

/** A port of the host. As with a socket, `::` means both families; an engine takes it for one. */
const bindingsOf = ({ hostIp, value }: AllocatedPort): readonly PortBinding[] =>
  (hostIp === "::" ? ["0.0.0.0", "::"] : [hostIp]).map((HostIp) => ({ HostIp, HostPort: String(value) }));

/** What an engine is asked for, to publish each port on tcp and on udp: several may lead to one `to`. */
export function publishing(ports: readonly AllocatedPort[]) {
  const bindings: Record<string, PortBinding[]> = {};
  for (const port of ports)
    for (const protocol of ["tcp", "udp"]) (bindings[`${port.to}/${protocol}`] ??= []).push(...bindingsOf(port));
  return {
    ExposedPorts: Object.fromEntries(Object.keys(bindings).map((port) => [port, {}])),
    HostConfig: { PortBindings: bindings },
  };
}

/** Which ports of its allocation a task publishes, and as what. */
import type { PortBinding } from "../engine/types";
import type { AllocatedPort } from "../facts";
import { publishedOn } from "../port-address";
import { networkKind } from "./network-mode";

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

/** A port of the host, as the engine is told to publish it. */
const bindingsOf = ({ hostIp, value }: AllocatedPort): readonly PortBinding[] =>
  publishedOn(hostIp).map((HostIp) => ({ HostIp, HostPort: String(value) }));

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

/** Whether the host's ports of a task are its own: what has no network, or another container's, publishes none. */
export const hasOwnPorts = ({ networkMode }: { readonly networkMode?: string | undefined }): boolean =>
  !["none", "container"].includes(networkKind(networkMode));

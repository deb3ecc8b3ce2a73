import { endpoint } from "./endpoint";
import type { AllocatedPort } from "./facts";
import type { NetworkSpec } from "./options/job";
import { publishedOverlap } from "./port-address";

type Ports = Readonly<Record<string, AllocatedPort>>;

/** A port that was asked for by its number. */
export interface StaticPort {
  readonly label: string;
  readonly port: number;
  readonly address: string;
}

export const staticPorts = (network: NetworkSpec | undefined, hostAddress: string): readonly StaticPort[] =>
  Object.entries(network?.ports ?? {}).flatMap(([label, { static: port, hostIp = hostAddress }]) =>
    typeof port === "number" ? [{ label, port, address: hostIp }] : [],
  );

export const hasStaticPorts = (network: NetworkSpec | undefined): boolean =>
  Object.values(network?.ports ?? {}).some((port) => port.static !== undefined);

/** The ports that an allocation wants and another one has: while that is there, it cannot start. */
export const portsInTheWay = (had: Ports, network: NetworkSpec | undefined, hostAddress: string): readonly number[] =>
  staticPorts(network, hostAddress)
    .filter(({ port, address }) =>
      Object.values(had).some(({ value, hostIp }) => value === port && publishedOverlap(hostIp, address)),
    )
    .map(({ port }) => port);

/** Whether two allocations have a port of the host in common. */
export const haveCommon = (some: Ports, others: Ports): boolean =>
  Object.values(some).some(({ value, hostIp }) =>
    Object.values(others).some((one) => one.value === value && publishedOverlap(hostIp, one.hostIp)),
  );

/** `host:port` of each port that is published. */
export const addressesOf = (ports: Ports, labels: readonly string[] = []): Readonly<Record<string, string>> =>
  Object.fromEntries(
    labels.flatMap((label) => {
      const port = ports[label];
      if (!port) return [];
      const host = { "0.0.0.0": "127.0.0.1", "::": "::1" }[port.hostIp] ?? port.hostIp;
      return [[label, endpoint(host, port.value)]];
    }),
  );

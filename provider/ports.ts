import { createServer } from "node:net";
import { endpoint } from "./endpoint";
import type { AllocatedPort } from "./facts";
import type { NetworkSpec } from "./options/job";

/** Dynamic ports come from here, as Nomad's do. */
const range = { first: 20_000, last: 32_000 };

type Ports = Readonly<Record<string, AllocatedPort>>;
export interface PortContext {
  /** The address to publish on when a port names none. */
  readonly hostAddress: string;
  /** Ports that somebody has on the engine's host. */
  readonly taken: ReadonlySet<number>;
  /** Whether a port of this machine is free; asked when the engine is on it. */
  readonly isFree?: (port: number, address: string) => Promise<boolean>;
}

// Two allocations of one run must not be given the same port before either has published it.
const given = new Set<number>();

export async function allocatePorts(network: NetworkSpec | undefined, context: PortContext): Promise<Ports> {
  const allocated: [string, AllocatedPort][] = [];
  for (const [label, { static: fixed, to, hostIp = context.hostAddress }] of Object.entries(network?.ports ?? {})) {
    const value = fixed ?? (await freePort(hostIp, context));
    allocated.push([label, { hostIp, value, to: to || value }]);
  }
  return Object.fromEntries(allocated);
}

async function freePort(address: string, { taken, isFree }: PortContext): Promise<number> {
  const size = range.last - range.first + 1;
  const from = Math.floor(Math.random() * size);
  for (let step = 0; step < size; step++) {
    const port = range.first + ((from + step) % size);
    if (taken.has(port) || given.has(port)) continue;
    given.add(port);
    if (!isFree || (await isFree(port, address))) return port;
  }
  throw new Error(
    `no port from ${range.first} to ${range.last} is free on the engine's host; give the ports static numbers`,
  );
}

/** Whether this machine could listen there. */
export const isFreeHere = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });

export const hasStaticPorts = (network: NetworkSpec | undefined): boolean =>
  Object.values(network?.ports ?? {}).some((port) => port.static !== undefined);

/** The ports that two networks both want for themselves: while one has them, the other cannot start. */
export const sharedStaticPorts = (a: NetworkSpec | undefined, b: NetworkSpec | undefined): readonly number[] => {
  const fixed = (network: NetworkSpec | undefined) =>
    Object.values(network?.ports ?? {}).flatMap((port) => (typeof port.static === "number" ? [port.static] : []));
  const others = new Set(fixed(b));
  return fixed(a).filter((port) => others.has(port));
};

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

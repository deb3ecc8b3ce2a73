import type { Connection } from "../connection";
import { isPortTaken } from "../errors";
import type { AllocatedPort } from "../facts";
import type { NetworkSpec } from "../options/job";
import { pluginSpec } from "../plugin-spec";
import { allocatePorts, hasStaticPorts, isFreeHere } from "../ports";

type Ports = Readonly<Record<string, AllocatedPort>>;
interface Asking {
  readonly network?: NetworkSpec;
  readonly plugin: Readonly<Record<string, unknown>>;
}

/** Ports for a new allocation on an engine. */
export async function portsFor(connection: Connection, { network, plugin }: Asking): Promise<Ports> {
  if (Object.keys(network?.ports ?? {}).length === 0) return {};
  return allocatePorts(network, {
    hostAddress: pluginSpec(plugin).hostAddress,
    taken: await connection.publishedPorts(),
    ...((await connection.isHere()) && { isFree: isFreeHere }),
  });
}

/** How often other ports are tried when somebody was faster. */
const tries = 5;

/**
 * Makes something with ports for a new allocation, and again with others when it fails because somebody was faster.
 * @param make fails with an error of its own, whose `cause` is the engine's
 */
export async function withPorts<T>(
  connection: Connection,
  asking: Asking,
  make: (ports: Ports) => Promise<T>,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    const ports = await portsFor(connection, asking);
    try {
      return await make(ports);
    } catch (error) {
      if (!isPortTaken((error as Error).cause) || hasStaticPorts(asking.network) || tried === tries) throw error;
    }
  }
}

import type { Connection } from "../connection";
import type { AllocatedPort } from "../facts";
import type { NetworkSpec } from "../options/job";
import { pluginSpec } from "../plugin-spec";
import { allocatePorts, isFreeHere } from "../ports";

/** Ports for a new allocation on an engine. */
export async function portsFor(
  connection: Connection,
  { network, plugin }: { readonly network?: NetworkSpec; readonly plugin: Readonly<Record<string, unknown>> },
): Promise<Readonly<Record<string, AllocatedPort>>> {
  if (Object.keys(network?.ports ?? {}).length === 0) return {};
  return allocatePorts(network, {
    hostAddress: pluginSpec(plugin).hostAddress,
    taken: await connection.publishedPorts(),
    ...((await connection.isHere()) && { isFree: isFreeHere }),
  });
}

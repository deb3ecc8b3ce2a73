import { isIPv4 } from "node:net";
import type { NetworkInfo } from "./engine/types";

/** The first address of a network: `172.17.0.0/16` has `172.17.0.1`. */
const firstIn = (subnet: string): string | undefined => {
  const [network = ""] = subnet.split("/");
  if (!isIPv4(network)) return undefined;
  const [a, b, c, d] = network.split(".").map(Number);
  return [a, b, c, (d ?? 0) + 1].join(".");
};

/** The host's own address in the default network. Until an engine is started for the second time it does not list it: it is the first. */
export function bridgeIpIn(network: Pick<NetworkInfo, "IPAM"> | undefined): string | undefined {
  const configs = network?.IPAM.Config ?? [];
  const listed = configs.find(({ Gateway }) => Gateway)?.Gateway;
  return listed ?? configs.flatMap(({ Subnet = "" }) => firstIn(Subnet) ?? [])[0];
}

/** Where a task is reached: on its engine's host, and in its container's networks. Pure. */
import { endpoint } from "./endpoint";
import type { ContainerInfo } from "./engine/types";
import type { AllocatedPort } from "./facts";
import { containerPort } from "./options/published-ports";

/** What a container has in one of its networks. */
export interface NetworkAddress {
  readonly ipv4?: string;
  readonly ipv6?: string;
}
export type NetworkAddresses = Readonly<Record<string, NetworkAddress>>;

/** The container's addresses by network; networks that give it none are left out. */
export const networkAddresses = ({ NetworkSettings: { Networks } }: ContainerInfo): NetworkAddresses =>
  Object.fromEntries(
    Object.entries(Networks).flatMap(([name, { IPAddress, GlobalIPv6Address }]) => {
      const found = { ...(IPAddress && { ipv4: IPAddress }), ...(GlobalIPv6Address && { ipv6: GlobalIPv6Address }) };
      return Object.keys(found).length > 0 ? [[name, found]] : [];
    }),
  );

/**
 * Which of its addresses is meant: `host`, the one on the engine's host; `driver`, the one in its network, with the port
 * inside; `auto`, the latter where the task advertises that by itself: in a network that somebody made, and with
 * `advertiseIpv6Address`.
 */
export type AddressMode = "auto" | "host" | "driver";

/** What is known of a task that runs. */
export interface Reached {
  /** On the host, by label: `host:port`. */
  readonly addresses?: Readonly<Record<string, string>> | undefined;
  readonly hostPorts?: Readonly<Record<string, AllocatedPort>> | undefined;
  readonly portMap?: Readonly<Record<string, number>> | undefined;
  /** The address that it advertises. */
  readonly ip?: string | undefined;
  readonly networks?: NetworkAddresses | undefined;
  readonly advertiseIpv6Address?: boolean | undefined;
}

/** The engine's own networks, of Linux and of Windows: what is in them is not found by others. */
const unadvertised = ["bridge", "nat"];

const isAdvertised = ({ ip, networks = {}, advertiseIpv6Address = false }: Reached): boolean =>
  ip !== undefined &&
  (advertiseIpv6Address ||
    Object.entries(networks).some(([name, { ipv4 }]) => ipv4 === ip && !unadvertised.includes(name)));

const atDriver = (label: string, { ip, hostPorts = {}, portMap }: Reached): string | undefined => {
  const port = hostPorts[label];
  if (ip === undefined || !port) return undefined;
  return endpoint(ip, containerPort({ portMap }, label, port));
};

/** `address:port` of a label; undefined when there is none of that mode. */
export function addressOf(mode: AddressMode, label: string, reached: Reached): string | undefined {
  const isDriver = mode === "driver" || (mode === "auto" && isAdvertised(reached));
  return isDriver ? atDriver(label, reached) : reached.addresses?.[label];
}

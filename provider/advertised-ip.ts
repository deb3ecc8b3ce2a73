import type { ContainerInfo } from "./engine/types";
import type { TaskSpec } from "./options";

/** The address that a task advertises: its container's, in the first of its networks that gives it one. */
export const advertisedIp = (
  { NetworkSettings: settings }: ContainerInfo,
  { advertiseIpv6Address }: Pick<TaskSpec, "advertiseIpv6Address">,
): string | undefined =>
  Object.values(settings.Networks)
    .map(({ IPAddress, GlobalIPv6Address }) => (advertiseIpv6Address ? GlobalIPv6Address : IPAddress))
    .find((address) => address !== "");

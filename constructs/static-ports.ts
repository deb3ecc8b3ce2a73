/** Ports that a program asks for by number more than once: one host has each only once. */
import type { IConstruct } from "constructs";
import { publishedOverlap } from "../provider/port-address";
import { staticPorts } from "../provider/ports";
import { tryLimits } from "../provider/plugin-spec";
import { isPending } from "./pending";
import { findAll, tryFindPlugin } from "./placement";
import { TaskGroup } from "./task-group";
import type { PlacedFailure } from "./validation";

interface Asked {
  readonly path: string;
  /** The engine's plugin. */
  readonly plugin: string;
  readonly label: string;
  readonly port: number;
  readonly address: string;
}

const askedBy = (group: TaskGroup): readonly Asked[] => {
  const plugin = tryFindPlugin(group);
  const hostAddress = tryLimits({ ...plugin?.options }, isPending)?.hostAddress ?? "";
  return staticPorts(group.spec.network, hostAddress).map((one) => ({
    ...one,
    path: group.node.path,
    plugin: plugin?.node.path ?? "",
  }));
};

const property = ({ label }: Asked) => `network.ports.${label}.static`;

/** The ports of a valid tree that cannot all be had. */
export function staticPortFailures(root: IConstruct): readonly PlacedFailure[] {
  const groups = findAll(root, TaskGroup).filter((group) => group.spec.count > 0);
  const asked = groups.flatMap(askedBy);
  const several = groups.flatMap((group) =>
    group.spec.count < 2
      ? []
      : askedBy(group).map((one) => ({
          path: one.path,
          property: property(one),
          reason:
            `${property(one)} is ${one.port}, and the group's ${group.spec.count} allocations are on one host, which has ` +
            `that port once; leave it out for a free one each, or lower the count`,
        })),
  );
  const twice = asked.flatMap((one, index) => {
    const other = asked
      .slice(0, index)
      .find(
        (before) =>
          before.plugin === one.plugin && before.port === one.port && publishedOverlap(before.address, one.address),
      );
    if (!other) return [];
    const whose = other.path === one.path ? `port ${other.label} has` : `port ${other.label} of ${other.path} has`;
    return [
      {
        path: one.path,
        property: property(one),
        reason: `${property(one)} is ${one.port}, which ${whose} too, on the same host; change one, or give them different addresses (hostIp)`,
      },
    ];
  });
  return [...several, ...twice];
}

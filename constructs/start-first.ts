/** Groups that ask for the new container before the old one stops, where both want what only one can have. */
import type { IConstruct } from "constructs";
import { taskOptions } from "../provider/options";
import { exclusives, hasUnknown, validate } from "../provider/options/folds";
import { networkKind } from "../provider/options/network-mode";
import { staticPorts } from "../provider/ports";
import { isPending } from "./pending";
import { findAll } from "./placement";
import { Task } from "./task";
import { TaskGroup } from "./task-group";
import type { PlacedFailure } from "./validation";

/** What a valid group claims of its engine for one allocation alone, as far as it is known. */
function claimsOf(group: TaskGroup): readonly string[] {
  const ports = staticPorts(group.network, "").map(({ label, port }) => `the static port ${label} (${port})`);
  const ofTasks = findAll(group, Task).flatMap((task) => {
    const { values } = validate(taskOptions, { ...task.options }, isPending);
    const known = Object.fromEntries(Object.entries(values).filter(([, value]) => !hasUnknown(value, isPending)));
    // Programs in the host's network may share it, if they are made for that.
    if (networkKind(known.networkMode) === "host") return [];
    return exclusives(taskOptions, known).map((claim) => `${claim} of ${task.node.id}`);
  });
  const data = group.spec.ephemeralDisk?.sticky ? ["the data of ephemeralDisk.sticky"] : [];
  return [...ports, ...ofTasks, ...data];
}

/** The groups of a valid tree whose `update` cannot be as it is asked for. */
export const startFirstFailures = (root: IConstruct): readonly PlacedFailure[] =>
  findAll(root, TaskGroup).flatMap((group) => {
    const claims = group.update.order === "start_first" ? claimsOf(group) : [];
    if (claims.length === 0) return [];
    return [
      {
        path: group.node.path,
        property: "update.order",
        reason:
          `update.order is "start_first", and only one container can have ${claims.join(", ")}; write "auto", ` +
          `with which the old one stops when the new one is ready to start, or do without`,
      },
    ];
  });

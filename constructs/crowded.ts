/** Constraints that forbid what a group asks for itself: on one engine, its allocations share all that the engine is. */
import type { IConstruct } from "constructs";
import type { Constraint } from "../provider/constraints/constraint";
import { crowded } from "../provider/constraints/judge";
import { validate } from "../provider/options/folds";
import { placement } from "../provider/options/placement";
import { isPending } from "./pending";
import { findAll, tryFindJob } from "./placement";
import { Task } from "./task";
import { TaskGroup } from "./task-group";
import type { PlacedFailure } from "./validation";

const ownConstraints = ({ options: { constraints } }: Task): readonly Constraint[] => {
  const { values } = validate(placement, { constraints }, isPending);
  return Array.isArray(values.constraints) ? (values.constraints as readonly Constraint[]) : [];
};

/** The constraints of a valid tree that its own counts break. */
export const crowdedFailures = (root: IConstruct): readonly PlacedFailure[] =>
  findAll(root, TaskGroup).flatMap((group) => {
    const { count, constraints } = group.spec;
    const job = tryFindJob(group);
    const all = [
      { of: job, constraints: job?.spec.constraints },
      { of: group, constraints },
      ...findAll(group, Task).map((task) => ({ of: task, constraints: ownConstraints(task) })),
    ];
    return all.flatMap(({ of, constraints = [] }) =>
      constraints.flatMap((constraint, index): readonly PlacedFailure[] => {
        const why = crowded(constraint, { group: group.node.path, count });
        const property = `constraints[${index}]`;
        return why === undefined || !of ? [] : [{ path: of.node.path, property, reason: `${property} ${why}` }];
      }),
    );
  });

/** The constraints of a task, its own and those around it, against an engine. */
import type { Attributes } from "../attributes";
import { type Failure, hasUnknown } from "../options/folds";
import { type Constraint, type OuterConstraint, nameIn } from "./constraint";
import { unmet } from "./judge";

export interface Constrained {
  readonly constraints?: readonly Constraint[] | undefined;
  readonly outerConstraints?: readonly OuterConstraint[] | undefined;
}

interface Placed {
  readonly constraint: Constraint;
  readonly where: string;
}

const placed = ({ constraints = [], outerConstraints = [] }: Constrained): readonly Placed[] => [
  ...outerConstraints.map(({ of, index, ...constraint }) => ({ constraint, where: `constraints[${index}] of ${of}` })),
  ...constraints.map((constraint, index) => ({ constraint, where: `constraints[${index}]` })),
];

/** The names of an engine that a constraint is about. */
export const namesOf = ({ attribute = "", value = "" }: Constraint): readonly string[] =>
  [attribute, value].flatMap((side) => nameIn(side) ?? []);

/** The constraints that an engine does not meet. Skips what is not known yet. */
export const unmetBy = (
  task: Constrained,
  attributes: Attributes,
  isUnknown: (value: unknown) => boolean = () => false,
): readonly Failure[] => {
  if (isUnknown(task.constraints)) return unmetBy({ outerConstraints: task.outerConstraints }, attributes, isUnknown);
  return placed(task).flatMap(({ constraint, where }) => {
    const why = hasUnknown(constraint, isUnknown) ? undefined : unmet(constraint, attributes);
    return why === undefined ? [] : [{ property: where, reason: `${where} ${why}` }];
  });
};

/** Whether there is any to be met. */
export const isConstrained = ({ constraints, outerConstraints }: Constrained): boolean =>
  [constraints, outerConstraints].some((list) => list !== undefined && list.length > 0);

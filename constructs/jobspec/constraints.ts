import { type Constraint, apiKeys } from "../../provider/constraints/constraint";
import type { Failure } from "../../provider/options/folds";
import { type Fields, isBlank } from "./fields";

/** The constraints of a job, group or task, and what is wrong with their form. */
export interface Constraints {
  readonly constraints?: Constraint[];
  readonly failures: readonly Failure[];
}

/** `Constraints: [{ LTarget, Operand, RTarget }]` as the option has it. */
export function constraintsOf(fields: Fields): Constraints {
  const list = fields.takeList("Constraints");
  if (list.length === 0) return { failures: [] };
  const constraints = list.flatMap((one) => {
    if (!one) return [];
    const said = Object.entries(apiKeys).flatMap(([key, field]) => {
      const value = one.take(field);
      return isBlank(value) ? [] : [[key, value]];
    });
    return [Object.fromEntries(said) as Constraint];
  });
  const unread = list.flatMap(
    (one, index) =>
      one?.left.map((name) => `constraints[${index}] has no key "${name}"`) ?? [
        `constraints[${index}] is not a map; write {"LTarget": …, "Operand": …, "RTarget": …}`,
      ],
  );
  return { constraints, failures: unread.map((reason) => ({ property: "constraints", reason })) };
}

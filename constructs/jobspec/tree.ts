/** What every part of a job file does with its construct. */
import type { Construct } from "constructs";
import { type Failure, interpolatedOf, pathText } from "../../provider/options/folds";
import { isBag } from "../../provider/options/from-nomad";
import { nomadPath } from "../../provider/options/names";
import type { AnyRows } from "../../provider/options/option";
import { type Named, namedBy } from "../names";
import { addFailures } from "../validation";
import { addWarning } from "../warnings";

/** A name as a construct's id. What cannot be one gets a stand-in, and a failure for the construct that bears it. */
export function idOf(scope: Construct, kind: Named, name: unknown, standIn: string) {
  const property = namedBy(kind);
  const refused = (reason: string) => ({ id: standIn, failures: [{ property, reason: `${property} ${reason}` }] });
  if (typeof name !== "string" || name === "") return refused(`of the ${kind} is missing; give it one`);
  if (scope.node.tryFindChild(name)) return refused(`is "${name}", which another one here has; rename one`);
  return { id: name, failures: [] };
}

export const withFailures = <T extends Construct>(construct: T, failures: readonly Failure[]): T => {
  if (failures.length > 0) addFailures(construct, () => failures);
  return construct;
};

/** Says which fields nobody took. */
export const warnOfLeft = (construct: Construct, left: readonly string[] = [], prefix = ""): void => {
  for (const field of left) addWarning(construct, `${prefix}${field} has no effect here`);
};

const interpolations = (value: unknown, path: readonly (string | number)[]): readonly string[] => {
  if (typeof value === "string") return value.includes("${") ? [pathText(path)] : [];
  if (Array.isArray(value)) return value.flatMap((part, index) => interpolations(part, [...path, index]));
  return isBag(value) ? Object.entries(value).flatMap(([key, part]) => interpolations(part, [...path, key])) : [];
};

/** Says where an option that is not filled in holds `${…}`. */
export const warnOfInterpolation = (construct: Construct, rows: AnyRows, values: object): void => {
  const left = Object.entries(values).filter(([key]) => rows[key] && interpolatedOf(rows[key]) === "never");
  for (const path of interpolations(Object.fromEntries(left), []))
    addWarning(construct, `${nomadPath(rows, path)} holds "\${…}", which is not filled in there`);
};

/** Texts that have to be filled in when the program runs: an image is pulled before there is an allocation to name. */
import { output } from "@pulumi/pulumi";
import { type Surroundings, scopeOf } from "../provider/environment";
import { taskOptions } from "../provider/options";
import { type Filled, filledValues, hasUnknown, interpolatedOf, isNotYet } from "../provider/options/folds";
import type { AnyRows } from "../provider/options/option";
import { isPending } from "./pending";

type Bag = Readonly<Record<string, unknown>>;

const isEarly = (key: string) => {
  const row = (taskOptions as AnyRows)[key];
  return row !== undefined && interpolatedOf(row) === "early";
};

/** What a preview does not know, or texts leave for later. */
export const isUnread = (value: unknown): boolean => isPending(value) || isNotYet(value);

/** All that texts say as far as it is known when the program runs. */
export const filledForNow = (options: Bag, surroundings: Surroundings): Filled =>
  filledValues(taskOptions, options, scopeOf(options, surroundings, isPending), () => true, isPending);

/** The early options filled in; those that are outputs, when these are known. */
export function filledEarly(options: Bag, surroundings: Surroundings): Bag {
  const scope = scopeOf(options, surroundings, isPending);
  const fill = (key: string, value: unknown): unknown => {
    const { values, failures } = filledValues(taskOptions, { [key]: value }, scope, (when) => when === "early");
    const [first] = failures;
    if (first) throw new Error(`${surroundings.place.task}: ${first.reason}`);
    return values[key];
  };
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => {
      if (!isEarly(key)) return [key, value];
      if (!hasUnknown(value, isPending)) return [key, fill(key, value)];
      return [key, output([value]).apply(([known]) => fill(key, known))];
    }),
  );
}

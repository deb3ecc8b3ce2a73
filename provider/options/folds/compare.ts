/** Whether two sets of values say the same, and what the difference costs. */
import { isDeepStrictEqual } from "node:util";
import type * as z from "zod";
import type { AnyRows, Change } from "../option";
import { hasUnknown } from "./known";

type Bag = Readonly<Record<string, unknown>>;

/** The options that changed, by what the change costs. Unset and default are the same. */
export function changes(
  rows: AnyRows,
  olds: Bag,
  news: Bag,
  isUnknown: (value: unknown) => boolean = () => false,
): Record<Change, string[]> {
  const changed: Record<Change, string[]> = { "in-place": [], replace: [], record: [] };
  const [before, after] = [canonical(rows, olds), canonical(rows, news)];
  for (const [key, { change }] of Object.entries(rows))
    if (hasUnknown(news[key], isUnknown) || !isDeepStrictEqual(before[key], after[key])) changed[change].push(key);
  return changed;
}

/** Values in the form in which they compare: defaults applied, what says the same made the same. */
export const canonical = (rows: AnyRows, values: Bag, only?: Change): Bag =>
  Object.fromEntries(
    Object.entries(rows)
      .filter(([, { change }]) => only === undefined || change === only)
      .map(([key, row]): readonly [string, unknown] => {
        const parsed: z.ZodSafeParseResult<unknown> = row.schema.safeParse(values[key]);
        // A value that an older version let through stays as it is.
        if (!parsed.success) return [key, values[key]];
        const { data } = parsed;
        return [key, data === undefined || !row.canonical ? data : row.canonical(data)];
      })
      .filter(([, value]) => value !== undefined),
  );

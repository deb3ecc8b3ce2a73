/** Whether two sets of values say the same, and what the difference costs. */
import { isDeepStrictEqual } from "node:util";
import type * as z from "zod";
import type { AnyRow, AnyRows, Change } from "../option";
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

/** One value as it compares. What an older version let through stays as it is. */
const canonicalValue = (row: AnyRow, value: unknown): unknown => {
  const parsed: z.ZodSafeParseResult<unknown> = row.schema.safeParse(value);
  if (!parsed.success) return value;
  return parsed.data === undefined || !row.canonical ? parsed.data : row.canonical(parsed.data);
};

/**
 * Values in the form in which they compare: what says the same is the same, and a default is as good as nothing. So a
 * hash over them is the same when a later version has options more.
 */
export const canonical = (rows: AnyRows, values: Bag, only?: Change): Bag =>
  Object.fromEntries(
    Object.entries(rows)
      .filter(([, { change }]) => only === undefined || change === only)
      .map(([key, row]) => [key, canonicalValue(row, values[key]), canonicalValue(row, undefined)] as const)
      .filter(([, value, unset]) => value !== undefined && !isDeepStrictEqual(value, unset))
      .map(([key, value]) => [key, value]),
  );

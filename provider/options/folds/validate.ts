/** What the schemas say of values, in the words of an operator. */
import type * as z from "zod";
import { printable } from "../../engine-address";
import { didYouMean } from "../did-you-mean";
import { nomadPath } from "../names";
import type { AnyRow, AnyRows } from "../option";
import { type Failure, at, failure, pathText } from "./failure";
import { hidden } from "./known";

type Bag = Readonly<Record<string, unknown>>;

/** A value as an error may show it: short, and nothing of what a row keeps secret. */
const shown = (value: unknown, { secret, unprinted }: AnyRow): string => {
  if (secret || unprinted) return "a value not shown here";
  // A function and its like have no JSON, whatever the type says.
  const json = (JSON.stringify(value) as string | undefined) ?? `a ${typeof value}`;
  const text = printable(json);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
};

// zod's own words, without its "Invalid input:" and "Too small:".
const words = (issue: z.core.$ZodIssue): string => {
  if (issue.code === "invalid_type") return `is not ${aTypeName(issue.expected)}`;
  if (issue.code === "unrecognized_keys") return `has no key ${issue.keys.map((key) => `"${key}"`).join(", ")}`;
  if (issue.code === "invalid_value")
    return `is none of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? issue.message;
  if (issue.code === "invalid_union") return `has none of the shapes this option takes${alternatives(issue)}`;
  return issue.message
    .replace(/^Invalid input: /, "is invalid: ")
    .replace(/^Invalid (IPv[46]) address$/, "is not an $1 address");
};
/** What each shape misses, where that can be said of the value as a whole. */
const alternatives = ({ errors }: z.core.$ZodIssueInvalidUnion): string => {
  const missed = errors.flatMap(([first]) => (first?.path.length === 0 ? [words(first)] : []));
  return missed.length === errors.length ? `: it ${missed.join(", and it ")}` : "";
};
const aTypeName = (name: string) =>
  ({ int: "a whole number", array: "a list", record: "a map", object: "a map" })[name] ?? `a ${name}`;

/** Applies defaults and bounds. Values not known yet (a preview) pass unread. */
export function validate(rows: AnyRows, raw: Bag, isUnknown: (value: unknown) => boolean) {
  const failures: Failure[] = Object.keys(raw)
    .filter((key) => !Object.hasOwn(rows, key) && raw[key] !== undefined)
    .map((key) => failure(key, `${key} is not an option${didYouMean(key, Object.keys(rows))}`));
  const values: Record<string, unknown> = {};
  for (const [key, row] of Object.entries(rows)) {
    const value = raw[key];
    if (isUnknown(value)) {
      values[key] = value;
      continue;
    }
    const parsed: z.ZodSafeParseResult<unknown> = row.schema.safeParse(value);
    if (parsed.success) values[key] = parsed.data;
    else {
      const known = parsed.error.issues.filter((issue) => !hidden(value, issue.path, isUnknown));
      failures.push(...known.map((issue) => failureOf(key, value, issue, row)));
      values[key] = value;
    }
  }
  return { values, failures };
}

const failureOf = (key: string, value: unknown, issue: z.core.$ZodIssue, row: AnyRow): Failure => {
  const path = [key, ...issue.path];
  const bad = at(value, issue.path);
  const subject = nomadPath({ [key]: row }, pathText(path));
  const missing = bad === undefined && issue.code === "invalid_type";
  const reason = missing
    ? "is required; give it a value"
    : issue.code === "unrecognized_keys"
      ? words(issue)
      : `is ${shown(bad, row)}, which ${words(issue)}`;
  return failure(pathText(path), `${subject} ${reason}`);
};

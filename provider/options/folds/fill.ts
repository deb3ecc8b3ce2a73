/** Values with the `${…}` in their texts filled in. */
import { TemplateError } from "../../interpolation/expression";
import { filled, filledForShell } from "../../interpolation/fill";
import { KnownLater, type Scope, notYet } from "../../interpolation/scope";
import { nomadPath } from "../names";
import type { AnyRow, AnyRows, Interpolated } from "../option";
import { type Failure, failure, pathText } from "./failure";

type Bag = Readonly<Record<string, unknown>>;
type Path = readonly PropertyKey[];

/** Where a job file has an option decides whether Nomad fills it in; a row may say another thing. */
export const interpolatedOf = ({ interpolated, stanza = "config" }: AnyRow): Interpolated =>
  interpolated ?? (stanza === "config" ? "late" : "never");

/** Whether a value is one that a fill leaves for later. */
export const isNotYet = (value: unknown): boolean => value === notYet;

/** Whether it is a map, and no object of a class. */
const isPlain = (value: unknown): value is object =>
  typeof value === "object" &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value) as null);

export interface Filled {
  /** What hangs on what is known later is `notYet`; what cannot be filled in stays. */
  readonly values: Bag;
  /** The options that are other ones than they were. */
  readonly changed: readonly string[];
  readonly failures: readonly Failure[];
}

/**
 * Fills in the options whose time has come.
 * @param isUnknown what a preview does not know stays as it is
 */
export function filledValues(
  rows: AnyRows,
  values: Bag,
  scope: Scope,
  isDue: (when: Interpolated) => boolean,
  isUnknown: (value: unknown) => boolean = () => false,
): Filled {
  const changed: string[] = [];
  const failures: Failure[] = [];
  const all = Object.entries(values).map(([key, value]): [string, unknown] => {
    const row = rows[key];
    const when = row ? interpolatedOf(row) : "never";
    if (!row || when === "never" || !isDue(when)) return [key, value];
    const fill = when === "loosely" ? filledForShell : filled;
    const text = (path: Path, written: string): unknown => {
      try {
        const done = fill(written, scope);
        if (done !== written) changed.push(key);
        return done;
      } catch (error) {
        if (error instanceof KnownLater && when !== "early") {
          changed.push(key);
          return notYet;
        }
        const why = reasonOf(error, row);
        failures.push(failure(pathText(path), `${nomadPath(rows, pathText(path))} ${why}`));
        return written;
      }
    };
    const walk = (path: Path, part: unknown): unknown => {
      if (isUnknown(part) || part === null) return part;
      if (typeof part === "string") return text(path, part);
      if (Array.isArray(part)) return part.map((item, index) => walk([...path, index], item));
      return isPlain(part) ? map(path, part) : part;
    };
    const map = (path: Path, part: object): unknown => {
      const entries = Object.entries(part).map(([name, inner]) => [
        // The names of variables are nobody's texts.
        when === "loosely" ? name : text([...path, name], name),
        walk([...path, name], inner),
      ]);
      return entries.some(([name]) => name === notYet) ? notYet : Object.fromEntries(entries as [string, unknown][]);
    };
    return [key, walk([key], value)];
  });
  return { values: Object.fromEntries(all), changed: [...new Set(changed)], failures };
}

const reasonOf = (error: unknown, { secret, unprinted }: AnyRow): string => {
  if (error instanceof TemplateError) return secret || unprinted ? error.unquoted : error.message;
  if (error instanceof KnownLater)
    return (
      `hangs on ${error.variable}, which is known only later, and this option is needed before; ` +
      `write its value, or name something that is known when the program runs`
    );
  throw error;
};

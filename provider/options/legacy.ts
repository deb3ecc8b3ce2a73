/** Nomad's client options, from before there were plugins. Over rows; names no option. */
import { type Failure, didYouMean } from "./folds";
import { fromNomad } from "./from-nomad";
import { type Form, formOf, nomadPath } from "./names";
import type { AnyRow, AnyRows } from "./option";

type Bag = Readonly<Record<string, unknown>>;

/** The beginning of all their names. */
export const legacyPrefix = "docker.";

interface Successor {
  readonly key: string;
  readonly row: AnyRow;
  /** The keys inside the option. */
  readonly path: readonly string[];
}

const successors = (rows: AnyRows): ReadonlyMap<string, Successor> =>
  new Map(
    Object.entries(rows).flatMap(([key, row]) =>
      Object.entries(row.legacy ?? {}).map(([name, path]) => [
        name,
        { key, row, path: path.split(".").filter(Boolean) },
      ]),
    ),
  );

/** All their names. */
export const legacyNames = (rows: AnyRows): readonly string[] => [...successors(rows).keys()];

const formAt = (row: AnyRow, path: readonly string[]): Form =>
  path.reduce((form, part) => {
    const inner = form.shape?.[part];
    if (!inner) throw new RangeError(`there is no ${path.join(".")}`);
    return formOf(inner);
  }, formOf(row.schema));

const isList = ({ element, options = [] }: Form): boolean =>
  element !== undefined || options.some((option) => isList(formOf(option)));

/** A list is a text with commas. */
const spoken = (value: unknown, form: Form): unknown =>
  isList(form) && typeof value === "string"
    ? value
        .split(",")
        .map((part) => part.trim())
        .filter(Boolean)
    : value;

const nested = (path: readonly string[], value: unknown): unknown =>
  path.reduceRight<unknown>((inner, part) => ({ [part]: inner }), value);

/** Their values as the table's, with a warning for each. Of two for one option, the one that the row names first wins. */
export function fromLegacy(rows: AnyRows, options: Bag) {
  const known = successors(rows);
  const failures: Failure[] = Object.keys(options)
    .filter((name) => !known.has(name))
    .map((name) => ({
      property: name,
      reason: `${name} is not a client option of the driver${didYouMean(name, [...known.keys()])}`,
    }));
  const given = [...known].filter(([name]) => options[name] !== undefined && options[name] !== null);
  const values: Record<string, unknown> = {};
  for (const [name, { key, row, path }] of given.toReversed()) {
    const written = nested(path, spoken(options[name], formAt(row, path)));
    const { value } = fromNomad(row.schema, written, key, "either");
    values[key] = path.length > 0 ? { ...(values[key] as object | undefined), ...(value as object) } : value;
  }
  const warnings = given.map(
    ([name, { key, path }]) => `${name} is deprecated: use ${nomadPath(rows, [key, ...path].join("."))}`,
  );
  return { values, failures, warnings };
}

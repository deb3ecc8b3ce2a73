/** What becomes of values before they are stored: the operator's gifts, what files hold, what need not be said. */
import { isDeepStrictEqual } from "node:util";
import type * as z from "zod";
import { nomadName } from "../names";
import type { AnyRow, AnyRows, ReadFile, Resolved } from "../option";
import type { PluginSpec } from "../plugin";
import { type Failure, failure } from "./failure";
import { askKnown, hasUnknown } from "./known";

type Bag = Readonly<Record<string, unknown>>;

/** The values with what the operator gives or adds. What is not known yet stays so. */
export const inherited = (
  rows: AnyRows,
  values: Bag,
  plugin: PluginSpec,
  isUnknown: (value: unknown) => boolean = () => false,
): Bag =>
  Object.entries(rows).reduce<Bag>((all, [key, { schema, inherit }]) => {
    if (!inherit || hasUnknown(values[key], isUnknown)) return all;
    const own = schema.safeParse(values[key]);
    const value = own.success
      ? askKnown(values, isUnknown, (known) => inherit(own.data, plugin, known) as unknown)
      : undefined;
    return value === undefined ? all : { ...all, [key]: value };
  }, values);

/**
 * Without the defaults that tell a reader nothing: flags that are off, empty lists, and what only steers the provider. A state would
 * hold each of them twice for every container, and every command would carry them to and fro.
 */
export const withoutQuietDefaults = (rows: AnyRows, values: Bag): Bag =>
  Object.fromEntries(
    Object.entries(values).filter(([key, value]) => {
      const row = rows[key];
      const isQuiet = value === false || (Array.isArray(value) && value.length === 0) || row?.change === "record";
      return row === undefined || !isQuiet || !isDefault(row, value);
    }),
  );

const isDefault = ({ schema }: AnyRow, value: unknown): boolean => {
  const parsed: z.ZodSafeParseResult<unknown> = schema.safeParse(undefined);
  return parsed.success && isDeepStrictEqual(parsed.data, value);
};

/** The values with the files that they name read into them. What is not known yet, or cannot be read, stays as it is. */
export function resolved(
  rows: AnyRows,
  values: Bag,
  read: ReadFile,
  isUnknown: (value: unknown) => boolean = () => false,
): { readonly values: Bag; readonly failures: readonly Failure[] } {
  const answers = Object.entries(rows).flatMap(([key, { schema, resolve }]): readonly [string, Resolved<unknown>][] => {
    const own = resolve && !hasUnknown(values[key], isUnknown) ? schema.safeParse(values[key]) : undefined;
    return resolve && own?.success && own.data !== undefined ? [[key, resolve(own.data, read)]] : [];
  });
  return {
    values: {
      ...values,
      ...Object.fromEntries(answers.flatMap(([key, answer]) => ("value" in answer ? [[key, answer.value]] : []))),
    },
    failures: answers.flatMap(([key, answer]) =>
      "refused" in answer ? [failure(key, `${nomadName(key)} ${answer.refused}`)] : [],
    ),
  };
}

/** The values of a resource: of the image's, or of the container's. */
export const valuesOn = (rows: AnyRows, resource: "image" | "container", values: Bag): Bag =>
  Object.fromEntries(Object.entries(values).filter(([key]) => (rows[key]?.on === "image") === (resource === "image")));

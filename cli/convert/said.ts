/** What a construct's options say over their defaults, as properties of a program. */
import { isDeepStrictEqual } from "node:util";
import type { IConstruct } from "constructs";
import { warningsAt } from "../../constructs/warnings";
import { isBag } from "../../provider/options/from-nomad";
import { nomadName } from "../../provider/options/folds";
import type { AnyRow, AnyRows } from "../../provider/options/option";
import { Code, Properties, type Property } from "./expression";

/** Gives a place in an option a key of the config. */
export type KeyOf = (path: readonly string[]) => string;

export interface Said {
  readonly options: Properties;
  /** Warnings that are not about one of the options. */
  readonly comments: readonly string[];
}

/** A value whose credentials are taken from the config; an empty one is none. */
function withoutCredentials(value: unknown, key: string, { credentials = [] }: AnyRow, keyOf: KeyOf): unknown {
  if (!isBag(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([part, text]) => {
      const isKept = credentials.includes(part) && text !== "" && text !== undefined;
      return [part, isKept ? new Code(`config.requireSecret("${keyOf([key, part])}")`) : text];
    }),
  );
}

/** A default written out says nothing. What only compares as one may say something beside other options, and stays. */
const isSaid = ({ schema }: AnyRow, value: unknown): boolean =>
  value !== undefined && !isDeepStrictEqual(schema.safeParse(value).data, schema.safeParse(undefined).data);

/**
 * @param others what is no row, and stands after the rows
 */
export function saidOf(
  construct: IConstruct,
  rows: AnyRows,
  values: Readonly<Record<string, unknown>>,
  keyOf: KeyOf,
  others: readonly Property[] = [],
): Said {
  const warnings = warningsAt(construct);
  const about = (key: string) =>
    warnings.filter((text) => text.startsWith(nomadName(key)) && !/^\w/.test(text.slice(nomadName(key).length)));
  const rowsSaid = Object.entries(values).flatMap(([key, value]): Property[] => {
    const row = rows[key];
    if (!row || !isSaid(row, value)) return [];
    return [{ key, value: row.credentials ? withoutCredentials(value, key, row, keyOf) : value, comments: about(key) }];
  });
  const placed = new Set(rowsSaid.flatMap(({ comments = [] }) => comments));
  return {
    options: new Properties([...rowsSaid, ...others]),
    comments: warnings.filter((text) => !placed.has(text)),
  };
}

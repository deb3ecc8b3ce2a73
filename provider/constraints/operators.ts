/** The operators of constraints, as Nomad has them. */
import type * as Re2 from "re2js";
import { meetsRange, parseRange, tryParseVersion } from "./version";

/** A side of a constraint; undefined where there is no such attribute. */
export type Side = string | undefined;

export interface Operator {
  /** Other words for it. */
  readonly also?: readonly string[];
  /** What it asks, between the two sides: "must be", "must match". */
  readonly says: string;
  /** Whether an attribute and a value stand beside it. */
  readonly takes: "both" | "attribute" | "neither";
  /** What is wrong with a value, whatever the attribute is: completes "value …". */
  readonly refuses?: (value: string) => string | undefined;
  readonly meets: (attribute: Side, value: Side) => boolean;
}

const both =
  (meets: (attribute: string, value: string) => boolean) =>
  (attribute: Side, value: Side): boolean =>
    attribute !== undefined && value !== undefined && meets(attribute, value);

const isNumber = (text: string) => /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text.trim());

/** By number where both are numbers, else by the order of their characters. */
const ordered = (meets: (order: number) => boolean) =>
  both((attribute, value) =>
    meets(
      isNumber(attribute) && isNumber(value)
        ? Number(attribute) - Number(value)
        : Number(attribute > value) - Number(attribute < value),
    ),
  );

const ofVersions = (kind: "version" | "semver"): Operator => ({
  says: kind === "version" ? "must be of version" : "must be of semantic version",
  takes: "both",
  refuses: (value) => {
    const parsed = parseRange(value, kind);
    return "wrong" in parsed
      ? `holds "${parsed.wrong}", which is no version to compare with; write it as in ">= 1.2, < 2"`
      : undefined;
  },
  meets: both((attribute, value) => {
    const [version, parsed] = [tryParseVersion(attribute), parseRange(value, kind)];
    return version !== undefined && "range" in parsed && meetsRange(version, parsed.range, kind);
  }),
});

// Only who has such a constraint pays for it.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const re2 = () => (require("re2js") as typeof Re2).RE2JS;

const partsOf = (list: string) =>
  list
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);

const allOf = both((attribute, value) => {
  const has = new Set(partsOf(attribute));
  return partsOf(value).every((part) => has.has(part));
});

const noPart = (value: string) => (partsOf(value).length === 0 ? 'names nothing; write it as in "a,b"' : undefined);

export const operators: Readonly<Record<string, Operator>> = {
  "=": { also: ["==", "is"], says: "must be", takes: "both", meets: both((attribute, value) => attribute === value) },
  // An attribute that is not there is another one than any value.
  "!=": { also: ["not"], says: "must not be", takes: "both", meets: (attribute, value) => attribute !== value },
  "<": { says: "must be less than", takes: "both", meets: ordered((order) => order < 0) },
  "<=": { says: "must be at most", takes: "both", meets: ordered((order) => order <= 0) },
  ">": { says: "must be more than", takes: "both", meets: ordered((order) => order > 0) },
  ">=": { says: "must be at least", takes: "both", meets: ordered((order) => order >= 0) },
  regexp: {
    says: "must match",
    takes: "both",
    refuses: (value) => {
      try {
        re2().compile(value);
        return undefined;
      } catch (error) {
        return `is no regular expression in RE2's dialect: ${(error as Error).message}`;
      }
    },
    meets: both((attribute, value) => re2().compile(value).matcher(attribute).find()),
  },
  version: ofVersions("version"),
  semver: ofVersions("semver"),
  set_contains: { also: ["set_contains_all"], says: "must have all of", takes: "both", refuses: noPart, meets: allOf },
  set_contains_any: {
    says: "must have any of",
    takes: "both",
    refuses: noPart,
    meets: both((attribute, value) => {
      const has = new Set(partsOf(attribute));
      return partsOf(value).some((part) => has.has(part));
    }),
  },
  is_set: { says: "must be known of the engine", takes: "attribute", meets: (attribute) => attribute !== undefined },
  is_not_set: {
    says: "must not be known of the engine",
    takes: "attribute",
    meets: (attribute) => attribute === undefined,
  },
};

/** What one engine decides by how many allocations a group has; the scheduler of many decides it by place. */
export const distinct = ["distinct_hosts", "distinct_property"] as const;

const names = new Map(
  Object.entries(operators).flatMap(([name, { also = [] }]) => [name, ...also].map((one) => [one, name] as const)),
);

/** All words for operators. */
export const operatorNames: readonly string[] = [...names.keys(), ...distinct];

/** An operator by any of its words. */
export const operatorOf = (word: string): Operator | undefined => operators[names.get(word) ?? ""];

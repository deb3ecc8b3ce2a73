/** The folds: each answers one question for a whole table, and names no option. */
import { isDeepStrictEqual } from "node:util";
import type * as z from "zod";
import type { ContainerInfo, CreateRequest, HostConfig } from "../engine/types";
import type { Facts, Fingerprint, Scope } from "../facts";
import { printable } from "../engine-address";
import { visible } from "../visible";
import { nomadName, nomadPath } from "./names";
import type { AnyRow, AnyRows, Change, ReadFile, Resolved, SpecOf } from "./option";
import type { PluginSpec } from "./plugin";

export { nomadName } from "./names";

/** The shape of Pulumi's `CheckFailure`. */
export interface Failure {
  /** The path of the value: `ports[0]`, `logging.config.tag`. */
  readonly property: string;
  /** Option, value, reason and way out, without any secret. */
  readonly reason: string;
}

type Bag = Readonly<Record<string, unknown>>;
type Path = readonly PropertyKey[];

/** `["ports", 0, "to"]` as a program writes it: `ports[0].to`. */
export const pathText = (path: Path): string =>
  path.reduce<string>(
    (text, part) =>
      typeof part === "number" || /^\d+$/.test(String(part))
        ? `${text}[${String(part)}]`
        : text === ""
          ? String(part)
          : `${text}.${String(part)}`,
    "",
  );

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, part) => (inner as Record<PropertyKey, unknown> | undefined)?.[part], value);

/** Whether the value at a path, or one above it, is not known yet. */
const hidden = (value: unknown, path: Path, isUnknown: (value: unknown) => boolean) =>
  path.some((_, depth) => isUnknown(at(value, path.slice(0, depth)))) || isUnknown(at(value, path));

/** Whether a value, or any part of it, is not known yet. */
export const hasUnknown = (value: unknown, isUnknown: (value: unknown) => boolean): boolean =>
  isUnknown(value) ||
  (typeof value === "object" && value !== null && Object.values(value).some((part) => hasUnknown(part, isUnknown)));

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

/** Values of the author's are in both texts. */
const failure = (property: string, reason: string): Failure => ({
  property: visible(property),
  reason: visible(reason),
});

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

class NotKnownYet extends Error {}

/** What is asked of values; undefined where the answer hangs on one that is not known yet. */
const askKnown = <V extends Bag, T>(
  values: V,
  isUnknown: (value: unknown) => boolean,
  ask: (values: V) => T,
): T | undefined => {
  const get = (all: V, key: string) => {
    if (hasUnknown(all[key], isUnknown)) throw new NotKnownYet();
    return all[key];
  };
  try {
    return ask(new Proxy(values, { get: (all, key) => get(all, String(key)) }));
  } catch (error) {
    if (error instanceof NotKnownYet) return undefined;
    throw error;
  }
};

/** Whether the value is another than none at all. */
const saysSomething = (key: string, row: AnyRow, value: unknown): boolean =>
  !isDeepStrictEqual(canonical({ [key]: row }, { [key]: value }), canonical({ [key]: row }, {}));

const systems = { linux: "Linux", windows: "Windows" } as const;

const onOtherSystem = ({ os }: AnyRow, engine: Fingerprint | undefined): string | undefined =>
  os !== undefined && engine !== undefined && os !== (engine.os ?? "linux")
    ? `is for ${systems[os]} containers, and the engine runs ${systems[engine.os ?? "linux"]} ones; leave it out`
    : undefined;

/** What the engine's kind, the operator's limits, or the other values forbid. Skips what is not known yet. */
export const violations = <R extends AnyRows>(
  rows: R,
  spec: SpecOf<R>,
  scope: Scope,
  isUnknown: (value: unknown) => boolean = () => false,
): Failure[] =>
  Object.entries(rows).flatMap(([key, row]) => {
    const value = (spec as Bag)[key];
    if (value === undefined || hasUnknown(value, isUnknown)) return [];
    const misplaced = onOtherSystem(row, scope.engine);
    const reason =
      misplaced === undefined
        ? askKnown(spec, isUnknown, (all) => row.policy?.(value, all, scope))
        : saysSomething(key, row, value)
          ? misplaced
          : undefined;
    return reason === undefined ? [] : [failure(key, `${nomadName(key)} ${reason}`)];
  });

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

/** What the values claim of an engine for one container alone. */
export const exclusives = (rows: AnyRows, spec: Bag): readonly string[] =>
  Object.entries(rows).flatMap(([key, { exclusive }]) => {
    const value = spec[key];
    return exclusive && value !== undefined ? exclusive(value, spec) : [];
  });

/** What to say of options that are set and should not be used any more. */
export const deprecations = (rows: AnyRows, written: Bag): readonly string[] =>
  Object.entries(rows).flatMap(([key, { deprecated }]) =>
    deprecated !== undefined && written[key] !== undefined ? [`${nomadName(key)} is deprecated: ${deprecated}`] : [],
  );

/** What to say of values that are accepted, and do not do what their author may think. Skips what is not known yet. */
export const warnings = (rows: AnyRows, values: Bag, isUnknown: (value: unknown) => boolean): readonly string[] =>
  Object.entries(rows).flatMap(([key, { warns }]) => {
    const value = values[key];
    if (!warns || value === undefined || hasUnknown(value, isUnknown)) return [];
    const text = askKnown(values, isUnknown, (all) => warns(value, all));
    return text === undefined ? [] : [`${nomadName(key)} ${text}`];
  });

/** The values of a resource: of the image's, or of the container's. */
export const valuesOn = (rows: AnyRows, resource: "image" | "container", values: Bag): Bag =>
  Object.fromEntries(Object.entries(values).filter(([key]) => (rows[key]?.on === "image") === (resource === "image")));

/** What to say of options that are set and not acted upon. */
export const withoutEffect = (rows: AnyRows, written: Bag): readonly string[] =>
  Object.entries(rows).flatMap(([key, row]) => {
    const paths = row.withoutEffect === true ? [""] : (row.withoutEffect ?? []);
    return paths
      .map((inner) => (inner === "" ? key : `${key}.${inner}`))
      .filter((path) => at(written, path.split(".")) !== undefined)
      .map((path) => `${nomadPath(rows, path)} has no effect in this version`);
  });

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

const merge = (parts: readonly CreateRequest[]): CreateRequest =>
  parts.reduce<CreateRequest>(
    (whole, part) => ({
      ...whole,
      ...part,
      ...((whole.HostConfig ?? part.HostConfig) && { HostConfig: { ...whole.HostConfig, ...part.HostConfig } }),
    }),
    {},
  );

/** What the rows write into a create request. */
export const toEngine = <R extends AnyRows>(rows: R, spec: SpecOf<R>, facts: Facts): CreateRequest =>
  merge(
    Object.entries(rows)
      .filter(([, row]) => onOtherSystem(row, facts.engine) === undefined)
      .map(([key, { engine }]) => engine?.((spec as Bag)[key], spec, facts) ?? {}),
  );

const updatePart = (row: AnyRow, value: unknown, spec: unknown, facts: Facts): CreateRequest =>
  (row.update ?? row.engine)?.(value, spec, facts) ?? {};

/** The body of an update that brings a live container to the wanted values, unset ones included. */
export const toUpdate = <R extends AnyRows>(rows: R, spec: SpecOf<R>, facts: Facts): HostConfig =>
  merge(
    Object.entries(rows)
      .filter(([, { change }]) => change === "in-place")
      .map(([key, row]) => updatePart(row, (spec as Bag)[key], spec, facts)),
  ).HostConfig ?? {};

/** Zero, empty and absent are one to the engine. */
const blank = (value: unknown) =>
  value === undefined || value === null || value === 0 || value === -1 || value === "" || isDeepStrictEqual(value, {});

const agrees = (live: unknown, told: unknown): boolean => {
  if (blank(told)) return blank(live);
  if (typeof told === "object" && told !== null && !Array.isArray(told)) {
    const parts = (live ?? {}) as Bag;
    return Object.entries(told).every(([key, value]) => agrees(parts[key], value));
  }
  return isDeepStrictEqual(live, told);
};

/**
 * What changed on a live container behind our back, by option. A field may hold what a create or what an update
 * would have told it; where both leave it alone, it must be blank.
 */
export const drift = <R extends AnyRows>(rows: R, spec: SpecOf<R>, facts: Facts, live: ContainerInfo): Bag => {
  const drifted: Record<string, unknown> = {};
  for (const [key, row] of Object.entries(rows)) {
    if (!row.observe) continue;
    const value = (spec as Bag)[key];
    const created: Bag = { ...row.engine?.(value, spec, facts).HostConfig };
    const updated: Bag = { ...updatePart(row, value, spec, facts).HostConfig };
    const fields = new Set([...Object.keys(created), ...Object.keys(updated)]);
    const host: Bag = { ...live.HostConfig };
    const same = [...fields].every(
      (field) => agrees(host[field], created[field]) || agrees(host[field], updated[field]),
    );
    if (!same) drifted[key] = row.observe(live, facts);
  }
  return drifted;
};

/** `"; did you mean memory?"`, or the whole list. */
export const didYouMean = (word: string, words: readonly string[]): string => {
  const [best] = words
    .map((candidate) => [distance(word.toLowerCase(), candidate.toLowerCase()), candidate] as const)
    .sort(([a], [b]) => a - b);
  return best && best[0] <= Math.max(2, word.length / 3)
    ? `; did you mean ${best[1]}?`
    : `; the options are ${words.join(", ")}`;
};

/** Levenshtein's distance. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    row = next;
  }
  return row[b.length] ?? 0;
};

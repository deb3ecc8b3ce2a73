/** What is said of values that the schemas let through: refusals, claims, warnings. */
import { isDeepStrictEqual } from "node:util";
import type { Fingerprint, Scope } from "../../facts";
import { nomadName, nomadPath } from "../names";
import type { AnyRow, AnyRows, Exposure, SpecOf } from "../option";
import { canonical } from "./compare";
import { type Failure, at, failure } from "./failure";
import { askKnown, hasUnknown } from "./known";

type Bag = Readonly<Record<string, unknown>>;

/** Whether the value is another than none at all. */
const saysSomething = (key: string, row: AnyRow, value: unknown): boolean =>
  !isDeepStrictEqual(canonical({ [key]: row }, { [key]: value }), canonical({ [key]: row }, {}));

const systems = { linux: "Linux", windows: "Windows" } as const;

/** Why an option means nothing to this kind of engine, or nothing. */
export const onOtherSystem = ({ os }: AnyRow, engine: Fingerprint | undefined): string | undefined =>
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

/** What the values claim of an engine for one container alone. */
export const exclusives = (rows: AnyRows, spec: Bag): readonly string[] =>
  Object.entries(rows).flatMap(([key, { exclusive }]) => {
    const value = spec[key];
    return exclusive && value !== undefined ? exclusive(value, spec) : [];
  });

/** What an option gives a task of its engine's host. */
export interface Exposed extends Exposure {
  readonly option: string;
}

/** What the values give a task of its engine's host. Skips what is not known yet. */
export const exposures = (rows: AnyRows, values: Bag, isUnknown: (value: unknown) => boolean): readonly Exposed[] =>
  Object.entries(rows).flatMap(([option, { exposes }]) => {
    const value = values[option];
    if (!exposes || value === undefined || hasUnknown(value, isUnknown)) return [];
    const all = askKnown(values, isUnknown, (known) => exposes(value, known)) ?? [];
    return all.map((one) => ({ ...one, option }));
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

/** What to say of options that are set and not acted upon. */
export const withoutEffect = (rows: AnyRows, written: Bag): readonly string[] =>
  Object.entries(rows).flatMap(([key, row]) => {
    const paths = row.withoutEffect === true ? [""] : (row.withoutEffect ?? []);
    return paths
      .map((inner) => (inner === "" ? key : `${key}.${inner}`))
      .filter((path) => at(written, path.split(".")) !== undefined)
      .map((path) => `${nomadPath(rows, path)} has no effect in this version`);
  });

/** All that there is to say of values that are accepted. */
export const notices = (rows: AnyRows, written: Bag, isUnknown: (value: unknown) => boolean): readonly string[] => [
  ...deprecations(rows, written),
  ...warnings(rows, written, isUnknown),
  ...withoutEffect(rows, written),
];

/** A task with its texts filled in: at a check as far as they are known, at a create all of them. */
import { scopeOf, type Surroundings } from "./environment";
import type { Facts, Scope as JudgedAgainst } from "./facts";
import type { Scope } from "./interpolation/scope";
import { type TaskSpec, taskOptions } from "./options";
import { type Failure, type Filled, filledValues, validate, violations } from "./options/folds";
import { groupOptions } from "./options/job";
import type { AnyRows, Interpolated } from "./options/option";

type Bag = Readonly<Record<string, unknown>>;

const metaRow: AnyRows = { meta: groupOptions.meta };

const atStart = (when: Interpolated) => when === "late" || when === "loosely";

/** The values of options as far as they are known where the provider is. */
export const filledAtStart = (
  values: Bag,
  surroundings: Surroundings,
  isUnknown?: (value: unknown) => boolean,
): Filled => filledValues(taskOptions, values, scopeOf(values, surroundings, isUnknown), atStart, isUnknown);

/** What was filled in may be a secret of the environment: an error shows none of it. */
export const unprinted = (changed: readonly string[]): AnyRows =>
  Object.fromEntries(
    Object.entries<AnyRows[string]>(taskOptions).map(([key, row]) => [
      key,
      changed.includes(key) ? { ...row, unprinted: true as const } : row,
    ]),
  );

/** Takes what the environment says out of what is said of filled-in values: some of it may be a secret. */
export function withoutValuesOf(
  env: unknown,
  changed: readonly string[],
  failures: readonly Failure[],
): readonly Failure[] {
  const values = Object.entries((env ?? {}) as Bag)
    .filter((entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== "")
    .sort(([, a], [, b]) => b.length - a.length);
  const without = (text: string) => values.reduce((rest, [name, value]) => rest.replaceAll(value, `\${${name}}`), text);
  return failures.map((one) => (changed.includes(one.property) ? { ...one, reason: without(one.reason) } : one));
}

export interface FilledTask {
  readonly spec: TaskSpec;
  readonly facts: Facts;
}

const engineName = /\$\{[^}]*\b(?:attr|node|meta)\b/;

/** Whether any text may name something of the engine. */
export const namesEngine = (options: Bag, meta: Bag | undefined): boolean =>
  engineName.test(JSON.stringify([options, meta ?? {}]));

/** `meta` is told to the task in its environment, and so is filled in as that is. */
function filledMeta(facts: Facts, scope: Scope): { readonly facts: Facts; readonly failures: readonly Failure[] } {
  const { values, failures } = filledValues(metaRow, { meta: facts.place.meta }, scope, atStart);
  const meta = values.meta as Facts["place"]["meta"];
  return { facts: meta ? { ...facts, place: { ...facts.place, meta } } : facts, failures };
}

/** A task for its engine, and what is wrong with it. What cannot be filled in stays as it is. */
export function filledTask(spec: TaskSpec, facts: Facts): FilledTask & { readonly failures: readonly Failure[] } {
  const { values, changed, failures: unfilled } = filledAtStart(spec, facts);
  const told = filledMeta(facts, scopeOf(spec, facts));
  if (changed.length === 0) return { spec, facts: told.facts, failures: [...unfilled, ...told.failures] };
  const { values: all, failures: wrong } = validate(unprinted(changed), values, () => false);
  const against: JudgedAgainst = {
    portLabels: Object.keys(facts.allocation.ports),
    sharesNetwork: facts.allocation.infra !== undefined,
    engine: facts.engine,
    plugin: facts.plugin,
  };
  const failures = wrong.length > 0 ? wrong : violations(taskOptions, all as TaskSpec, against);
  return {
    spec: all as TaskSpec,
    facts: told.facts,
    failures: [...unfilled, ...told.failures, ...withoutValuesOf(all.env, changed, failures)],
  };
}

/** A plugin from Pulumi's config: `pulumi config set --path longshore:gc.container false`. */
import type { Construct } from "constructs";
import { type Failure, validate } from "../provider/options/folds";
import { formOf } from "../provider/options/names";
import { isBag, keyOf } from "../provider/options/from-nomad";
import type { AnyRows } from "../provider/options/option";
import { pluginOptions } from "../provider/options/plugin";
import { fromConfig } from "./jobspec/fields";
import { withFailures } from "./jobspec/tree";
import { Plugin } from "./plugin";
import { saidIn } from "./validation";

/** One key of the config. */
export interface ConfigValue {
  /** Without `longshore:`. */
  readonly name: string;
  /** As the config holds it: a text, or JSON. */
  readonly text: string;
  /** Whether it, or a part of it, is a secret. */
  readonly isSecret: boolean;
}

/** The plugin of an app that makes none. It is the default one: what runs on it has the names it has without it. */
export class ConfiguredPlugin extends Plugin {}

const rows: AnyRows = pluginOptions;
const rowOf = (name: string) => keyOf(Object.keys(rows), name, "either").key;

/** A list or map is JSON. */
const spoken = (name: string, text: string): unknown => {
  const key = rowOf(name);
  const row = key === undefined ? undefined : rows[key];
  if (!row || formOf(row.schema).type === "string") return text;
  try {
    const parsed = JSON.parse(text) as unknown;
    return isBag(parsed) || Array.isArray(parsed) ? parsed : text;
  } catch {
    return text;
  }
};

const inConfig = ({ property, reason }: Failure, values: readonly ConfigValue[]): Failure => {
  if (!values.some(({ name }) => name === property)) return { property, reason };
  const path = property.includes(".") && rowOf(property.split(".")[0] ?? "") !== undefined;
  const hint = path ? `; for a part of an option, write pulumi config set --path longshore:${property}` : undefined;
  return { property: `longshore:${property}`, reason: hint ? `${property} is not an option${hint}` : reason };
};

/**
 * @param hide what makes a value a secret
 * @param ignoresUnknown whether keys that are no options may be somebody else's
 */
export function pluginFromConfig(
  scope: Construct,
  values: readonly ConfigValue[],
  hide: (value: unknown) => unknown,
  ignoresUnknown: boolean,
): Plugin {
  const config = Object.fromEntries(values.map(({ name, text }) => [name, spoken(name, text)]));
  const read = fromConfig(rows, config, "either");
  const secret = new Set(values.flatMap(({ name, isSecret }) => (isSecret ? [rowOf(name)] : [])));
  const hidden = Object.fromEntries(
    Object.entries(read.values).map(([key, value]) => [key, secret.has(key) ? hide(value) : value]),
  );
  // What is hidden is not looked at by the construct; here it still can be.
  const hiddenRows = Object.fromEntries(
    Object.entries(rows).flatMap(([key, row]) => (secret.has(key) ? [[key, { ...row, secret: true as const }]] : [])),
  );
  const wrong = validate(
    hiddenRows,
    Object.fromEntries(Object.entries(read.values).filter(([key]) => secret.has(key))),
    () => false,
  ).failures;
  const misspelled = read.failures.filter(({ property }) => !ignoresUnknown || !(property in config));
  const plugin = new ConfiguredPlugin(scope, "plugin of the config", hidden);
  return saidIn(
    withFailures(plugin, [...misspelled.map((failure) => inConfig(failure, values)), ...wrong]),
    "Pulumi's config",
  );
}

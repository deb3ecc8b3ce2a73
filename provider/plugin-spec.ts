import { canonicalJson } from "./canonical";
import { hasUnknown, validate } from "./options/folds";
import { type PluginSpec, pluginOptions } from "./options/plugin";

type Bag = Readonly<Record<string, unknown>>;

const specs = new Map<string, PluginSpec>();

/** Plugin options as they were written, with their defaults. Read once: every resource of an engine bears the same. */
export function pluginSpec(written: Bag): PluginSpec {
  const text = canonicalJson(written);
  const spec = specs.get(text) ?? (validate(pluginOptions, written, () => false).values as PluginSpec);
  specs.set(text, spec);
  return spec;
}

/** The operator's limits, or undefined while they are not known. Where the engine is, is none of them. */
export const tryLimits = (written: Bag, isUnknown: (value: unknown) => boolean): PluginSpec | undefined => {
  const { endpoint: _, tls: __, auth: ___, ...limits } = written;
  return hasUnknown(limits, isUnknown) ? undefined : pluginSpec(limits);
};

import { hasUnknown, validate } from "./options/folds";
import { type PluginSpec, pluginOptions } from "./options/plugin";

type Bag = Readonly<Record<string, unknown>>;

/** Plugin options as they were written, with their defaults. */
export const pluginSpec = (written: Bag): PluginSpec =>
  validate(pluginOptions, written, () => false).values as PluginSpec;

/** The operator's limits, or undefined while they are not known. Where the engine is, is none of them. */
export const tryLimits = (written: Bag, isUnknown: (value: unknown) => boolean): PluginSpec | undefined => {
  const { endpoint: _, tls: __, auth: ___, ...limits } = written;
  return hasUnknown(limits, isUnknown) ? undefined : pluginSpec(limits);
};

import { canonicalJson } from "./canonical";
import { hasUnknown, validate } from "./options/folds";
import { type PluginSpec, pluginOptions } from "./options/plugin";

type Bag = Readonly<Record<string, unknown>>;

const specs = new Map<string, PluginSpec>();

/** What is wrong has its default: it is refused where it was written, and what it limits is judged all the same. */
const specOf = (written: Bag): PluginSpec => {
  const { values, failures } = validate(pluginOptions, written, () => false);
  if (failures.length === 0) return values as PluginSpec;
  const wrong = new Set(failures.map(({ property }) => /^\w+/.exec(property)?.[0]));
  const right = Object.fromEntries(Object.entries(written).filter(([key]) => !wrong.has(key)));
  return validate(pluginOptions, right, () => false).values as PluginSpec;
};

/** Plugin options as they were written, with their defaults. Read once: every resource of an engine bears the same. */
export function pluginSpec(written: Bag): PluginSpec {
  const text = canonicalJson(written);
  const spec = specs.get(text) ?? specOf(written);
  specs.set(text, spec);
  return spec;
}

/** The operator's limits and gifts. Where the engine is, and how to get there, is none of them. */
export const limitsIn = ({ endpoint: _, tls: __, auth: ___, ...limits }: Bag): Bag => limits;

/** The operator's limits, or undefined while they are not known. */
export const tryLimits = (written: Bag, isUnknown: (value: unknown) => boolean): PluginSpec | undefined => {
  const limits = limitsIn(written);
  return hasUnknown(limits, isUnknown) ? undefined : pluginSpec(limits);
};

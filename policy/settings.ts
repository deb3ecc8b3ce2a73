/** What a pack says of its rules: the form that Pulumi's own policy config has. */
import type * as z from "zod";
import { didYouMean, validate } from "../provider/options/folds";
import type { AnyRows } from "../provider/options/option";
import type { AnyRule, Level } from "./rule";
import { type RuleName, rules } from "./rules";

/** A policy of the pack that judges nothing: it sees what is marked as a secret, which rules are not shown. */
export const marksName = "marked-secrets";

/** As Pulumi has them. What `remediate` would repair is refused: rules change nothing. */
const levels: Readonly<Record<string, Level>> = {
  advisory: "advisory",
  mandatory: "mandatory",
  remediate: "mandatory",
  disabled: "disabled",
};

type ConfigOf<N extends RuleName> = z.input<(typeof rules)[N]["config"]>;

/** Rules by name: a level, or `{ enforcementLevel, … }` with what the rule can be told. `all` is the level of the others. */
export type PolicySettings = {
  readonly [N in RuleName]?: Level | ({ readonly enforcementLevel?: Level } & ConfigOf<N>);
} & { readonly all?: Level };

/** A rule as a pack has it. */
export interface Settled {
  readonly name: RuleName;
  readonly rule: AnyRule;
  readonly level: Level;
  readonly config: Readonly<Record<string, unknown>>;
}

/** What a pack says of its rules is not right. */
export class PolicySettingsError extends Error {
  override readonly name = "PolicySettingsError";
  constructor(readonly failures: readonly string[]) {
    super(failures.join("\n"));
  }
}

type Bag = Readonly<Record<string, unknown>>;

const rowsFor = (name: string, { config }: AnyRule): AnyRows => ({
  [name]: { schema: config as z.ZodType, change: "record", examples: [{}] },
});

/** The config of a rule, defaults applied, or what is wrong with it. */
export function configOf(name: RuleName, written: Bag): { config: Bag; failures: readonly string[] } {
  const { values, failures } = validate(rowsFor(name, rules[name]), { [name]: written }, () => false);
  return { config: values[name] as Bag, failures: failures.map(({ reason }) => reason) };
}

const levelOf = (name: string, written: unknown, failures: string[]): Level | undefined => {
  if (written === undefined) return undefined;
  const level = typeof written === "string" && Object.hasOwn(levels, written) ? levels[written] : undefined;
  if (level === undefined)
    failures.push(
      `${name} has the level ${JSON.stringify(written)}, which is none; write advisory, mandatory or disabled`,
    );
  return level;
};

const partsOf = (written: unknown): { level?: unknown; config: Bag } => {
  if (typeof written !== "object" || written === null) return { level: written, config: {} };
  const { enforcementLevel: level, ...config } = written as Bag;
  return { level, config };
};

/** The rules of a pack, each with its level and config; throws with all that is wrong. */
export function settled(settings: PolicySettings = {}): readonly Settled[] {
  const given = settings as Bag;
  const known = [...Object.keys(rules), "all", marksName];
  const failures = Object.keys(given)
    .filter((key) => !known.includes(key))
    .map((key) => `${key} is not a rule${didYouMean(key, Object.keys(rules), "rules")}`);
  const usual = levelOf("all", partsOf(given.all).level, failures);
  const all = (Object.entries(rules) as [RuleName, AnyRule][]).map(([name, rule]): Settled => {
    const { level, config: written } = partsOf(given[name]);
    const { config, failures: wrong } = configOf(name, written);
    failures.push(...wrong);
    return { name, rule, config, level: levelOf(name, level, failures) ?? usual ?? rule.level };
  });
  if (failures.length > 0) throw new PolicySettingsError(failures);
  return all;
}

/** The rules over an exported state: without a login, an engine or a program. Pure. */
import { pathText } from "../provider/options/folds";
import { saidBy } from "./judge";
import { kindOf } from "../provider/type-token";
import { signature } from "../provider/wire";
import type { Level } from "./rule";
import type { RuleName } from "./rules";
import { type PolicySettings, settled } from "./settings";
import { type Bag, type Path, type Read, isNotKnown, notKnown, subjectOf } from "./subject";

/** What a rule says of a resource of a state. */
export interface PolicyViolation {
  readonly rule: RuleName;
  readonly level: Exclude<Level, "disabled">;
  readonly urn: string;
  /** `job/group[0]/task` */
  readonly resource: string;
  /** `devices[0].hostPath` */
  readonly property: string;
  /** Resource, option, value, reason and way out; no secret. */
  readonly message: string;
}

/** What is given is not a state. */
export class StateError extends Error {
  override readonly name = "StateError";
}

const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

const isBag = (value: unknown): value is Bag => typeof value === "object" && value !== null && !Array.isArray(value);

const parsed = (text: unknown): unknown => {
  try {
    return typeof text === "string" ? (JSON.parse(text) as unknown) : notKnown;
  } catch {
    return notKnown;
  }
};

/** Inputs as a state has them. An encrypted secret is not known; with `--show-secrets` it is. */
function readInputs(stored: Bag): Read {
  const secrets = new Set<string>();
  const plain = (path: Path, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((part, index) => plain([...path, index], part));
    if (!isBag(value)) return value;
    if (value[signature] === secretSignature) {
      secrets.add(pathText(path));
      const shown = parsed(value.plaintext);
      return isNotKnown(shown) ? notKnown : plain(path, shown);
    }
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain([...path, key], part)]));
  };
  return { inputs: plain([], stored) as Bag, secrets };
}

/** The resources in what `pulumi stack export` prints, or in the file in which a backend keeps them. */
function resourcesIn(state: unknown): readonly Bag[] {
  const { deployment, checkpoint } = isBag(state) ? state : {};
  const latest = deployment ?? (isBag(checkpoint) ? checkpoint.latest : undefined);
  if (!isBag(latest))
    throw new StateError('it has no deployment in it; write one with "pulumi stack export --file state.json"');
  // A stack in which nothing ever was has none.
  return Array.isArray(latest.resources) ? latest.resources.filter(isBag) : [];
}

export interface StateReport {
  readonly violations: readonly PolicyViolation[];
  /** How many resources were looked at. */
  readonly resources: number;
}

/**
 * Judges what a stack has, by its exported state: what `pulumi stack export` prints, parsed.
 * @param settings as for {@link longshorePolicies}
 */
export function checkState(state: unknown, settings: PolicySettings = {}): StateReport {
  const rules = settled(settings);
  const subjects = resourcesIn(state).flatMap(({ type, urn, inputs, delete: isGoing }) => {
    const kind = typeof type === "string" ? kindOf(type) : undefined;
    if (!kind || typeof urn !== "string" || isGoing === true) return [];
    const name = urn.split("::").slice(3).join("::");
    return [{ urn, subject: subjectOf(kind, name, readInputs(isBag(inputs) ? inputs : {})) }];
  });
  const violations = subjects.flatMap(({ urn, subject }) =>
    rules.flatMap(({ level, ...one }) =>
      level === "disabled"
        ? []
        : saidBy(one, subject).map((said) => ({ rule: one.name, level, urn, resource: subject.name, ...said })),
    ),
  );
  return { violations, resources: subjects.length };
}

import type { Construct, IConstruct } from "constructs";
import type { Scope } from "../provider/facts";
import { type Failure, validate, violations } from "../provider/options/folds";
import type { AnyRows } from "../provider/options/option";
import { isResource, strayResources } from "./given-resources";

/** A failure, and the construct that has it. */
export interface PlacedFailure extends Failure {
  /** The construct's place in the tree: `web/server/echo`. */
  readonly path: string;
}

/** The tree cannot be synthesized; all that is wrong with it. */
export class SynthesisError extends Error {
  override readonly name = "SynthesisError";
  constructor(readonly failures: readonly PlacedFailure[]) {
    super(
      `${failures.length === 1 ? "an option is" : `${failures.length} options are`} not right; nothing was changed:\n` +
        failures.map(({ path, property, reason }) => `  ${path}: ${property}: ${reason}`).join("\n"),
    );
  }
}

type Checks = () => readonly Failure[];
const checks = new WeakMap<IConstruct, Checks[]>();

/** Adds a check to a construct; constructs' own validation carries texts only, and a policy needs the parts. */
export function addFailures(construct: Construct, check: Checks): void {
  checks.set(construct, [...(checks.get(construct) ?? []), check]);
  construct.node.addValidation({ validate: () => check().map(({ property, reason }) => `${property}: ${reason}`) });
}

const sources = new WeakMap<IConstruct, string>();

/** Names the file that a construct was read from, or what else it was: its failures and warnings then name it too. */
export const saidIn = <T extends Construct>(construct: T, source: string): T => {
  sources.set(construct, source);
  return construct;
};

/** A text about a construct, with where the construct was read from. */
export const withSource = (construct: IConstruct, text: string): string => {
  const source = sources.get(construct);
  return source === undefined ? text : `${text} (in ${source})`;
};

/** All that a table has to say to a set of values. */
export const checkedBy = (
  rows: AnyRows,
  raw: Readonly<Record<string, unknown>>,
  scope: Scope,
  isUnknown: (value: unknown) => boolean,
): readonly Failure[] => {
  const isUnread = (value: unknown) => isUnknown(value) || isResource(value);
  const { values, failures } = validate(rows, raw, isUnread);
  const all = [...strayResources(rows, raw), ...failures];
  return all.length > 0 ? all : violations(rows, values as never, scope, isUnread);
};

/** Every failure in a tree. */
export const failuresOf = (root: IConstruct): readonly PlacedFailure[] =>
  root.node.findAll().flatMap((construct) =>
    (checks.get(construct) ?? []).flatMap((check) =>
      check().map(({ property, reason }) => ({
        path: construct.node.path,
        property,
        reason: withSource(construct, reason),
      })),
    ),
  );

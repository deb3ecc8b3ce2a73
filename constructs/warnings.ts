import type { Construct, IConstruct } from "constructs";
import { withSource } from "./validation";

const warnings = new WeakMap<IConstruct, string[]>();

/** Says that something of a construct has no effect, or another one than its author may think. */
export function addWarning(construct: Construct, text: string): void {
  warnings.set(construct, [...new Set([...(warnings.get(construct) ?? []), text])]);
}

/** Those of one construct, without its path. */
export const warningsAt = (construct: IConstruct): readonly string[] =>
  (warnings.get(construct) ?? []).map((text) => withSource(construct, text));

/** Every warning in a tree, each with the path of its construct. */
export const warningsOf = (root: IConstruct): readonly string[] =>
  root.node.findAll().flatMap((construct) => warningsAt(construct).map((text) => `${construct.node.path}: ${text}`));

/** A kind of resource, as its life goes. Handlers know nothing of Pulumi; values are plain. */
import type { Failure } from "../options/folds";
import { unknownText } from "../wire";

export interface CheckResult<I> {
  readonly inputs: I;
  readonly failures: readonly Failure[];
}

export interface DiffResult {
  readonly changes: boolean;
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

export interface Handler<I, O extends I> {
  /** Fills in defaults, and refuses what is wrong. Sees unknown values in a preview. */
  check(olds: Partial<I>, news: I): Promise<CheckResult<I>>;
  diff(id: string, olds: O, news: I): Promise<DiffResult>;
  create(inputs: I): Promise<{ readonly id: string; readonly outs: O }>;
  /** What is on the engine, or nothing. */
  read(id: string, props: O): Promise<{ readonly id: string; readonly props: O; readonly inputs: I } | undefined>;
  update(id: string, olds: O, news: I): Promise<{ readonly outs: O }>;
  delete(id: string, props: O): Promise<void>;
}

export const isUnknown = (value: unknown): boolean => value === unknownText;

/** A resource as the rules see it: plain values, of which some may not be known yet, and some may be secrets. */
import { taskOptions } from "../provider/options";
import { type Exposed, exposures, pathText, validate } from "../provider/options/folds";
import type { AnyRow, AnyRows } from "../provider/options/option";
import type { Kind } from "../provider/inputs";

export type Bag = Readonly<Record<string, unknown>>;
export type Path = readonly PropertyKey[];

/** Stands for what a preview does not know yet, and what an export keeps encrypted. */
export const notKnown = Symbol("not known yet");
export const isNotKnown = (value: unknown): boolean => value === notKnown;

/** What was read from Pulumi, of whatever kind. */
export interface Read {
  readonly inputs: Bag;
  /** The paths of what is marked as a secret; undefined where it cannot be told what is. */
  readonly secrets: ReadonlySet<string> | undefined;
}

/** Stands for a value that may be a secret. */
export const notShown = "a value not shown here";

export interface Subject {
  readonly kind: Kind;
  /** `job/group[0]/task` */
  readonly name: string;
  readonly inputs: Bag;
  /** The options of a task, defaults applied. */
  readonly options: Bag;
  /** What a task has of its engine's host. */
  readonly exposed: readonly Exposed[];
  /** Whether a value, or one that it is a part of, is marked; undefined where that cannot be told. */
  isSecret(path: Path): boolean | undefined;
  /** A value as a message may show it. */
  shown(option: string, value: unknown): string;
}

const rows: AnyRows = taskOptions;

const optionsIn = (inputs: Bag): Bag => {
  const given = Object.fromEntries(Object.entries(inputs).filter(([key]) => Object.hasOwn(rows, key)));
  return validate(rows, given, isNotKnown).values;
};

/** Whether a part of an option is marked; all of it may be one when that cannot be told. */
const hidesSecret = (option: string, secrets: Read["secrets"]): boolean =>
  secrets === undefined || [...secrets].some((path) => /^\w+/.exec(path)?.[0] === option);

export function subjectOf(kind: Kind, name: string, { inputs, secrets }: Read): Subject {
  const options = kind === "Task" ? optionsIn(inputs) : {};
  return {
    ...{ kind, name, inputs, options },
    exposed: exposures(rows, options, isNotKnown),
    isSecret: (path) => secrets && path.some((_, depth) => secrets.has(pathText(path.slice(0, depth + 1)))),
    shown(option, value) {
      const { secret }: Partial<AnyRow> = rows[option] ?? {};
      return secret === true || hidesSecret(option, secrets) ? notShown : JSON.stringify(value);
    },
  };
}

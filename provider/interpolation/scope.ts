/** The names that a text may use, with what they mean. */
import { didYouMean } from "../options/did-you-mean";
import { TemplateError } from "./expression";

/** Stands for a value that is known later: a dynamic port before it is allocated. */
export const notYet: unique symbol = Symbol("known later");
export type Known = string | typeof notYet;

/** Names, and what they mean; undefined for what is no name. */
export interface Names {
  readonly all: readonly string[];
  get(name: string): Known | undefined;
}

export interface Scope {
  /** The environment of the task. */
  readonly env: Names;
  /** What is known of the engine, by its whole name: `attr.cpu.arch`, `node.datacenter`, `meta.rack`. */
  readonly engine: Names;
}

/** A value is asked for that is known later. */
export class KnownLater extends Error {
  override readonly name = "KnownLater";
  constructor(readonly variable: string) {
    super(`${variable} is known later`);
  }
}

/** The beginnings of the names of an engine. */
export const engineRoots: readonly string[] = ["attr", "node", "meta"];

const meaning = (names: Names, name: string, others: readonly string[], kind: string): string => {
  const value = names.get(name);
  if (value === undefined)
    throw new TemplateError(
      `names ${name}, which is not known here${didYouMean(name, others, kind)}; write $\${ where the text is to hold \${ as it is`,
    );
  if (value === notYet) throw new KnownLater(name);
  return value;
};

/** A variable of the environment. */
export const variable = ({ env }: Scope, name: string): string => meaning(env, name, env.all, "variables");

/** A fact of the engine: `attr.cpu.arch`. */
export const engineFact = ({ engine }: Scope, name: string): string => {
  const root = name.slice(0, name.indexOf(".") + 1);
  const alike = engine.all.filter((other) => other.startsWith(root));
  return meaning(engine, name, alike.length > 0 ? alike : engine.all, "names");
};

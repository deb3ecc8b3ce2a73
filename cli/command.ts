/** What a command is: its words, its options, its work. Parsing, help and completion follow from that. */
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { didYouMean } from "../provider/options/did-you-mean";
import type { Output } from "./output";

/** What a word of the command line can be, for a shell that completes it. */
export type Completes = "file" | "task" | "signal" | "project" | "stack" | "app" | readonly string[];

export interface Option {
  /** One letter. */
  readonly short?: string;
  /** Stands for its value in the help: `FILE`. What has none is a flag. */
  readonly value?: string;
  /** It may be given more than once. */
  readonly many?: true;
  /** Begins with a verb of which the option is the subject, or names what its value is. */
  readonly help: string;
  /** What its value can be. */
  readonly completes?: Completes;
}

export type Options = Readonly<Record<string, Option>>;

/** What stands on the command line without a dash. */
export interface Argument {
  /** Stands for it in the help: `JOB.json`. */
  readonly name: string;
  /** Completes "takes …": `one job file`. */
  readonly is: string;
  /** It may be left out. */
  readonly optional?: true;
  /** There may be more of it; only the last argument is so. */
  readonly many?: true;
  readonly completes?: Completes;
}

type ValueOf<O extends Option> = O extends { readonly value: string }
  ? O extends { readonly many: true }
    ? readonly string[]
    : string | undefined
  : boolean;

/** The options as they were given; a flag that was not is false. */
export type Values<O extends Options> = { readonly [K in keyof O]: ValueOf<O[K]> };

export interface Given<O extends Options> {
  readonly values: Values<O>;
  readonly positionals: readonly string[];
  /** Somebody else's command line. */
  readonly rest: readonly string[];
}

export interface Command<O extends Options = Options> {
  /** What it does, in a line. */
  readonly summary: string;
  /** The same with all that one has to know. */
  readonly about: string;
  readonly arguments?: readonly Argument[];
  /** A command line that is not this command's, after the arguments. */
  readonly rest?: Argument;
  readonly options: O;
  /** What is to be said after the options. */
  readonly notes?: string;
  /** Does it, and tells the exit code. What it needs is best loaded here: the other commands then begin sooner. */
  run(given: Given<O>, output: Output): Promise<number>;
}

/** A command whose `run` knows the types of its options. */
export const command = <const O extends Options>(one: Command<O>): Command => one;

/** The command line is not one of the command's. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Something that a command needs is not there, or is not what it must be. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

const forNode = (options: Options): ParseArgsOptionsConfig =>
  Object.fromEntries(
    Object.entries(options).map(([name, { short, value, many }]) => [
      name,
      {
        type: value === undefined ? ("boolean" as const) : ("string" as const),
        ...(short !== undefined && { short }),
        ...(many && { multiple: true }),
      },
    ]),
  );

/** What every command has. */
export const common = { help: { short: "h", help: "tells this" } } as const satisfies Options;

function parsed(name: string, options: Options, args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: forNode(options) });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith("ERR_PARSE_ARGS")) throw error;
    const [, unknown] = /^Unknown option '(-[^' ]+)/.exec(message) ?? [];
    if (unknown === undefined) throw new UsageError(`${name}: ${message}`);
    const words = Object.keys(options).map((option) => `--${option}`);
    throw new UsageError(`${name} has no option ${unknown}${didYouMean(unknown, words)}`);
  }
}

/** The word with which somebody else's command line begins: the one after `--`, or the first that is one argument too many. */
function cut(
  options: Options,
  most: number,
  args: readonly string[],
): { readonly own: readonly string[]; readonly rest: readonly string[] } {
  const { tokens } = parseArgs({
    args: [...args],
    ...{ options: forNode(options), allowPositionals: true, strict: false, tokens: true },
  });
  const seen = tokens.filter(({ kind }) => kind !== "option");
  const border = seen.findIndex(({ kind }, index) => kind === "option-terminator" || index === most);
  const { kind, index } = seen[border] ?? { kind: "positional", index: args.length };
  return { own: args.slice(0, index), rest: args.slice(kind === "option-terminator" ? index + 1 : index) };
}

/** What a command takes besides its options, in words. */
const takes = ({ arguments: all = [], rest }: Command): string =>
  [...all, ...(rest ? [rest] : [])].map(({ is }) => is).join(" and ");

function checkCount(name: string, command: Command, { positionals, rest }: Omit<Given<Options>, "values">): void {
  const all = command.arguments ?? [];
  const [first] = positionals;
  if (all.length === 0 && first !== undefined)
    throw new UsageError(`${name} takes no arguments, and was given ${first}`);
  const least = all.filter(({ optional }) => !optional).length;
  const most = all.some(({ many }) => many) ? Infinity : all.length;
  if (positionals.length < least || positionals.length > most)
    throw new UsageError(`${name} takes ${takes(command)}, and was given ${positionals.length}`);
  if (command.rest && rest.length === 0)
    throw new UsageError(`${name} takes ${takes(command)}, and was given no ${command.rest.name.toLowerCase()}`);
}

/** What a command line says; undefined when it asks for help. */
export function given(name: string, command: Command, args: readonly string[]): Given<Options> | undefined {
  const all = { ...command.options, ...common };
  const { own, rest } = command.rest
    ? cut(all, command.arguments?.length ?? 0, args)
    : { own: args, rest: [] as readonly string[] };
  const { values, positionals } = parsed(name, all, own);
  if (values.help) return undefined;
  checkCount(name, command, { positionals, rest });
  const filled = Object.entries(command.options).map(([key, { value, many }]) => [
    key,
    values[key] ?? (value === undefined ? false : many ? [] : undefined),
  ]);
  return { values: Object.fromEntries(filled) as Values<Options>, positionals, rest };
}

/** What the word that is being written can become. */
import type { Engine } from "../provider/engine/engine";
import type { Argument, Command, Completes, Option, Options } from "./command";
import { common } from "./command";

/** A word, and what it is. */
export interface Candidate {
  readonly word: string;
  readonly about?: string;
}

/** What only an engine knows; nothing where it does not answer in time. */
export type Ask = (
  what: "task" | "project" | "stack" | "app",
  given: readonly string[],
  beginning: string,
) => Promise<readonly string[]>;

export const files = ":files";

const optionWords = (options: Options): readonly Candidate[] =>
  Object.entries(options).map(([name, { help }]) => ({ word: `--${name}`, about: help }));

/** The option that a word gives, if it still lacks its value. */
function awaiting(options: Options, word: string | undefined): Option | undefined {
  if (!word?.startsWith("-") || word.includes("=")) return undefined;
  const found = word.startsWith("--")
    ? options[word.slice(2)]
    : Object.values(options).find(({ short }) => short !== undefined && word.endsWith(short));
  return found?.value === undefined ? undefined : found;
}

/** The argument that comes after so many. */
const argumentAt = ({ arguments: all = [] }: Command, index: number): Argument | undefined =>
  all[index] ?? (all.at(-1)?.many ? all.at(-1) : undefined);

/** The arguments among words, without the options and their values. */
const positionalsIn = (options: Options, words: readonly string[]): readonly string[] =>
  words.filter((word, index) => !word.startsWith("-") && !awaiting(options, words[index - 1]));

async function candidates(
  completes: Completes | undefined,
  ask: Ask,
  given: readonly string[],
  beginning: string,
): Promise<readonly Candidate[]> {
  if (completes === undefined) return [];
  if (completes === "file") return [{ word: files }];
  if (completes === "signal") {
    const { signalNames } = await import("../run/signals.js");
    const withPrefix = signalNames.map((name) => `SIG${name}`);
    // Whoever writes "HU" means HUP.
    const all = /^(?:S|SI|SIG.*|)$/i.test(beginning) ? withPrefix : signalNames;
    return all.map((word) => ({ word }));
  }
  if (typeof completes === "string") return (await ask(completes, given, beginning)).map((word) => ({ word }));
  return completes.map((word) => ({ word }));
}

/** @param line all words after `longshore`, the last being the one that is written */
export async function complete(
  commands: Readonly<Record<string, Command>>,
  line: readonly string[],
  ask: Ask,
): Promise<readonly Candidate[]> {
  const word = line.at(-1) ?? "";
  const [name, ...given] = line.slice(0, -1);
  const beginning = (all: readonly Candidate[]) => all.filter((one) => one.word === files || one.word.startsWith(word));
  if (name === undefined)
    return beginning(Object.entries(commands).map(([word, { summary }]) => ({ word, about: summary })));
  const command = commands[name];
  if (!command) return [];
  const options = { ...command.options, ...common };
  // What comes after is another command's.
  if (given.includes("--")) return [];
  const option = awaiting(options, given.at(-1));
  if (option) return beginning(await candidates(option.completes, ask, given, word));
  if (word.startsWith("-")) return beginning(optionWords(options));
  const positionals = positionalsIn(options, given);
  const argument = argumentAt(command, positionals.length);
  if (argument) return beginning(await candidates(argument.completes, ask, given, word));
  return command.rest && word === "" ? [{ word: "--", about: command.rest.is }] : [];
}

/** Asks an engine, as far as the words before say which. */
export const asking =
  (engine: Engine): Ask =>
  async (what, given, beginning) => {
    const [{ containersOn, current }, { shortNames }] = await Promise.all([
      import("../run/containers.js"),
      import("../run/task-name.js"),
    ]);
    const all = await containersOn(engine, scopeIn(given));
    if (what !== "task") return [...new Set(all.map((one) => one[what]))].sort();
    return shortNames(
      current(all).filter(({ kind }) => kind === "task"),
      beginning,
    );
  };

const valueIn = (given: readonly string[], name: string): string | undefined => {
  const at = given.indexOf(`--${name}`);
  return (
    given.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? (at < 0 ? undefined : given[at + 1])
  );
};

const scopeIn = (given: readonly string[]) => ({
  project: valueIn(given, "project"),
  stack: valueIn(given, "stack"),
  app: valueIn(given, "app"),
});

/** The plugin options of an engine that the words name. */
export function engineIn(given: readonly string[]) {
  const endpoint = valueIn(given, "endpoint");
  const files = { ca: valueIn(given, "tls-ca"), cert: valueIn(given, "tls-cert"), key: valueIn(given, "tls-key") };
  const tls = Object.fromEntries(Object.entries(files).filter(([, path]) => path !== undefined));
  return { ...(endpoint !== undefined && { endpoint }), ...(Object.keys(tls).length > 0 && { tls }) };
}

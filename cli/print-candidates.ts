/** The hidden command `__complete`. */
import type { Command } from "./command";
import { type Ask, type Candidate, asking, complete, engineIn } from "./complete";
import { exitCodes } from "./exit-codes";
import type { Output } from "./output";

/** A shell waits no longer for names. */
const patienceMs = 1_000;

/** The engine that the words name; one that does not answer has no names. */
const ask: Ask = async (what, given, beginning) => {
  const [{ connect }, { endpointOf }] = await Promise.all([
    import("../provider/engine/engine.js"),
    import("../provider/engine/endpoint.js"),
  ]);
  const late = new Promise<readonly string[]>((resolve) => setTimeout(resolve, patienceMs, []).unref());
  try {
    const engine = connect(endpointOf(engineIn(given)));
    return await Promise.race([asking(engine)(what, given, beginning), late]);
  } catch {
    return [];
  }
};

const lineOf = ({ word, about }: Candidate): string =>
  about === undefined ? `${word}\n` : `${word}\t${about.replace(/[;,:.] .*$/, "")}\n`;

export async function printCandidates(
  commands: Readonly<Record<string, Command>>,
  words: readonly string[],
  { streams }: Output,
): Promise<number> {
  const text = (await complete(commands, words, ask)).map(lineOf).join("");
  // An engine that does not answer would keep this process.
  streams.stdout.write(text, () => process.exit(exitCodes.done));
  return exitCodes.done;
}

#!/usr/bin/env node
/** The command: `longshore COMMAND …`. */
import { FileError } from "../constructs/json-file";
import { EngineError } from "../provider/errors";
import { didYouMean } from "../provider/options/did-you-mean";
import { CommandError, UsageError, given } from "./command";
import { commands } from "./commands";
import { exitCodes } from "./exit-codes";
import { helpOf, helpOfAll } from "./help";
import type { Output } from "./output";

const output: Output = {
  print: (text) => process.stdout.write(text),
  say: (text) => process.stderr.write(text),
};

async function run([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    output.print(helpOfAll(commands));
    return exitCodes.done;
  }
  const command = commands[name];
  if (!command)
    throw new UsageError(`there is no command "${name}"${didYouMean(name, Object.keys(commands), "commands")}`);
  const asked = given(name, command, args);
  if (asked) return command.run(asked, output);
  output.print(helpOf(name, command));
  return exitCodes.done;
}

run(process.argv.slice(2))
  .catch((error: unknown) => {
    const isUsage = error instanceof UsageError;
    const isSaid = [UsageError, CommandError, FileError, EngineError].some((kind) => error instanceof kind);
    if (!isSaid || !(error instanceof Error)) throw error;
    output.say(`longshore: ${error.message}\n${isUsage ? "longshore --help says more\n" : ""}`);
    return isUsage ? exitCodes.refused : exitCodes.failed;
  })
  .then((code) => (process.exitCode = code))
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = exitCodes.failed;
  });

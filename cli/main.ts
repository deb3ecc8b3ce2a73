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
import { TaskError } from "../run/task-error";

const output: Output = {
  print: (text) => process.stdout.write(text),
  say: (text) => process.stderr.write(text),
  // Node opens each of them when it is first asked for.
  get streams() {
    return process;
  },
};

// Who reads no more wants no more: `longshore logs | head`.
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) =>
  process.exit(code === "EPIPE" ? exitCodes.done : exitCodes.failed),
);

async function run([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    output.print(helpOfAll(commands));
    return exitCodes.done;
  }
  // What the shells' scripts ask; nothing that is to be written by hand.
  if (name === "__complete") {
    const { printCandidates } = await import("./print-candidates.js");
    return printCandidates(commands, args, output);
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
    const isTask = error instanceof TaskError;
    const isSaid = [UsageError, TaskError, CommandError, FileError, EngineError].some((kind) => error instanceof kind);
    if (!isSaid || !(error instanceof Error)) throw error;
    output.say(`longshore: ${error.message}\n${isUsage ? "longshore --help says more\n" : ""}`);
    return isUsage || (isTask && error.about === "name") ? exitCodes.refused : exitCodes.failed;
  })
  .then((code) => (process.exitCode = code))
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = exitCodes.failed;
  });

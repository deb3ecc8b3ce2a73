import { UsageError, command } from "../command";
import { exitCodes } from "../exit-codes";
import { taskOptions, whereOf } from "../task-options";

function lineCount(text: string | undefined): number | undefined {
  if (text === undefined || text === "all") return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`--tail is "${text}", which is no number of lines; write 100, or all`);
}

export const logs = command({
  summary: "what tasks wrote",
  about:
    "Prints what tasks wrote, their standard output to the standard output and their errors to the standard error; of " +
    "all tasks, when none is named. Of several tasks each line begins with the name of its task.",
  arguments: [{ name: "TASK", is: "any number of tasks", optional: true, many: true, completes: "task" }],
  options: {
    follow: {
      short: "f",
      help:
        "goes on with what they write, over restarts and from a container to the one that replaces it, till each task " +
        "has ended; a task that is named by its container, with that one only",
    },
    tail: { short: "n", value: "N", help: "only the last so many lines of each; all, when it is left out" },
    since: {
      value: "TIME",
      help: "leaves out what is older: 10m (ago, by the engine's clock), 2026-12-01T10:00:00Z, or seconds since 1970",
    },
    timestamps: { short: "t", help: "begins each line with its time" },
    json: { help: 'a line for each: {"task", "container", "stream", "time", "text"}' },
    ...taskOptions,
  },
  notes:
    "What a task with a terminal (tty) wrote is printed as it is, and has no times. What a logging driver has sent " +
    "elsewhere cannot be read.",
  async run({ values, positionals: words }, output) {
    const { follow, since, timestamps, json } = values;
    const tail = lineCount(values.tail);
    const { engine, scope } = whereOf(values);
    const [{ onEngine }, { logs: printed }] = await Promise.all([import("../on-engine.js"), import("../logs.js")]);
    await onEngine(engine, (one) => printed(one, { scope, words, tail, since, follow, timestamps, json }, output));
    return exitCodes.done;
  },
});

import { command } from "../command";
import { exitCodes } from "../exit-codes";
import { taskOptions, whereOf } from "../task-options";

export const stats = command({
  summary: "what tasks use of their machine",
  about:
    "Shows processor, memory, network, disk and processes of tasks that run, of all when none is named; each second " +
    "anew, until it is interrupted.",
  arguments: [{ name: "TASK", is: "any number of tasks", optional: true, many: true, completes: "task" }],
  options: {
    "no-stream": { help: "shows it once" },
    json: {
      help:
        'a line each second: {"time", "tasks": [{"task", "container", "cpuPercent", "memoryBytes", ' +
        '"memoryLimitBytes", "network", "blocks", "pids"}]}',
    },
    ...taskOptions,
  },
  notes:
    "CPU is of one core: 150 % is one and a half. MEMORY is without the files that the system keeps in memory as long " +
    "as nobody needs it. Tasks that share a network have its numbers each; one in the " +
    "host's network has none.",
  async run({ values, positionals: words }, output) {
    const { "no-stream": once, json } = values;
    const { engine, scope } = whereOf(values);
    const [{ onEngine }, { stats: shown }] = await Promise.all([import("../on-engine.js"), import("../stats.js")]);
    await onEngine(engine, (one) => shown(one, { scope, words, once, json }, output));
    return exitCodes.done;
  },
});

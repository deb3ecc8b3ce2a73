import { command } from "../command";
import { exitCodes } from "../exit-codes";
import { taskOptions, whereOf } from "../task-options";

export const signal = command({
  summary: "sends a task a signal",
  about: "Sends the program of a task a signal, by its name or number: SIGHUP, HUP, 1.",
  arguments: [
    { name: "TASK", is: "a task", completes: "task" },
    { name: "SIGNAL", is: "a signal", completes: "signal" },
  ],
  options: { json: { help: '{"task", "signal", "container"}' }, ...taskOptions },
  async run({ values, positionals: [task = "", name = ""] }, { print, say }) {
    const { engine, scope } = whereOf(values);
    const [{ onEngine }, { signal: send }] = await Promise.all([
      import("../on-engine.js"),
      import("../../run/signal.js"),
    ]);
    const sent = await onEngine(engine, (one) => send(one, task, name, scope));
    if (values.json) print(`${JSON.stringify(sent)}\n`);
    else say(`sent ${sent.signal} to ${sent.task}\n`);
    return exitCodes.done;
  },
});

import { command } from "../command";
import { exitCodes } from "../exit-codes";
import { taskOptions, whereOf } from "../task-options";

export const ps = command({
  summary: "the tasks that run on an engine",
  about:
    "Tells of each task that runs: its image, its state with its health, where its ports answer, how long it runs, and " +
    "its container. The other commands take the name in the first column, or any end of it that means one task.",
  options: {
    all: {
      short: "a",
      help: "tells also of containers that do not run, and of those that hold the network of an allocation",
    },
    json: { help: '[{"project", "stack", "app", "name", "kind", "container", "image", "state", "ports": {}, …}]' },
    ...taskOptions,
  },
  async run({ values }, output) {
    const { all, json } = values;
    const { engine, scope } = whereOf(values);
    const [{ onEngine }, { ps: told }] = await Promise.all([import("../on-engine.js"), import("../ps.js")]);
    await onEngine(engine, (one) => told(one, { scope, all, json }, output));
    return exitCodes.done;
  },
});

import { UsageError, command } from "../command";
import { engineOf, engineOptions } from "../engine-options";
import { exitCodes } from "../exit-codes";

export const gc = command({
  summary: "removes images that longshore's tasks use no more",
  about:
    "Looks through the images that longshore's tasks used on an engine, tells of each what becomes of it and why, and " +
    "removes those that nobody has used for as long as their plugin option gc.image_delay says. What any container " +
    "uses, of whatever owner, what bears a name that is not a task's, and what no registry or archive can give back, " +
    "stays.",
  options: {
    "dry-run": { help: "removes nothing" },
    wait: { help: "goes on until nothing waits to be removed" },
    watch: { help: "goes on until it is interrupted" },
    json: {
      help:
        '{"images": [{image, names, size, action, because, until}]}; with --wait or --watch a line a change. The ' +
        "actions are removed, remove (it would be), wait, keep, and forget: it is gone, or stays for good",
    },
    ...engineOptions,
  },
  async run({ values }, output) {
    const { "dry-run": dryRun, wait, watch, json } = values;
    if (wait && watch) throw new UsageError("gc takes --wait or --watch, and was given both");
    const engine = engineOf(values);
    const { gc: collected } = await import("../gc.js");
    await collected({ engine, dryRun, wait, watch, json }, output);
    return exitCodes.done;
  },
});

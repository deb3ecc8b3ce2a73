import { readJson } from "../../constructs/json-file";
import { command } from "../command";
import { exitCodes } from "../exit-codes";

export const render = command({
  summary: "what would be asked of the engine, without one",
  about:
    "Prints, without an engine, the body of the create request and the environment of every task of a job in Nomad's " +
    'JSON form, {"tasks": […]}; or all that is wrong with it, {"failures": […]}, with exit code 2.',
  arguments: [{ name: "JOB.json", is: "one job file", completes: "file" }],
  options: {
    plugin: {
      value: "PLUGIN.json",
      help: 'the options of the plugin "docker", in their own key names',
      completes: "file",
    },
    attributes: {
      value: "ATTRS.json",
      help:
        `stands in for the fingerprint of the engine's machine: {"cpu.totalcompute": 5192, …}; what it leaves out is ` +
        "this machine's own",
      completes: "file",
    },
  },
  notes: "Ids, dynamic ports and directories of allocations are stand-ins, the same at every run.",
  async run({ values, positionals }, { print, say }) {
    const [jobspec, plugin, attributes] = [positionals[0], values.plugin, values.attributes].map((path) =>
      path === undefined ? undefined : readJson(path),
    );
    const [{ machineOf }, { render: rendered }] = await Promise.all([
      import("../attributes.js"),
      import("../render.js"),
    ]);
    const { result, warnings } = rendered(jobspec, plugin, machineOf(attributes));
    for (const warning of warnings) say(`warning: ${warning}\n`);
    print(`${JSON.stringify(result, undefined, 2)}\n`);
    return "failures" in result ? exitCodes.refused : exitCodes.done;
  },
});

import { readJson } from "../../constructs/json-file";
import { UsageError, command } from "../command";
import { engineOf, engineOptions } from "../engine-options";
import { exitCodes } from "../exit-codes";

export const info = command({
  summary: "what is known of an engine and its machine",
  about:
    "Asks an engine what it is, and prints it by the names that texts (${attr.cpu.arch}) and constraints of a task have for it.",
  options: {
    plugin: {
      value: "PLUGIN.json",
      help: 'the options of the plugin "docker", in their own key names: its endpoint, and what its operator allows',
      completes: "file",
    },
    json: { help: '{"attr.cpu.arch": "amd64", …}' },
    ...engineOptions,
  },
  async run({ values }, { print }) {
    const { plugin, json } = values;
    if (plugin !== undefined && values.endpoint !== undefined)
      throw new UsageError("info takes --plugin or --endpoint, and was given both");
    const { infoOf } = await import("../info.js");
    print(
      await infoOf({ engine: engineOf(values), plugin: plugin === undefined ? undefined : readJson(plugin), json }),
    );
    return exitCodes.done;
  },
});

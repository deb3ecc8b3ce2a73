/** `longshore info`: what is known of an engine. */
import { RootConstruct } from "constructs";
import { FileError } from "../constructs/json-file";
import { pluginFromJson } from "../constructs/plugin-from-json";
import { failuresOf } from "../constructs/validation";
import { attributesOf } from "../provider/attributes";
import { connectionOf } from "../provider/connection";
import type { Written } from "../provider/engine/endpoint";
import { pluginSpec } from "../provider/plugin-spec";
import { table } from "./table";

interface InfoOptions {
  /** The engine of the command line. */
  readonly engine: Written;
  /** What a plugin file holds, which has an engine of its own. */
  readonly plugin: unknown;
  readonly json: boolean;
}

const optionsIn = (file: unknown): Readonly<Record<string, unknown>> => {
  const plugin = pluginFromJson(new RootConstruct(), "plugin", file);
  const [failure] = failuresOf(plugin);
  if (failure) throw new FileError(`the plugin file is not right: ${failure.reason}`);
  return { ...plugin.options };
};

/** What to print. */
export async function infoOf({ engine, plugin, json }: InfoOptions): Promise<string> {
  const options = plugin === undefined ? { ...engine } : optionsIn(plugin);
  const attributes = await attributesOf(connectionOf(options), pluginSpec(options));
  return json ? `${JSON.stringify(attributes, undefined, 2)}\n` : table(["NAME", "VALUE"], Object.entries(attributes));
}

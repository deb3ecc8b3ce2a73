import type { Construct } from "constructs";
import { asBlock, isBag } from "../provider/options/from-nomad";
import { pluginOptions } from "../provider/options/plugin";
import { fromConfig } from "./jobspec/fields";
import { withFailures } from "./jobspec/tree";
import { Plugin } from "./plugin";

const wrappers = ["plugin", "docker", "config"];

/** The map inside `{"plugin": [{"docker": [{"config": [{…}]}]}]}`, or inside any part of it. */
const configOf = (json: unknown): unknown => {
  const block = asBlock(json);
  const [key, ...others] = isBag(block) ? Object.keys(block) : [];
  return isBag(block) && key !== undefined && others.length === 0 && wrappers.includes(key)
    ? configOf(block[key])
    : block;
};

/**
 * A plugin from the options of Nomad's `plugin "docker"` stanza, as JSON in their own key names.
 *
 * @example
 * pluginFromJson(app, "engine", { gc: { image_delay: "10m" }, endpoint: "unix:///var/run/docker.sock" });
 */
export function pluginFromJson(scope: Construct, id: string, json: unknown): Plugin {
  const config = configOf(json);
  const { values, failures } = fromConfig(pluginOptions, isBag(config) ? config : {});
  return withFailures(new Plugin(scope, id, values), [
    ...failures,
    ...(isBag(config)
      ? []
      : [{ property: "config", reason: 'config is not a map of the plugin\'s options; write {"option": value}' }]),
  ]);
}

/** A plugin from a file of the operator's: the plugin's stanza, the agent's file around it, or old client options. */
import type { Construct } from "constructs";
import type { Failure } from "../provider/options/folds";
import { asBlock, isBag } from "../provider/options/from-nomad";
import { fromLegacy, legacyPrefix } from "../provider/options/legacy";
import { pluginOptions } from "../provider/options/plugin";
import { FileError, readJson } from "./json-file";
import { fromConfig } from "./jobspec/fields";
import { withFailures } from "./jobspec/tree";
import { Plugin } from "./plugin";
import { saidIn } from "./validation";
import { addWarning } from "./warnings";

type Bag = Readonly<Record<string, unknown>>;

/** What a file holds for the plugin. */
interface Found {
  /** The plugin's own options. */
  readonly config?: unknown;
  /** Nomad's client options. */
  readonly client?: Bag;
  readonly failures?: readonly Failure[];
  readonly warnings?: readonly string[];
}

const bagOf = (value: unknown): Bag => {
  const block = asBlock(value);
  return isBag(block) ? block : {};
};
const only = (bag: Bag, test: (name: string) => boolean): Bag | undefined => {
  const entries = Object.entries(bag).filter(([name]) => test(name));
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
};
const isLegacy = (name: string) => name.startsWith(legacyPrefix);

/** What is inside `{"docker": [{"config": [{…}]}]}`, or inside any part of it. */
const configOf = (json: unknown): unknown => {
  const block = asBlock(json);
  const [key, ...others] = isBag(block) ? Object.keys(block) : [];
  const isWrapper = key === "config" || key === "docker";
  return isBag(block) && isWrapper && others.length === 0 ? configOf(block[key]) : block;
};

function inAgentFile({ plugin, client, ...others }: Bag): Found {
  const docker = bagOf(plugin).docker;
  const options = only(bagOf(bagOf(client).options), isLegacy);
  const stanza = docker === undefined ? undefined : bagOf(docker);
  const names = Object.keys(others);
  return {
    ...(stanza && { config: stanza.config ?? {} }),
    ...(options && { client: options }),
    failures:
      stanza || options
        ? []
        : [
            {
              property: "plugin",
              reason: 'plugin has no "docker"; write {"plugin": {"docker": {"config": {"option": value}}}}',
            },
          ],
    warnings:
      names.length > 0
        ? [`${names.join(", ")} beside the plugin ${names.length > 1 ? "have" : "has"} no effect here`]
        : [],
  };
}

function find(json: unknown): Found {
  const block = asBlock(json);
  // By which an editor knows the file.
  if (isBag(block) && "$schema" in block) return find(only(block, (name) => name !== "$schema") ?? {});
  if (isBag(block) && ("plugin" in block || "client" in block)) return inAgentFile(block);
  const config = configOf(block);
  if (!isBag(config)) return { config };
  const [client, own] = [only(config, isLegacy), only(config, (name) => !isLegacy(name))];
  return { ...((own || !client) && { config: own ?? {} }), ...(client && { client }) };
}

/**
 * A plugin from what an operator has for Nomad's docker driver, as JSON in its own key names: the options of the
 * stanza `plugin "docker"`, the stanza itself, an agent's file with it, or, deprecated, the client options `docker.*`,
 * which count only without the stanza.
 *
 * @example
 * pluginFromJson(app, "engine", { gc: { image_delay: "10m" }, endpoint: "unix:///var/run/docker.sock" });
 */
export function pluginFromJson(scope: Construct, id: string, json: unknown): Plugin {
  const { config, client, failures: misplaced = [], warnings = [] } = find(json);
  const hasConfig = config !== undefined || !client;
  const map = asBlock(config ?? {});
  const isMap = isBag(map);
  const read = hasConfig
    ? { ...fromConfig(pluginOptions, isMap ? map : {}), warnings: [] }
    : fromLegacy(pluginOptions, client);
  const ignored = hasConfig
    ? Object.keys(client ?? {}).map(
        (name) => `${name} has no effect: the plugin's own options are given, and count alone`,
      )
    : [];
  const plugin = withFailures(new Plugin(scope, id, read.values), [
    ...misplaced,
    ...read.failures,
    ...(isMap
      ? []
      : [{ property: "config", reason: 'config is not a map of the plugin\'s options; write {"option": value}' }]),
  ]);
  for (const warning of [...warnings, ...read.warnings, ...ignored]) addWarning(plugin, warning);
  return plugin;
}

/**
 * The same from a file of JSON; what is wrong with it is told at synthesis, with the file's name.
 *
 * @example
 * pluginFromFile(app, "engine", "docker-plugin.json");
 */
export function pluginFromFile(scope: Construct, id: string, path: string): Plugin {
  try {
    return saidIn(pluginFromJson(scope, id, readJson(path)), path);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return withFailures(new Plugin(scope, id), [{ property: "file", reason: error.message }]);
  }
}

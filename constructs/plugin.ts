import { Construct } from "constructs";
import { type PluginOptions, pluginOptions } from "../provider/options/plugin";
import { isPending } from "./pending";
import { addFailures, checkedBy } from "./validation";

/**
 * One Docker engine, and its operator's limits. A program without one uses the engine that `DOCKER_HOST`, the docker
 * command's context or the platform's default socket gives.
 *
 * @example
 * const engine = new Plugin(app, "build-host", { endpoint: "tcp://10.0.0.5:2375" });
 * new Job(app, "web", { plugin: engine });
 */
export class Plugin extends Construct {
  constructor(
    scope: Construct,
    id: string,
    readonly options: PluginOptions = {},
  ) {
    super(scope, id);
    addFailures(this, () => checkedBy(pluginOptions, options as Record<string, unknown>, {}, isPending));
  }
}

import type { Output } from "@pulumi/pulumi";
import { Construct } from "constructs";
import type { Attributes } from "../provider/attributes";
import { notices } from "../provider/options/folds";
import { type PluginOptions, pluginOptions } from "../provider/options/plugin";
import { engineAttributes } from "./engine-attributes";
import { withNames } from "./given-resources";
import { isPending } from "./pending";
import { withCertificates } from "./pulumi-docker";
import { addFailures, checkedBy } from "./validation";
import { addWarning } from "./warnings";

/**
 * One Docker engine, and its operator's limits. A program without one uses the engine that `DOCKER_HOST`, the docker
 * command's context or the platform's default socket gives. As its endpoint it also takes a `docker.Provider`.
 *
 * @example
 * const engine = new Plugin(app, "build-host", { endpoint: "ssh://deploy@10.0.0.5" });
 * new Job(app, "web", { plugin: engine });
 */
export class Plugin extends Construct {
  readonly options: PluginOptions;
  private asked: Output<Attributes> | undefined;

  constructor(scope: Construct, id: string, written: PluginOptions = {}) {
    super(scope, id);
    const options = withNames(pluginOptions, withCertificates(written));
    this.options = options;
    addFailures(this, () => checkedBy(pluginOptions, options, {}, isPending));
    for (const warning of notices(pluginOptions, { ...options }, isPending)) addWarning(this, warning);
  }

  /**
   * What is known of the engine and its machine, by the names that texts and constraints have for it:
   * `attr.cpu.arch`, `attr.driver.docker.version`, `node.unique.name`, `meta.<label of the engine>`. The engine is asked
   * once, in previews too; one that cannot be reached there leaves them unknown.
   *
   * @example
   * const arch = engine.attributes.apply((all) => all["attr.cpu.arch"]);
   */
  get attributes(): Output<Attributes> {
    return (this.asked ??= engineAttributes({ ...this.options }));
  }
}

import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { log, secret } from "@pulumi/pulumi";
import { RootConstruct } from "constructs";
import type { Attributes } from "../provider/attributes";
import { configValues, isShared } from "./config";
import { deploy } from "./deploy";
import { engineAttributes } from "./engine-attributes";
import { type Manifest, toManifest } from "./manifest";
import { findAll } from "./placement";
import { Plugin } from "./plugin";
import { pluginFromConfig } from "./plugin-from-config";
import { Task } from "./task";
import { addWarning, warningsOf } from "./warnings";

/**
 * The root of a tree of jobs. Constructs have no effect until `synth()` turns the tree into resources.
 *
 * @example
 * const app = new App("shop");
 * const group = new TaskGroup(new Job(app, "web"), "server", { network: { ports: { http: { to: 8080 } } } });
 * const echo = new Task(group, "echo", { image: "hashicorp/http-echo:1.0", ports: ["http"] });
 * app.synth();
 * export const url = pulumi.interpolate`http://${echo.address("http")}`;
 */
export class App extends RootConstruct {
  private synthesized = false;
  private configured: Plugin | undefined;
  private asked: Output<Attributes> | undefined;

  constructor(
    readonly name: string,
    private readonly resourceOptions?: ComponentResourceOptions,
  ) {
    super();
    process.once("beforeExit", () => {
      if (this.synthesized || this.node.children.length === 0) return;
      process.exitCode = 1;
      console.error(`the app "${name}" was never synthesized, so nothing of it runs; end the program with app.synth()`);
    });
  }

  /**
   * The tree as plain data. Nothing is registered.
   * @throws SynthesisError with every failure of the tree, each with its path.
   */
  manifest(): Manifest {
    this.configure();
    return toManifest(this);
  }

  /**
   * What is known of the engine of this app: of its only plugin, of the one in Pulumi's config, or of this machine's.
   * @see {@link Plugin.attributes}, which an app with several plugins has to use
   */
  get attributes(): Output<Attributes> {
    this.configure();
    const plugins = findAll(this, Plugin);
    const [plugin] = plugins;
    if (plugins.length > 1)
      throw new Error(
        `the app "${this.name}" has ${plugins.length} plugins; ask the one that is meant for its attributes`,
      );
    return plugin ? plugin.attributes : (this.asked ??= engineAttributes({}));
  }

  /** An app without a plugin has the one of Pulumi's config, if there is one. */
  private configure(): void {
    if (this.node.locked) return;
    const values = configValues();
    if (this.configured) this.node.tryRemoveChild(this.configured.node.id);
    this.configured = undefined;
    const [own] = findAll(this, Plugin);
    if (values.length === 0) return;
    if (!own) this.configured = pluginFromConfig(this, values, secret, isShared());
    else if (!isShared())
      addWarning(
        own,
        `${values.map(({ name }) => `longshore:${name}`).join(", ")} in Pulumi's config has no effect: the program has a Plugin of its own`,
      );
  }

  /**
   * Validates the tree and registers its resources with Pulumi. Once for each app, after the last construct.
   * @throws SynthesisError with every failure of the tree, each with its path; nothing is registered then.
   */
  synth(): void {
    if (this.synthesized)
      throw new Error(`the app "${this.name}" was synthesized before; call synth() once, at the end`);
    this.synthesized = true;
    const manifest = this.manifest();
    this.node.lock();
    for (const warning of warningsOf(this)) void log.warn(warning);
    const deployed = deploy(this.name, manifest, this.resourceOptions);
    for (const construct of this.node.findAll())
      if (construct instanceof Task) construct.resolveWith(deployed.get(construct.node.path) ?? []);
  }
}

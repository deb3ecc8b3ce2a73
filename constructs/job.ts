import { Construct } from "constructs";
import { type JobOptions, type JobSpec, type UpdateSpec, jobOptions } from "../provider/options/job";
import { validate } from "../provider/options/folds";
import { checkName } from "./names";
import type { Plugin } from "./plugin";
import { addFailures, checkedBy } from "./validation";

const known = () => false;

/** Props of a {@link Job}. */
export interface JobProps extends JobOptions {
  /** The engine to run on. @default the app's only plugin, or the engine of this machine */
  readonly plugin?: Plugin | undefined;
}

/**
 * A set of task groups that belong together. Its id is Nomad's job id.
 *
 * @example
 * const job = new Job(app, "shop", { type: "service", meta: { owner: "web" } });
 */
export class Job extends Construct {
  readonly plugin: Plugin | undefined;
  /**
   * As they were written.
   * @internal
   */
  readonly options: JobOptions;

  constructor(scope: Construct, id: string, props: JobProps = {}) {
    super(scope, id);
    checkName(this, "job", id);
    const { plugin, ...options } = props;
    this.plugin = plugin;
    this.options = options;
    addFailures(this, () => checkedBy(jobOptions, { ...options }, {}, known));
  }

  /** How its containers are replaced; undefined when it does not say, and when that is not valid. */
  get update(): UpdateSpec | undefined {
    return jobOptions.update.schema.safeParse(this.options.update).data;
  }

  /** The options with their defaults. */
  get spec(): JobSpec {
    return validate(jobOptions, { ...this.options }, known).values as JobSpec;
  }
}

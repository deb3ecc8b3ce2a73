import { Construct } from "constructs";
import { type GroupOptions, type GroupSpec, groupOptions } from "../provider/options/job";
import { validate } from "../provider/options/folds";
import { checkName } from "./names";
import type { Plugin } from "./plugin";
import { addFailures, checkedBy } from "./validation";

const known = () => false;

/** Props of a {@link TaskGroup}. */
export interface TaskGroupProps extends GroupOptions {
  /** The engine to run on. @default the job's */
  readonly plugin?: Plugin | undefined;
}

/**
 * Tasks that run together on one engine. Each of its `count` allocations has directories and ports of its own, and is
 * replaced as a whole.
 *
 * @example
 * const group = new TaskGroup(job, "server", { count: 2, network: { ports: { http: { to: 8080 } } } });
 */
export class TaskGroup extends Construct {
  readonly plugin: Plugin | undefined;
  private readonly options: GroupOptions;

  constructor(scope: Construct, id: string, props: TaskGroupProps = {}) {
    super(scope, id);
    checkName(this, "group", id);
    const { plugin, ...options } = props;
    this.plugin = plugin;
    this.options = options;
    addFailures(this, () => checkedBy(groupOptions, { ...options }, {}, known));
  }

  /** The options with their defaults. */
  get spec(): GroupSpec {
    return validate(groupOptions, { ...this.options }, known).values as GroupSpec;
  }
}

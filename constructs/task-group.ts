import { Construct } from "constructs";
import {
  type GroupOptions,
  type GroupSpec,
  type NetworkSpec,
  type UpdateSpec,
  groupOptions,
} from "../provider/options/job";
import { notices, validate } from "../provider/options/folds";
import { settledNetwork } from "../provider/options/group-network";
import { updateOf } from "../provider/options/update";
import { checkName } from "./names";
import { tryFindJob } from "./placement";
import type { Plugin } from "./plugin";
import { addFailures, checkedBy } from "./validation";
import { addWarning } from "./warnings";

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
  /**
   * As they were written.
   * @internal
   */
  readonly options: GroupOptions;

  constructor(scope: Construct, id: string, props: TaskGroupProps = {}) {
    super(scope, id);
    checkName(this, "group", id);
    const { plugin, ...options } = props;
    this.plugin = plugin;
    this.options = options;
    for (const warning of notices(groupOptions, { ...options }, known)) addWarning(this, warning);
    addFailures(this, () => checkedBy(groupOptions, { ...options }, {}, known));
  }

  /** The options with their defaults. */
  get spec(): GroupSpec {
    const { network } = this;
    const { values } = validate(groupOptions, { ...this.options }, known);
    return { ...(values as GroupSpec), ...(network && { network }) };
  }

  /** How its containers are replaced: what it says itself, and what its job says. Empty when either is not valid. */
  get update(): UpdateSpec {
    const { data: own } = groupOptions.update.schema.safeParse(this.options.update);
    return updateOf(tryFindJob(this)?.update, own);
  }

  /** The network with its defaults. Undefined when there is none, and when it is not valid. */
  get network(): NetworkSpec | undefined {
    return settledNetwork(groupOptions.network.schema.safeParse(this.options.network).data);
  }
}

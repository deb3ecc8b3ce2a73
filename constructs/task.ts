import { all, deferredOutput, output, type Output } from "@pulumi/pulumi";
import { Construct } from "constructs";
import { type AddressMode, type NetworkAddresses, type Reached, addressOf } from "../provider/addresses";
import type { Scope } from "../provider/facts";
import { type UpdateSpec, metaSchema } from "../provider/options/job";
import { type TaskOptions, taskOptions } from "../provider/options";
import { fileKind } from "../provider/archive";
import { type Surroundings, portsBefore } from "../provider/environment";
import { type Failure, type Filled, notices } from "../provider/options/folds";
import { dnsBesideGroup, sharesNetwork, withGroupNetwork } from "../provider/options/group-network";
import { waitWith } from "../provider/options/update";
import type { PluginSpec } from "../provider/options/plugin";
import { tryLimits } from "../provider/plugin-spec";
import type { TaskResource } from "../provider/resources";
import { filledForNow, isUnread } from "./filled-early";
import { withNames } from "./given-resources";
import { checkName } from "./names";
import { isPending } from "./pending";
import { taskPlaceOf, tryFindJob, tryFindPlugin } from "./placement";
import type { TaskGroup } from "./task-group";
import { addFailures, checkedBy } from "./validation";
import { addWarning } from "./warnings";

/** Props of a {@link Task}. */
export interface TaskProps extends TaskOptions {
  /** As the group's `meta`, for this task. */
  readonly meta?: Readonly<Record<string, string>> | undefined;
}

/** Which address of a task is meant. */
export interface AddressOptions {
  /** The allocation. @default 0 */
  readonly index?: number | undefined;
  /**
   * `host`: the one on the engine's host. `driver`: the one in the container's network, with the port inside, for who is in
   * that network. `auto`: as Nomad advertises it, the latter in a network that somebody made or with
   * `advertiseIpv6Address`, else the former.
   * @default "host"
   */
  readonly mode?: AddressMode | undefined;
}

/** A task's options with what its `wait` has from its group. */
const withUpdate = ({ wait, ...rest }: TaskOptions, update: UpdateSpec): TaskOptions => {
  const whole = isPending(wait) ? output(wait).apply((known) => waitWith(update, known)) : waitWith(update, wait);
  return { ...rest, ...(whole !== undefined && { wait: whole }) };
};

/** Options of a job or group may be of any form; what is wrong with them is theirs to say. */
const unlessWrong = <T>(ask: () => T): T | undefined => {
  try {
    return ask();
  } catch {
    return undefined;
  }
};

const scopeOf = (group: TaskGroup): Pick<Scope, "portLabels" | "allocations" | "sharesNetwork"> =>
  unlessWrong(() => {
    const { network, count } = group.spec;
    return {
      portLabels: Object.keys(network?.ports ?? {}),
      allocations: count,
      sharesNetwork: sharesNetwork(network),
    };
  }) ?? {};

const limitsOf = (group: TaskGroup): PluginSpec | undefined => {
  const plugin = tryFindPlugin(group);
  return tryLimits(plugin ? { ...plugin.options } : {}, isPending);
};

/**
 * One container in each allocation of its group. Its name on the engine is `{task}-{allocation id}`.
 *
 * @example
 * new Task(group, "echo", { image: "hashicorp/http-echo:1.0", args: ["-text=hello"], ports: ["http"] });
 */
export class Task extends Construct {
  readonly options: TaskOptions;
  /**
   * Without what they have from the group.
   * @internal
   */
  readonly ownOptions: TaskOptions;
  readonly meta: Readonly<Record<string, string>> | undefined;
  private readonly ids = deferredOutput<string[]>();
  private readonly reached = deferredOutput<Reached[]>();

  constructor(
    readonly group: TaskGroup,
    id: string,
    props: TaskProps,
  ) {
    super(group, id);
    checkName(this, "task", id);
    const { meta, ...written } = props;
    const own = withNames(taskOptions, written);
    const options = withUpdate(withGroupNetwork(own, group.network), group.update);
    this.options = options;
    this.ownOptions = own;
    this.meta = meta;
    for (const warning of notices(taskOptions, { ...options }, isPending)) addWarning(this, warning);
    addFailures(this, () => [
      ...this.failures({ ...scopeOf(group), fileKind, plugin: limitsOf(group) }),
      ...dnsBesideGroup(own, group.network),
      ...(metaSchema.optional().safeParse(meta).success
        ? []
        : [{ property: "meta", reason: 'meta is not a map of texts; write { key: "value" }' }]),
    ]);
  }

  /** What the options get wrong, their texts filled in as far as it is known what they name. */
  private failures(scope: Scope): readonly Failure[] {
    const { values, failures } = this.filled();
    return [...failures, ...checkedBy(taskOptions, values, scope, isUnread)];
  }

  /**
   * The options, their texts filled in as far as it is known what they name.
   * @internal
   */
  filled(): Omit<Filled, "changed"> {
    const surroundings = unlessWrong(() => this.surroundings(0));
    const options = { ...this.options };
    return surroundings ? filledForNow(options, surroundings) : { values: options, failures: [] };
  }

  /**
   * What the texts of the options may name, as far as it is known before there is an allocation.
   * @internal
   */
  surroundings(index: number): Surroundings {
    const job = tryFindJob(this.group);
    if (!job) throw new Error(`${this.node.path} is in no Job`);
    return {
      place: taskPlaceOf(job, this.group, index, this.node.id, this.meta),
      allocation: { ports: portsBefore(this.group.spec.network, limitsOf(this.group)?.hostAddress) },
    };
  }

  /**
   * Where a port answers, `address:port`, in one of the allocations: as it is published on the engine's host, or in the
   * container's network. Known after the task has started.
   *
   * @param label of the group network's ports
   * @param which the allocation, or with `mode` which address is meant
   * @example
   * interpolate`http://${web.address("http")}`;
   * db.address("sql", { mode: "driver" }); // for a task in the same network
   */
  address(label: string, which: number | AddressOptions = {}): Output<string> {
    const { index = 0, mode = "host" } = typeof which === "number" ? { index: which } : which;
    return this.reached[0].apply((all) => {
      const reached = this.at(all, index);
      const address = addressOf(mode, label, reached);
      if (address !== undefined) return address;
      throw new RangeError(
        mode === "host" || reached.hostPorts?.[label] === undefined
          ? `${this.node.path} publishes no port "${label}"; name it in its ports, and in the group's network`
          : this.withoutAddress,
      );
    });
  }

  /**
   * The address of the container in its network, in one of the allocations: the IPv6 one with `advertiseIpv6Address`.
   * Known after the task has started. It may change when the engine starts the container again.
   */
  ip(index = 0): Output<string> {
    return this.reached[0].apply((all) => {
      const { ip } = this.at(all, index);
      if (ip !== undefined) return ip;
      throw new RangeError(this.withoutAddress);
    });
  }

  /**
   * The container's addresses by the name of the network, in one of the allocations: `{ backend: { ipv4: "10.0.0.7" } }`.
   * Of a network that the tasks of the group share, that one's. Empty where it has none. As {@link ip}.
   */
  networks(index = 0): Output<NetworkAddresses> {
    return this.reached[0].apply((all) => this.at(all, index).networks ?? {});
  }

  private at(all: readonly Reached[], index: number): Reached {
    const reached = all[index];
    if (reached) return reached;
    throw new RangeError(`${this.node.path} has no allocation ${index}; the count of its group is ${all.length}`);
  }

  private get withoutAddress(): string {
    return (
      `${this.node.path} has no address of its own: its network gives it none, or it does not run; ` +
      `"pulumi refresh" looks again`
    );
  }

  /** The ids of the task's containers, in the order of the allocations. Known after the tasks have started. */
  get containerIds(): Output<string[]> {
    return this.ids[0];
  }

  /** @internal */
  resolveWith(resources: readonly TaskResource[]): void {
    this.ids[1](all(resources.map(({ id }) => id)));
    const reached = ({ addresses, hostPorts, portMap, ip, networks, advertiseIpv6Address }: TaskResource) => ({
      addresses,
      hostPorts,
      portMap,
      ip,
      networks,
      advertiseIpv6Address,
    });
    this.reached[1](output(resources.map(reached)));
  }
}

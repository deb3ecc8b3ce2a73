/** What a stack's state says of what it has on engines. */

/** How a task's container is told to end. */
export interface Stopping {
  readonly killSignal: string | undefined;
  readonly killTimeout: string;
}

/** A container that Pulumi will leave alone when its resource goes. */
export interface Retained {
  readonly id: string;
  readonly key: string;
  readonly token: string;
  readonly origin: string | undefined;
}

export interface StateView {
  /** `project/stack` */
  readonly stack: string;
  /** Ids of containers, tasks' and infra. */
  readonly containers: ReadonlySet<string>;
  /** Ids of allocations. */
  readonly allocations: ReadonlySet<string>;
  /** Of the runs that made its resources. */
  readonly origins: ReadonlySet<string>;
  /** Keys of what a run was at, when the state was written. */
  readonly pending: ReadonlySet<string>;
  /** How tasks end, by key. */
  readonly stopping: ReadonlyMap<string, Stopping>;
  readonly retained: readonly Retained[];
}

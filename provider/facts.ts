/** What a task's options meet: the allocation, the engine, and the operator's limits. Plain data. */
import type { PluginSpec } from "./options/plugin";

/** A port of an allocation, as it was allocated. */
export interface AllocatedPort {
  /** The address on the engine's host that the port is published on. */
  readonly hostIp: string;
  /** The port on the host. */
  readonly value: number;
  /** The port inside the container. */
  readonly to: number;
}

/** What is known of the job a task belongs to. */
export interface Place {
  readonly job: string;
  /** @default the job's id */
  readonly jobName?: string;
  /** @default "service" */
  readonly type?: "service" | "batch";
  readonly group: string;
  /** Which of the group's `count` allocations, from 0. */
  readonly index: number;
  readonly task: string;
  /** Nomad's placement, told to the task in its environment. */
  readonly datacenter?: string;
  readonly region?: string;
  readonly namespace?: string;
  /** `meta` of job, group and task, the innermost winning. */
  readonly meta?: Readonly<Record<string, string>>;
}

/** Where an allocation's directories are, as sources of binds. */
export interface AllocationDirs {
  /** The allocation's own, in which all others are. */
  readonly root: string;
  /** The task's, in which `local` and `secrets` are. */
  readonly task: string;
  readonly alloc: string;
  readonly local: string;
  readonly secrets: string;
}

/** One instance of a task group. */
export interface Allocation {
  readonly id: string;
  readonly ports: Readonly<Record<string, AllocatedPort>>;
  /** The container whose network its tasks share, where they do: an id, or a name. */
  readonly infra?: string;
}

/** What an engine says of itself, as far as it shapes a container. */
export interface Fingerprint {
  /** The engine's own id. Unknown without an engine. */
  readonly id?: string;
  /** The name of the engine's host. Unknown without an engine. */
  readonly name?: string;
  /** The machine's MHz times its cores (`cpu.totalcompute`). Unknown for an engine elsewhere. */
  readonly cpuTotalCompute?: number;
  /** `cpu.numcores` */
  readonly cpuCores?: number;
  /** @default 1 */
  readonly cgroupVersion?: 1 | 2;
  /** @default "linux" */
  readonly os?: "linux" | "windows";
  /** Whether containers are in containerd's store, where nothing limits what they write. */
  readonly containerdStore?: boolean;
  /** The names of the runtimes it has. */
  readonly runtimes?: readonly string[];
}

/** All that a row's `engine` may ask for. */
export interface Facts {
  readonly place: Place;
  readonly allocation: Allocation;
  readonly dirs: AllocationDirs;
  readonly engine: Fingerprint;
  /** What texts of the task may name of the engine, by whole names: `attr.cpu.arch`. Undefined where none names any. */
  readonly attributes?: Readonly<Record<string, string>> | undefined;
  /** What the operator allows and gives. */
  readonly plugin: PluginSpec;
}

/** What is at a path. `archive`: by its first bytes a tar archive, compressed or not. */
export type FileKind = "nothing" | "unreadable" | "directory" | "archive" | "other";

/** What a value is judged against. */
export interface Scope {
  /** The labels of the group's network, or undefined while they are not known. */
  readonly portLabels?: readonly string[] | undefined;
  /** Whether the tasks of the group share one network. */
  readonly sharesNetwork?: boolean | undefined;
  /** How many allocations the group has, or undefined while it is not known. */
  readonly allocations?: number | undefined;
  /** What is at a path where the program runs; undefined where no file may be looked at. */
  readonly fileKind?: ((path: string) => FileKind) | undefined;
  /** What is known of the engine. */
  readonly engine?: Fingerprint | undefined;
  /** The operator's limits, or undefined while they are not known. */
  readonly plugin?: PluginSpec | undefined;
}

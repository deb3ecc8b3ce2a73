/** What each kind of resource is given, as it is in the state. Handlers must read what older versions wrote. */
import type { NetworkAddresses } from "./addresses";
import type { OuterConstraint } from "./constraints/constraint";
import type { AllocatedPort, Place } from "./facts";
import type { RegistryAuth } from "./engine/types";
import type { TaskSpec } from "./options";
import type { NetworkSpec } from "./options/job";
import type { PluginOptions } from "./options/plugin";
import type { Rollover } from "./options/update";

export type Plain<T> = { readonly [K in keyof T]: T[K] };

interface Common {
  /** `project/stack/path`: what the resource is, over all its lives. */
  readonly key: string;
  /** The plugin options as they were written. */
  readonly plugin: Plain<PluginOptions> & Readonly<Record<string, unknown>>;
}

export interface ImageInputs extends Common {
  readonly kind: "Image";
  readonly image: string;
  readonly forcePull?: boolean;
  readonly imagePullTimeout?: string;
  readonly auth?: RegistryAuth;
  readonly authSoftFail?: boolean;
  readonly load?: string;
  readonly ssl?: boolean;
  /** The content of the archive to load, by which another one is a change. */
  readonly archive?: string;
  /** What the name means: in the registry, if that is asked, else on the engine. Another one is another image. */
  readonly digest?: string;
}

/** A task's place without its task. */
export type AllocationPlace = Omit<Place, "task">;

export interface AllocationInputs extends Common {
  readonly kind: "Allocation";
  readonly place: AllocationPlace;
  readonly network?: NetworkSpec;
  /** Over the images and all that only a new container can have of every task. */
  readonly generation: string;
  /** The labels that tasks with a network of their own publish, where the others share one. */
  readonly publishedByTasks?: readonly string[];
  /** Whether its data stay for the next one. */
  readonly sticky?: true;
  /** The longest of those that its tasks name. */
  readonly timeouts?: TaskSpec["timeouts"];
}

export interface TaskInputs extends Common, TaskSpec {
  readonly kind: "Task";
  readonly place: Place;
  /** How the container gives way to the next one, where not as usual. */
  readonly update?: Rollover;
  /** Whether the next allocation has the data of this one. */
  readonly sticky?: true;
  /** The constraints of its job and group. */
  readonly outerConstraints?: readonly OuterConstraint[];
  /** The image's id on the engine, by which a moved tag is a change. */
  readonly imageId: string;
  /** The group's network, where the task is alone in its group and has the allocation's duties. */
  readonly network?: NetworkSpec;
  /** The id of the allocation, where the task shares one. */
  readonly allocation?: string;
  /** The generation of the allocation, where the task shares one. */
  readonly generation?: string;
  /** The ports of the allocation, where the task shares one. */
  readonly allocatedPorts?: Readonly<Record<string, AllocatedPort>>;
  /** The directories below `alloc` that any task of the group mounts, where the task shares an allocation. */
  readonly sharedDirs?: readonly string[];
  /** The id of the container whose network the tasks of the allocation share, where they do. */
  readonly infra?: string;
}

export interface ImageOutputs extends ImageInputs {
  readonly engineId: string;
  /** Of its use of the image, which a later life of the resource may have taken over. */
  readonly token?: string;
}

export interface AllocationOutputs extends AllocationInputs {
  readonly allocatedPorts: Readonly<Record<string, AllocatedPort>>;
  readonly engineId: string;
  /** The id of the container whose network its tasks share, where they do. */
  readonly infra?: string;
  /** Who owns that container, as with a task's. */
  readonly token?: string;
  readonly adopted?: boolean;
  /** What that container was found to be, when it did not run: with its network, the allocation is lost. */
  readonly lost?: "stopped" | "gone";
}

export interface TaskOutputs extends TaskInputs {
  readonly engineId: string;
  readonly allocId: string;
  /** The ports of the allocation, shared or not. */
  readonly hostPorts: Readonly<Record<string, AllocatedPort>>;
  /** `host:port` of each published port. */
  readonly addresses: Readonly<Record<string, string>>;
  /** The address that the task advertises: the container's, in the first of its networks that gives it one. */
  readonly ip?: string;
  /** The container's addresses in its networks, or, where the tasks of its group share one, in that. */
  readonly networks?: NetworkAddresses;
  /** Who owns the container: its label, or, once it was adopted, the marker beside it. */
  readonly token: string;
  readonly adopted?: boolean;
  /** False when the container was found stopped. */
  readonly running?: boolean;
}

export type ResourceInputs = ImageInputs | AllocationInputs | TaskInputs;
export type Kind = ResourceInputs["kind"];

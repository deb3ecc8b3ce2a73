/** The public names, nothing else. */

export { App } from "./app";
export { Job, type JobProps } from "./job";
export { type JobspecOptions, fromJobspec } from "./jobspec";
export type { AllocationEntry, Manifest, TaskEntry } from "./manifest";
export { Plugin } from "./plugin";
export { pluginFromFile, pluginFromJson } from "./plugin-from-json";
export { type AddressOptions, Task, type TaskProps } from "./task";
export { TaskGroup, type TaskGroupProps } from "./task-group";
export { type PlacedFailure, SynthesisError } from "./validation";
export type { Attributes } from "../provider/attributes";
export type { AddressMode, NetworkAddress, NetworkAddresses } from "../provider/addresses";
export type { Duration } from "../provider/duration";
export type { TaskOptions } from "../provider/options";
export type { EngineResource, ImageResource, NetworkResource, VolumeResource } from "../provider/options/named";
export type { GroupOptions, JobOptions } from "../provider/options/job";
export type { PluginOptions } from "../provider/options/plugin";

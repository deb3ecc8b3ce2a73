/** Where a group stands in its tree: its job, the engine it runs on, and what its tasks are told of that. */
import type { IConstruct } from "constructs";
import type { Place } from "../provider/facts";
import type { AllocationPlace } from "../provider/inputs";
import { metaOf } from "../provider/options/job";
import { Job } from "./job";
import { Plugin } from "./plugin";
import type { TaskGroup } from "./task-group";

type Kind<T extends IConstruct> = abstract new (...args: never[]) => T;

/** All constructs of a kind, in the order of the tree. */
export const findAll = <T extends IConstruct>(root: IConstruct, kind: Kind<T>): readonly T[] =>
  root.node.findAll().filter((construct): construct is T => construct instanceof kind);

/** The job that a group belongs to, or undefined. */
export const tryFindJob = (group: TaskGroup): Job | undefined =>
  group.node.scopes.toReversed().find((scope): scope is Job => scope instanceof Job);

/** The plugin that is named for a group, or else the only one of the app. */
export const tryFindPlugin = (group: TaskGroup): Plugin | undefined => {
  const named = group.plugin ?? tryFindJob(group)?.plugin;
  if (named) return named;
  const all = findAll(group.node.root, Plugin);
  return all.length === 1 ? all[0] : undefined;
};

type Meta = Readonly<Record<string, string>> | undefined;

const withMeta = <P extends object>(place: P, ...metas: readonly Meta[]): P & { readonly meta?: NonNullable<Meta> } => {
  const meta = metaOf(...metas);
  return meta ? { ...place, meta } : place;
};

/** What is Nomad's default is left out, for it would be in every state twice a task. */
function placeIn({ node: { id: job }, spec }: Job, group: TaskGroup, index: number): AllocationPlace {
  const { name, type, datacenters, region, namespace } = spec;
  const [datacenter = "dc1"] = datacenters;
  return {
    job,
    ...(name !== undefined && name !== job && { jobName: name }),
    ...(type !== "service" && { type }),
    group: group.node.id,
    index,
    ...(datacenter !== "dc1" && { datacenter }),
    ...(region !== "global" && { region }),
    ...(namespace !== "default" && { namespace }),
  };
}

/** Where an allocation belongs. */
export const allocationPlaceOf = (job: Job, group: TaskGroup, index: number): AllocationPlace =>
  withMeta(placeIn(job, group, index), job.spec.meta, group.spec.meta);

/** Where a task of an allocation belongs. */
export const taskPlaceOf = (job: Job, group: TaskGroup, index: number, task: string, meta: Meta): Place =>
  withMeta({ ...placeIn(job, group, index), task }, job.spec.meta, group.spec.meta, meta);

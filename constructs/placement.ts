/** Where a group stands in its tree: its job, and the engine it runs on. */
import type { IConstruct } from "constructs";
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

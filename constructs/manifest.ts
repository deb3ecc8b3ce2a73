/** The tree as plain data: what is to run, allocation by allocation. Pure; values known only later stay what they are. */
import type { IConstruct } from "constructs";
import type { AllocationPlace } from "../provider/inputs";
import { metaOf } from "../provider/options/job";
import type { NetworkSpec } from "../provider/options/job";
import { Job } from "./job";
import { Plugin } from "./plugin";
import { Task } from "./task";
import { TaskGroup } from "./task-group";
import { type PlacedFailure, SynthesisError, failuresOf } from "./validation";

/** One task of an allocation. */
export interface TaskEntry {
  /** `web/server[0]/echo` */
  readonly path: string;
  readonly task: string;
  readonly meta: Readonly<Record<string, string>> | undefined;
  /** The options as they were written. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** One instance of a group. */
export interface AllocationEntry {
  /** `web/server[0]` */
  readonly path: string;
  readonly place: AllocationPlace;
  readonly network: NetworkSpec | undefined;
  /** Path of the plugin, and its options as they were written; `""` and none when the program has no plugin. */
  readonly plugin: { readonly path: string; readonly options: Readonly<Record<string, unknown>> };
  readonly tasks: readonly TaskEntry[];
}

/** All that a program asks for. */
export interface Manifest {
  readonly allocations: readonly AllocationEntry[];
}

const of = <T extends IConstruct>(root: IConstruct, kind: abstract new (...args: never[]) => T): readonly T[] =>
  root.node.findAll().filter((construct): construct is T => construct instanceof kind);

const ancestor = <T extends IConstruct>(
  construct: IConstruct,
  kind: abstract new (...args: never[]) => T,
): T | undefined => construct.node.scopes.find((scope): scope is T => scope instanceof kind);

/** Without the entries that were written as undefined. */
const given = (values: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** What the tree's shape gets wrong, over what each construct finds wrong with itself. */
function shapeFailures(root: IConstruct): readonly PlacedFailure[] {
  const plugins = of(root, Plugin);
  return of(root, TaskGroup).flatMap((group) => {
    const path = group.node.path;
    const job = ancestor(group, Job);
    return [
      ...(job
        ? []
        : [{ path, property: "scope", reason: "is in no Job; give a Job, or a construct inside one, as its scope" }]),
      ...(plugins.length > 1 && !group.plugin && !job?.plugin
        ? [
            {
              path,
              property: "plugin",
              reason: `is not given, and the app has ${plugins.length} (${plugins.map((p) => p.node.path).join(", ")}); name one on the group or its job`,
            },
          ]
        : []),
      ...(of(group, Task).length === 0
        ? [{ path, property: "tasks", reason: "has no task; add one, or drop the group" }]
        : []),
    ];
  });
}

/** Validates the whole tree, and turns it into plain data. Throws {@link SynthesisError} with every failure. */
export function toManifest(root: IConstruct): Manifest {
  const failures = [...failuresOf(root), ...shapeFailures(root)];
  if (failures.length > 0) throw new SynthesisError(failures);
  const plugins = of(root, Plugin);
  return {
    allocations: of(root, TaskGroup).flatMap((group) => {
      const job = ancestor(group, Job);
      if (!job) return [];
      const [jobSpec, groupSpec] = [job.spec, group.spec];
      const plugin = group.plugin ?? job.plugin ?? plugins[0];
      const jobMeta = metaOf(jobSpec.meta, groupSpec.meta);
      return Array.from({ length: groupSpec.count }, (_, index): AllocationEntry => ({
        path: `${group.node.path}[${index}]`,
        place: {
          job: job.node.id,
          ...(jobSpec.name !== undefined && jobSpec.name !== job.node.id && { jobName: jobSpec.name }),
          ...(jobSpec.type !== "service" && { type: jobSpec.type }),
          group: group.node.id,
          index,
          ...(jobSpec.datacenters[0] !== "dc1" && { datacenter: jobSpec.datacenters[0] ?? "dc1" }),
          ...(jobSpec.region !== "global" && { region: jobSpec.region }),
          ...(jobSpec.namespace !== "default" && { namespace: jobSpec.namespace }),
          ...(jobMeta && { meta: jobMeta }),
        },
        network: groupSpec.network,
        plugin: plugin ? { path: plugin.node.path, options: given(plugin.options) } : { path: "", options: {} },
        tasks: of(group, Task).map((task) => ({
          path: `${group.node.path}[${index}]/${task.node.id}`,
          task: task.node.id,
          meta: task.meta,
          options: given(task.options),
        })),
      }));
    }),
  };
}

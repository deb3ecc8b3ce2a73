/** The tree as plain data: what is to run, allocation by allocation. Pure; values known only later stay what they are. */
import type { IConstruct } from "constructs";
import type { Constraint, OuterConstraint } from "../provider/constraints/constraint";
import type { Place } from "../provider/facts";
import type { AllocationPlace } from "../provider/inputs";
import { imageName } from "../provider/image-reference";
import type { NetworkSpec } from "../provider/options/job";
import { type Rollover, rolloverOf } from "../provider/options/update";
import { crowdedFailures } from "./crowded";
import { filledEarly } from "./filled-early";
import { allocationPlaceOf, findAll, taskPlaceOf, tryFindJob, tryFindPlugin } from "./placement";
import { Plugin } from "./plugin";
import { ConfiguredPlugin } from "./plugin-from-config";
import { startFirstFailures } from "./start-first";
import { staticPortFailures } from "./static-ports";
import { Task } from "./task";
import { TaskGroup } from "./task-group";
import { type PlacedFailure, SynthesisError, failuresOf } from "./validation";

/** One task of an allocation. */
export interface TaskEntry {
  /** `web/server[0]/echo` */
  readonly path: string;
  /** The path of its construct: `web/server/echo`. */
  readonly construct: string;
  readonly place: Place;
  /** The options as they were written, with the texts filled in that have to be known before there is an allocation. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** One instance of a group. */
export interface AllocationEntry {
  /** `web/server[0]` */
  readonly path: string;
  /** The path of the group: `web/server`. */
  readonly group: string;
  readonly place: AllocationPlace;
  readonly network: NetworkSpec | undefined;
  /** How its containers give way to the next ones, where not as usual. */
  readonly update: Rollover | undefined;
  /** Whether its data stay for the next one. */
  readonly sticky: boolean;
  /** What job and group ask of the engine. */
  readonly constraints: readonly OuterConstraint[];
  /** Path of the plugin, and its options as they were written; `""` when the program has no plugin, with those of the config. */
  readonly plugin: { readonly path: string; readonly options: Readonly<Record<string, unknown>> };
  readonly tasks: readonly TaskEntry[];
}

/** All that a program asks for. */
export interface Manifest {
  readonly allocations: readonly AllocationEntry[];
}

/** Without the entries that were written as undefined. */
const given = (values: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** What the tree's shape gets wrong, over what each construct finds wrong with itself. */
function shapeFailures(root: IConstruct): readonly PlacedFailure[] {
  const plugins = findAll(root, Plugin);
  return findAll(root, TaskGroup).flatMap((group) => {
    const path = group.node.path;
    const job = tryFindJob(group);
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
      ...(findAll(group, Task).length === 0
        ? [{ path, property: "tasks", reason: "has no task; add one, or drop the group" }]
        : []),
    ];
  });
}

/** Tasks that load one image from different archives: a name can mean one image only. */
function loadFailures(root: IConstruct): readonly PlacedFailure[] {
  const loading = findAll(root, Task).flatMap((task) => {
    const { image, load } = task.options;
    if (typeof image !== "string" || typeof load !== "string") return [];
    return [{ path: task.node.path, load, image: `${tryFindPlugin(task.group)?.node.path ?? ""} ${imageName(image)}` }];
  });
  return [...Map.groupBy(loading, ({ image }) => image).values()].flatMap(([first, ...others]) =>
    others
      .filter(({ load }) => load !== first?.load)
      .map(({ path, load }) => ({
        path,
        property: "load",
        reason: `load is "${load}", and ${first?.path ?? ""} loads the same image from "${first?.load ?? ""}"; name one archive in both`,
      })),
  );
}

const outer = (of: string, constraints: readonly Constraint[] = []): readonly OuterConstraint[] =>
  constraints.map((constraint, index) => ({ of, index, ...constraint }));

/** Validates the whole tree, and turns it into plain data. Throws {@link SynthesisError} with every failure. */
export function toManifest(root: IConstruct): Manifest {
  const wrong = [...failuresOf(root), ...shapeFailures(root), ...loadFailures(root)];
  const failures =
    wrong.length > 0 ? wrong : [...crowdedFailures(root), ...staticPortFailures(root), ...startFirstFailures(root)];
  if (failures.length > 0) throw new SynthesisError(failures);
  return {
    allocations: findAll(root, TaskGroup).flatMap((group) => {
      const job = tryFindJob(group);
      if (!job) return [];
      const { count, network, ephemeralDisk } = group.spec;
      const plugin = tryFindPlugin(group);
      return Array.from({ length: count }, (_, index): AllocationEntry => {
        const path = `${group.node.path}[${index}]`;
        return {
          path,
          group: group.node.path,
          place: allocationPlaceOf(job, group, index),
          network,
          update: rolloverOf(group.update),
          sticky: ephemeralDisk?.sticky ?? false,
          constraints: [
            ...outer(`job "${job.node.id}"`, job.spec.constraints),
            ...outer(`group "${group.node.id}"`, group.spec.constraints),
          ],
          plugin: {
            path: !plugin || plugin instanceof ConfiguredPlugin ? "" : plugin.node.path,
            options: given(plugin?.options ?? {}),
          },
          tasks: findAll(group, Task).map((task) => ({
            path: `${path}/${task.node.id}`,
            construct: task.node.path,
            place: taskPlaceOf(job, group, index, task.node.id, task.meta),
            options: filledEarly(given(task.options), task.surroundings(index)),
          })),
        };
      });
    }),
  };
}

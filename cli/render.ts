/** What would be asked of an engine for a job file, and what of it would be refused: without an engine. Pure. */
import { machine as architecture } from "node:os";
import { type IConstruct, RootConstruct } from "constructs";
import { isUnread } from "../constructs/filled-early";
import { fromJobspec } from "../constructs/jobspec";
import { type AllocationEntry, toManifest } from "../constructs/manifest";
import { findAll } from "../constructs/placement";
import { Plugin } from "../constructs/plugin";
import { pluginFromJson } from "../constructs/plugin-from-json";
import { Task } from "../constructs/task";
import { type PlacedFailure, SynthesisError, checkedBy } from "../constructs/validation";
import { warningsOf } from "../constructs/warnings";
import { allocationDirs } from "../provider/allocation-dirs";
import type { Constraint } from "../provider/constraints/constraint";
import { namesOf, unmetBy } from "../provider/constraints/unmet";
import type { CreateRequest } from "../provider/engine/types";
import { environment } from "../provider/environment";
import type { Fingerprint } from "../provider/facts";
import { filledTask } from "../provider/filled-task";
import { type TaskSpec, taskOptions } from "../provider/options";
import { inherited, resolved, validate } from "../provider/options/folds";
import { infraImageOf, infraName, infraRequest } from "../provider/infra";
import { readLocalFile } from "../provider/local-files";
import { labelsPublishedByTasks, sharesNetwork } from "../provider/options/group-network";
import type { PluginSpec } from "../provider/options/plugin";
import { pluginSpec } from "../provider/plugin-spec";
import { allocLabel, containerName, createRequest } from "../provider/request";
import { standInAllocId, standInPorts } from "../provider/stand-in";
import { type FailureInFile, failureInFile } from "./failure-in-file";

/** One task of one allocation. */
export interface RenderedTask {
  readonly group: string;
  readonly index: number;
  readonly task: string;
  /** The container's name. */
  readonly name: string;
  /** The body of the create request. */
  readonly create: CreateRequest;
  readonly env: Readonly<Record<string, string>>;
}

/** The container whose network the tasks of an allocation share. */
export type RenderedInfra = Pick<RenderedTask, "group" | "index" | "name" | "create">;

interface RenderedJob {
  readonly tasks: readonly RenderedTask[];
  /** Left out when no group has one. */
  readonly infra?: readonly RenderedInfra[];
}

export interface Rendered {
  readonly result: RenderedJob | { readonly failures: readonly FailureInFile[] };
  readonly warnings: readonly string[];
}

const known = () => false;

/** What stands in for an engine. */
export interface Machine {
  readonly fingerprint: Fingerprint;
  /** What texts may name of it, by whole names: `attr.cpu.arch`. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** What the machine says, under what the operator says of it. */
const engineOf = (fingerprint: Fingerprint, { cpuTotalCompute }: PluginSpec): Fingerprint => ({
  ...fingerprint,
  ...(cpuTotalCompute !== undefined && { cpuTotalCompute }),
});

/** What a tree of constructs gets wrong, for an engine of which something is known. */
function failuresFor(root: IConstruct, plugin: PluginSpec, engine: Fingerprint): readonly PlacedFailure[] {
  const found = (() => {
    try {
      toManifest(root);
      return [];
    } catch (error) {
      if (error instanceof SynthesisError) return error.failures;
      throw error;
    }
  })();
  const seen = new Set(found.map(({ path, property }) => `${path} ${property}`));
  const onEngine = findAll(root, Task).flatMap((task) => {
    const { values } = task.filled();
    return [
      ...checkedBy(taskOptions, values, { engine, plugin }, isUnread),
      ...resolved(taskOptions, values, readLocalFile, isUnread).failures,
    ]
      .map((failure) => ({ path: task.node.path, ...failure }))
      .filter(({ path, property }) => !seen.has(`${path} ${property}`));
  });
  return [...found, ...onEngine];
}

function renderAllocation(
  { place, plugin, network, constraints, tasks }: AllocationEntry,
  portsOf: ReturnType<typeof standInPorts>,
  { fingerprint, attributes }: Machine,
): Required<RenderedJob> {
  const limits = pluginSpec(plugin.options);
  const id = standInAllocId(place);
  const isShared = sharesNetwork(network);
  const allocation = {
    ...{ id, ports: portsOf(network, limits.hostAddress) },
    ...(isShared && { infra: infraName(id) }),
  };
  const engine = engineOf(fingerprint, limits);
  const rendered = tasks.map(({ place, construct, options }) => {
    const dirs = allocationDirs(allocation.id, place.task);
    const { values } = validate(taskOptions, options, known);
    const given = inherited(taskOptions, resolved(taskOptions, values, readLocalFile).values, limits) as TaskSpec;
    const told = { place, allocation, dirs, engine, attributes, plugin: limits };
    const { spec, facts, failures } = filledTask(given, told);
    // What the attributes do not speak of is the engine's to meet.
    const isJudged = (constraint: Constraint) => namesOf(constraint).every((name) => Object.hasOwn(attributes, name));
    const unmet = unmetBy(
      { constraints: given.constraints?.filter(isJudged), outerConstraints: constraints.filter(isJudged) },
      attributes,
    );
    const refused = [...failures, ...unmet].map((failure) => ({ path: construct, ...failure }));
    if (refused.length > 0) throw new SynthesisError(refused);
    return {
      group: place.group,
      index: place.index,
      task: place.task,
      name: containerName(facts),
      create: createRequest(spec, facts),
      env: environment(spec, facts),
    };
  });
  if (!network || !isShared) return { tasks: rendered, infra: [] };
  const { group, index } = place;
  const create = infraRequest({
    ...{ network, ports: allocation.ports },
    publishedByTasks: labelsPublishedByTasks(tasks.map(({ options }) => options)),
    image: infraImageOf(limits, architecture()),
    labels: { [allocLabel]: id },
  });
  return { tasks: rendered, infra: [{ group, index, name: infraName(id), create }] };
}

/** A tree of constructs, of which one at most is a plugin. */
export function renderTree(root: IConstruct, machine: Machine): Rendered {
  const [engine] = findAll(root, Plugin);
  const warnings = warningsOf(root);
  const limits = pluginSpec({ ...engine?.options });
  const failures = failuresFor(root, limits, engineOf(machine.fingerprint, limits));
  const refused = (all: readonly PlacedFailure[]): Rendered => ({
    result: { failures: all.map((failure) => failureInFile(root, failure)) },
    warnings,
  });
  if (failures.length > 0) return refused(failures);
  const { allocations } = toManifest(root);
  const portsOf = standInPorts(allocations.map(({ network }) => network));
  try {
    const all = allocations.map((allocation) => renderAllocation(allocation, portsOf, machine));
    const infra = all.flatMap((one) => one.infra);
    return { result: { tasks: all.flatMap(({ tasks }) => tasks), ...(infra.length > 0 && { infra }) }, warnings };
  } catch (error) {
    if (error instanceof SynthesisError) return refused(error.failures);
    throw error;
  }
}

/**
 * @param jobspec a job in Nomad's JSON form
 * @param plugin the plugin's options, in their own key names
 */
export function render(jobspec: unknown, plugin: unknown, machine: Machine): Rendered {
  const root = new RootConstruct();
  const job = fromJobspec(root, jobspec);
  pluginFromJson(root, job.node.id === "plugin" ? "plugin file" : "plugin", plugin ?? {});
  return renderTree(root, machine);
}

/** A manifest becomes Pulumi's resources: the one place that registers any. */
import * as pulumi from "@pulumi/pulumi";
import { canonicalJson } from "../provider/canonical";
import { durationMs } from "../provider/duration";
import { imageName } from "../provider/image-reference";
import { taskOptions } from "../provider/options";
import { hasUnknown, inherited, nomadName, validate, valuesOn } from "../provider/options/folds";
import { labelsPublishedByTasks, sharesNetwork } from "../provider/options/group-network";
import { image as imageOptions } from "../provider/options/image";
import { mounts, sharedSources } from "../provider/options/mounts";
import { network as networking } from "../provider/options/network";
import type { AnyRow } from "../provider/options/option";
import { limitsIn, pluginSpec } from "../provider/plugin-spec";
import { type Lasting, generationOf } from "../provider/generation";
import { unreachable } from "../provider/reachable";
import { AllocationResource, ImageResource, TaskResource } from "../provider/resources";
import { longestTimeouts } from "./longest-timeouts";
import type { AllocationEntry, Manifest, TaskEntry } from "./manifest";
import { isPending } from "./pending";

/** The resources of each task construct, by its path, in the order of the allocations. */
export type Deployed = ReadonlyMap<string, readonly TaskResource[]>;

const componentType = (type: string) => `longshore:index:${type}`;
const component = (type: string, name: string, parent?: pulumi.Resource, options?: pulumi.ComponentResourceOptions) =>
  new pulumi.ComponentResource(componentType(type), name, {}, { ...options, ...(parent && { parent }) });

/** Components are made when something is put under them: one that shows nothing costs every run its milliseconds. */
class Components {
  private readonly made = new Map<string, pulumi.Resource>();
  constructor(readonly root: pulumi.Resource) {}
  under(parent: pulumi.Resource, type: string, name: string): pulumi.Resource {
    const found = this.made.get(`${type} ${name}`) ?? component(type, name, parent);
    this.made.set(`${type} ${name}`, found);
    return found;
  }
}

const secrets = Object.entries<AnyRow>(taskOptions).flatMap(([key, { secret }]) => (secret ? [key] : []));

/** One image on one engine is one resource: N tasks of it pull once. */
const imageResourceName = ({ path, options: { image } }: TaskEntry, plugin: string): string =>
  typeof image === "string" ? [imageName(image), ...(plugin ? [plugin] : [])].join(" ") : `${path} image`;

/** How the values that several tasks give for their one image become one; otherwise it is the first that is given. */
const united: Readonly<Record<string, (values: readonly never[]) => unknown>> = {
  forcePull: (all) => all.some(Boolean),
  authSoftFail: (all) => all.some(Boolean),
  imagePullTimeout: (all) => all.toSorted((a, b) => durationMs(b) - durationMs(a))[0],
};

/** What the tasks of one image say of how it is got. */
function imageInputs(manifest: Manifest, name: string): Readonly<Record<string, unknown>> {
  const tasks = manifest.allocations.flatMap(({ plugin, tasks }) =>
    tasks.filter((entry) => imageResourceName(entry, plugin.path) === name),
  );
  const keys = Object.keys(imageOptions).filter((key) => key !== "image");
  return Object.fromEntries(
    keys.flatMap((key) => {
      const given = tasks.flatMap(({ options }) => (options[key] === undefined ? [] : [options[key]]));
      if (given.length === 0) return [];
      const one = pulumi.output(given).apply((all) => {
        const unite = united[key];
        if (unite) return unite(all as never[]);
        if (new Set(all.map(canonicalJson)).size > 1)
          void pulumi.log.warn(
            `the tasks of image ${name} give different ${nomadName(key)}; the first is used for all`,
          );
        return all[0];
      });
      return [[key, secrets.includes(key) ? pulumi.secret(one) : one]];
    }),
  );
}

/** What the allocations of one deployment have in common. */
interface Deployment {
  readonly keyOf: (path: string) => string;
  readonly imageOf: (entry: TaskEntry, allocation: AllocationEntry) => ImageResource;
}

/** Registers all that a manifest asks for, under components that mirror the tree. */
export function deploy(app: string, manifest: Manifest, options?: pulumi.ComponentResourceOptions): Deployed {
  // No error: an inline program of the Automation API need not work where the provider will.
  const lost = unreachable();
  if (lost !== undefined) void pulumi.log.warn(lost);
  const root = component("App", app, undefined, options);
  const components = new Components(root);
  const keyOf = (path: string) => `${pulumi.getProject()}/${pulumi.getStack()}/${app}/${path}`;

  const images = new Map<string, ImageResource>();
  const imageOf = (entry: TaskEntry, { plugin }: AllocationEntry): ImageResource => {
    const name = imageResourceName(entry, plugin.path);
    const found = images.get(name);
    if (found) return found;
    const inputs = {
      key: keyOf(name),
      plugin: plugin.options,
      image: entry.options.image,
      ...imageInputs(manifest, name),
    };
    const made = new ImageResource(name, inputs, { parent: root, additionalSecretOutputs: secrets });
    images.set(name, made);
    return made;
  };

  const deployed: [string, TaskResource][] = [];
  for (const [group, allocations] of Map.groupBy(manifest.allocations, (allocation) => allocation.group))
    for (const allocation of allocations) {
      const job = components.under(root, "Job", allocation.place.job);
      const alone = allocations.length === 1 && allocation.tasks.length === 1;
      const parent = alone ? job : components.under(job, "TaskGroup", group);
      // Where it was, or will be, when the group has another count or another number of tasks: it is the same resource there.
      const elsewhere = alone ? pulumi.createUrn(group, componentType("TaskGroup"), job) : job;
      deployed.push(...deployAllocation(allocation, { parent, aliases: [{ parent: elsewhere }] }, { keyOf, imageOf }));
    }
  return new Map(
    [...Map.groupBy(deployed, ([construct]) => construct)].map(([construct, all]) => [
      construct,
      all.map(([, resource]) => resource),
    ]),
  );
}

type Bag = Readonly<Record<string, unknown>>;

const pick = (values: Bag, isWanted: (key: string) => boolean): Bag =>
  Object.fromEntries(Object.entries(values).filter(([key]) => isWanted(key)));

/** Options that only a new container can have. */
const lastingOptions: ReadonlySet<string> = new Set(
  Object.entries<AnyRow>(taskOptions).flatMap(([key, { change }]) => (change === "replace" ? [key] : [])),
);

/**
 * What a task has from its operator, where that may be a secret: worked out here, since what the provider works out is
 * a secret to nobody. Otherwise the provider does it.
 */
const fromOperator = (options: Bag, plugin: Bag): Bag => {
  const limits = limitsIn(plugin);
  if (!hasUnknown(limits, isPending)) return {};
  const { values: neighbours } = validate(taskOptions, options, isPending);
  const known = Object.fromEntries(Object.entries(neighbours).filter(([, value]) => !hasUnknown(value, isPending)));
  return Object.fromEntries(
    Object.entries<AnyRow>(taskOptions).flatMap(([key, row]) => {
      if (!row.inherit) return [];
      const given = pulumi.output([options[key], limits] as const);
      const take = ([value, all]: readonly [unknown, Bag]) =>
        inherited({ [key]: row }, { ...known, [key]: value }, pluginSpec(all))[key];
      return [[key, given.apply(take as never)]];
    }),
  );
};

/**
 * What follows from some options of all tasks of an allocation: of these alone, for what else is not known yet, or a secret,
 * is no matter of it.
 */
function ofTasks<T>(
  ask: (tasks: readonly Bag[]) => T,
  entries: readonly Pick<TaskEntry, "options">[],
  isAsked: (key: string) => boolean,
): T | pulumi.Output<T> {
  const options = entries.map((entry) => pick(entry.options, isAsked));
  const isPlain = !hasUnknown(options, isPending);
  return isPlain ? ask(options) : pulumi.output(options).apply((all) => ask(all as typeof options));
}

/** The directories that any task of an allocation shares with the others; each mounts all, to see the same ones. */
const sharedDirsOf = (all: readonly Bag[]) => {
  const dirs = [...new Set(all.flatMap(sharedSources))].sort();
  return dirs.length > 0 ? dirs : undefined;
};
const isMount = (key: string) => key in mounts;
const isTimeouts = (key: string) => key === "timeouts";
const isNetworking = (key: string) => key in networking;

function deployAllocation(
  allocation: AllocationEntry,
  placed: pulumi.CustomResourceOptions,
  { keyOf, imageOf }: Deployment,
): [string, TaskResource][] {
  const { path, place, network, update, sticky, constraints, plugin, tasks } = allocation;
  const kept = sticky && ({ sticky } as const);
  const entries = tasks.map((entry) => ({ ...entry, imageId: imageOf(entry, allocation).id }));

  // A task that is alone in its group has the allocation's duties itself: each resource costs every run 15-25 ms.
  const shared = () => {
    const lasting = entries.map((entry) => ({
      place: entry.place,
      imageId: entry.imageId,
      network,
      ...kept,
      // What a live container can be given makes no new allocation, known or not.
      options: pick(valuesOn(taskOptions, "container", entry.options), (key) => lastingOptions.has(key)),
    }));
    const generation = pulumi
      // A host that is yet to be made leaves its address unknown, and no more than that.
      .output([lasting, limitsIn(plugin.options)] as const)
      .apply(([all, limits]) => generationOf(all as readonly Lasting[], pluginSpec(limits)));
    const publishedByTasks =
      network?.mode === "bridge" ? ofTasks(labelsPublishedByTasks, entries, isNetworking) : undefined;
    const inputs = {
      ...{ key: keyOf(path), plugin: plugin.options, place, network, generation },
      ...(publishedByTasks && { publishedByTasks }),
      ...kept,
      ...(entries.some(({ options }) => options.timeouts !== undefined) && {
        timeouts: ofTasks(longestTimeouts, entries, isTimeouts),
      }),
    };
    const { id, allocatedPorts, infra } = new AllocationResource(path, inputs, placed);
    const sharedDirs = ofTasks(sharedDirsOf, entries, isMount);
    return {
      ...{ allocation: id, generation },
      ...(network && { allocatedPorts }),
      ...(sharedDirs && { sharedDirs }),
      ...(sharesNetwork(network) && { infra }),
    };
  };
  const ofAllocation = entries.length > 1 || sharesNetwork(network) ? shared() : { network };

  return entries.map(({ construct, place, options, imageId, ...entry }) => {
    const { image } = options;
    const inputs = {
      ...valuesOn(taskOptions, "container", { ...options, ...fromOperator(options, plugin.options) }),
      key: keyOf(entry.path),
      plugin: plugin.options,
      place,
      image,
      imageId,
      ...ofAllocation,
      ...(update && { update }),
      ...kept,
      ...(constraints.length > 0 && { outerConstraints: constraints }),
    };
    return [construct, new TaskResource(entry.path, inputs, placed)];
  });
}

/** A manifest becomes Pulumi's resources: the one place that registers any. */
import * as pulumi from "@pulumi/pulumi";
import { durationMs } from "../provider/duration";
import { imageName } from "../provider/image-reference";
import { limitsIn, pluginSpec } from "../provider/plugin-spec";
import { type Lasting, generationOf } from "../provider/generation";
import { AllocationResource, ImageResource, TaskResource } from "../provider/resources";
import type { AllocationEntry, Manifest, TaskEntry } from "./manifest";

/** The resources of each task construct, by its path, in the order of the allocations. */
export type Deployed = ReadonlyMap<string, readonly TaskResource[]>;

const component = (type: string, name: string, parent?: pulumi.Resource, options?: pulumi.ComponentResourceOptions) =>
  new pulumi.ComponentResource(`longshore:index:${type}`, name, {}, { ...options, ...(parent && { parent }) });

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

/** One image on one engine is one resource: N tasks of it pull once. */
const imageResourceName = ({ path, options: { image } }: TaskEntry, plugin: string): string =>
  typeof image === "string" ? [imageName(image), ...(plugin ? [plugin] : [])].join(" ") : `${path} image`;

/** How an image is pulled that several tasks share: asked for when one of them asks, in the longest time one gives. */
function pullOptions(manifest: Manifest, name: string) {
  const tasks = manifest.allocations.flatMap(({ plugin, tasks }) =>
    tasks.filter((entry) => imageResourceName(entry, plugin.path) === name),
  );
  const given = (option: string) =>
    tasks.flatMap(({ options }) => (options[option] === undefined ? [] : [options[option]]));
  const [forced, timeouts] = [given("forcePull"), given("imagePullTimeout")];
  return {
    forcePull: forced.length > 0 ? pulumi.output(forced).apply((all) => all.some(Boolean)) : undefined,
    imagePullTimeout:
      timeouts.length > 0
        ? pulumi.output(timeouts as string[]).apply((all) => all.toSorted((a, b) => durationMs(b) - durationMs(a))[0])
        : undefined,
  };
}

/** What the allocations of one deployment have in common. */
interface Deployment {
  readonly keyOf: (path: string) => string;
  readonly imageOf: (entry: TaskEntry, allocation: AllocationEntry) => ImageResource;
}

/** Registers all that a manifest asks for, under components that mirror the tree. */
export function deploy(app: string, manifest: Manifest, options?: pulumi.ComponentResourceOptions): Deployed {
  const root = component("App", app, undefined, options);
  const components = new Components(root);
  const keyOf = (path: string) => `${pulumi.getProject()}/${pulumi.getStack()}/${app}/${path}`;

  const images = new Map<string, ImageResource>();
  const imageOf = (entry: TaskEntry, { plugin }: AllocationEntry): ImageResource => {
    const name = imageResourceName(entry, plugin.path);
    const inputs = {
      key: keyOf(name),
      plugin: plugin.options,
      image: entry.options.image,
      ...pullOptions(manifest, name),
    };
    const made = images.get(name) ?? new ImageResource(name, inputs, { parent: root });
    images.set(name, made);
    return made;
  };

  const deployed: [string, TaskResource][] = [];
  for (const [group, allocations] of Map.groupBy(manifest.allocations, (allocation) => allocation.group))
    for (const allocation of allocations) {
      const job = components.under(root, "Job", allocation.place.job);
      const alone = allocations.length === 1 && allocation.tasks.length === 1;
      const parent = alone ? job : components.under(job, "TaskGroup", group);
      deployed.push(...deployAllocation(allocation, parent, { keyOf, imageOf }));
    }
  return new Map(
    [...Map.groupBy(deployed, ([construct]) => construct)].map(([construct, all]) => [
      construct,
      all.map(([, resource]) => resource),
    ]),
  );
}

function deployAllocation(
  allocation: AllocationEntry,
  parent: pulumi.Resource,
  { keyOf, imageOf }: Deployment,
): [string, TaskResource][] {
  const { path, place, network, plugin, tasks } = allocation;
  const entries = tasks.map((entry) => ({ ...entry, imageId: imageOf(entry, allocation).id }));

  // A task that is alone in its group has the allocation's duties itself: each resource costs every run 15-25 ms.
  const shared = () => {
    const lasting = entries.map((entry) => ({
      place: entry.place,
      imageId: entry.imageId,
      network,
      options: entry.options,
    }));
    const generation = pulumi
      // A host that is yet to be made leaves its address unknown, and no more than that.
      .output([lasting, limitsIn(plugin.options)] as const)
      .apply(([all, limits]) => generationOf(all as readonly Lasting[], pluginSpec(limits)));
    const inputs = { key: keyOf(path), plugin: plugin.options, place, network, generation };
    const { id, allocatedPorts } = new AllocationResource(path, inputs, { parent });
    return { allocation: id, generation, ...(network && { allocatedPorts }) };
  };
  const ofAllocation = entries.length > 1 ? shared() : { network };

  return entries.map(({ construct, place, options, imageId, ...entry }) => {
    const { image } = options;
    const inputs = {
      ...options,
      key: keyOf(entry.path),
      plugin: plugin.options,
      place,
      image,
      imageId,
      ...ofAllocation,
    };
    return [construct, new TaskResource(entry.path, inputs, { parent })];
  });
}

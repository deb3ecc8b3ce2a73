/** A manifest becomes Pulumi's resources: the one place that registers any. */
import * as pulumi from "@pulumi/pulumi";
import { durationMs } from "../provider/duration";
import { imageName } from "../provider/image-reference";
import { generationOf } from "../provider/generation";
import { metaOf } from "../provider/options/job";
import { AllocationResource, ImageResource, TaskResource } from "../provider/resources";
import type { AllocationEntry, Manifest, TaskEntry } from "./manifest";

/** The resources that a manifest became, by the path of each task. */
export type Deployed = ReadonlyMap<string, TaskResource>;

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

export function deploy(app: string, manifest: Manifest, options?: pulumi.ComponentResourceOptions): Deployed {
  const root = component("App", app, undefined, options);
  const components = new Components(root);
  const deployed = new Map<string, TaskResource>();
  const images = new Map<string, ImageResource>();
  const keyOf = (path: string) => `${pulumi.getProject()}/${pulumi.getStack()}/${app}/${path}`;

  const imageOf = (entry: TaskEntry, { plugin }: AllocationEntry): ImageResource => {
    const name = imageResourceName(entry, plugin.path);
    const made =
      images.get(name) ??
      new ImageResource(
        name,
        { key: keyOf(name), plugin: plugin.options, image: entry.options.image, ...pullOptions(manifest, name) },
        { parent: root },
      );
    images.set(name, made);
    return made;
  };

  const groupSizes = new Map<string, number>();
  const groupOf = ({ path }: AllocationEntry) => path.replace(/\[\d+\]$/, "");
  for (const entry of manifest.allocations)
    groupSizes.set(groupOf(entry), (groupSizes.get(groupOf(entry)) ?? 0) + entry.tasks.length);

  for (const allocation of manifest.allocations) {
    const { path, place, network, plugin, tasks } = allocation;
    const job = components.under(root, "Job", place.job);
    const group = groupOf(allocation);
    const parent = (groupSizes.get(group) ?? 0) > 1 ? components.under(job, "TaskGroup", group) : job;

    const lasting = tasks.map((entry) => {
      const image = imageOf(entry, allocation);
      const meta = metaOf(place.meta, entry.meta);
      const { meta: _, ...rest } = place;
      return { entry, image, place: { ...rest, task: entry.task, ...(meta && { meta }) } };
    });

    // A task that is alone in its group has the allocation's duties itself: each resource costs every run 15-25 ms.
    const generation =
      tasks.length > 1
        ? pulumi
            .output(
              lasting.map((task) => ({
                place: task.place,
                imageId: task.image.id,
                network,
                options: task.entry.options,
              })),
            )
            .apply((all) => generationOf(all as never))
        : undefined;
    const shared =
      generation &&
      new AllocationResource(
        path,
        { key: keyOf(path), plugin: plugin.options, place, network, generation },
        { parent },
      );

    for (const task of lasting)
      deployed.set(
        task.entry.path,
        new TaskResource(
          task.entry.path,
          {
            ...task.entry.options,
            key: keyOf(task.entry.path),
            plugin: plugin.options,
            place: task.place,
            image: task.entry.options.image,
            imageId: task.image.id,
            ...(shared
              ? { allocation: shared.id, generation, ...(network && { allocatedPorts: shared.allocatedPorts }) }
              : { network }),
          },
          { parent },
        ),
      );
  }
  return deployed;
}

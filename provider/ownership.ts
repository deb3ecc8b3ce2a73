/**
 * Which object on an engine is whose. A create finds what an interrupted run left by `key` and `hash`; a delete acts
 * only on what bears its own token, so that a delete that Pulumi still owes never hits what a later run took over.
 */
import { randomUUID } from "node:crypto";
import type { ContainerRow, VolumeInfo } from "./engine/types";
import type { Engine } from "./engine/engine";
import type { AllocatedPort } from "./facts";
import { originLabel, ownOrigin } from "./origin";

export const keyLabel = "longshore.key";
const hashLabel = "longshore.hash";
const tokenLabel = "longshore.token";
const generationLabel = "longshore.generation";
const portsLabel = "longshore.ports";

/** What a container says of its origin. */
export interface Marks {
  readonly key: string;
  readonly hash: string;
  readonly token: string;
  /** Of the allocation, where it is shared. */
  readonly generation?: string;
  readonly ports: Readonly<Record<string, AllocatedPort>>;
}

export const newToken = (): string => randomUUID();

export const marksAsLabels = ({ key, hash, token, generation, ports }: Marks): Readonly<Record<string, string>> => ({
  [keyLabel]: key,
  [hashLabel]: hash,
  [tokenLabel]: token,
  [originLabel]: ownOrigin(),
  ...(generation !== undefined && { [generationLabel]: generation }),
  [portsLabel]: JSON.stringify(ports),
});

type Labelled = Pick<ContainerRow, "Labels">;
export const keyOf = ({ Labels }: Labelled): string | undefined => Labels[keyLabel];
export const hashOfContainer = ({ Labels }: Labelled): string | undefined => Labels[hashLabel];
export const originOfContainer = ({ Labels }: Labelled): string | undefined => Labels[originLabel];
export const tokenOfContainer = ({ Labels }: Labelled): string | undefined => Labels[tokenLabel];
export const generationOfContainer = ({ Labels }: Labelled): string | undefined => Labels[generationLabel];
export const portsOf = ({ Labels }: Labelled) =>
  JSON.parse(Labels[portsLabel] ?? "{}") as Readonly<Record<string, AllocatedPort>>;

/** The key of the allocation of a task: the task's key without its last part. */
export const allocationKeyOf = (taskKey: string): string => taskKey.slice(0, taskKey.lastIndexOf("/"));

// Labels are fixed when a container is made. Who takes one over says so in the label of a volume beside it.
const shortId = (containerId: string) => containerId.slice(0, 12);
const markerName = (containerId: string) => `longshore-owner-${shortId(containerId)}`;
// Not the label of a key, by which the directories of a task are found.
const ownerKeyLabel = "longshore.owner_key";
const leftLabel = "longshore.left";

/** Whose a container is. */
export interface Owner {
  readonly key: string;
  readonly token: string;
  /** @default this run's */
  readonly origin?: string | undefined;
}

async function writeMarker(
  engine: Engine,
  containerId: string,
  { key, token, origin = ownOrigin() }: Owner,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  await engine.removeVolume(markerName(containerId));
  await engine.createVolume(markerName(containerId), {
    [tokenLabel]: token,
    [ownerKeyLabel]: key,
    [originLabel]: origin,
    ...more,
  });
}

/** Takes a container over: from now on only this token may delete it. */
export const takeOver = (engine: Engine, containerId: string, owner: Owner): Promise<void> =>
  writeMarker(engine, containerId, owner);

/**
 * Says that a container outlives its resource, and is not to be collected as one that somebody lost.
 * @param because completes "it was left …"
 */
export const leave = (engine: Engine, containerId: string, owner: Owner, because: string): Promise<void> =>
  writeMarker(engine, containerId, owner, { [leftLabel]: because });

/** Whether a container is still what the state says it is. */
export async function isOwner(
  engine: Engine,
  container: { readonly id: string; readonly labels: Readonly<Record<string, string>> },
  { token, adopted = false }: { readonly token: string; readonly adopted?: boolean },
): Promise<boolean> {
  const marker = await engine.tryInspectVolume(markerName(container.id));
  if (marker) return marker.Labels?.[tokenLabel] === token;
  // Without its marker (somebody pruned volumes) an adopted container has only its adopter.
  return adopted || container.labels[tokenLabel] === token;
}

export const forgetOwner = (engine: Engine, containerId: string): Promise<boolean> =>
  engine.removeVolume(markerName(containerId));

/** What the marker of a container says. */
export interface OwnerMark {
  readonly name: string;
  /** The first twelve characters of the container's id. */
  readonly container: string;
  readonly token: string;
  readonly key?: string | undefined;
  readonly origin?: string | undefined;
  /** Why its resource left it, on purpose. */
  readonly left?: string | undefined;
  readonly made: Date;
}

const ownerMarkOf = ({ Name: name, Labels, CreatedAt = "" }: VolumeInfo): OwnerMark | undefined => {
  const [, container] = /^longshore-owner-([0-9a-f]{12})$/.exec(name) ?? [];
  const { [tokenLabel]: token, [ownerKeyLabel]: key, [originLabel]: origin, [leftLabel]: left } = Labels ?? {};
  return container === undefined || token === undefined
    ? undefined
    : { name, container, token, key, origin, left, made: new Date(CreatedAt) };
};

export const ownerMarksOn = async (engine: Engine): Promise<readonly OwnerMark[]> =>
  (await engine.listVolumes([tokenLabel])).flatMap((volume) => ownerMarkOf(volume) ?? []);

/** What the marker of a container says just now. */
export async function ownerMark(engine: Engine, containerId: string): Promise<OwnerMark | undefined> {
  const volume = await engine.tryInspectVolume(markerName(containerId));
  return volume && ownerMarkOf(volume);
}

export const markOf = (marks: readonly OwnerMark[], containerId: string): OwnerMark | undefined =>
  marks.find(({ container }) => container === shortId(containerId));

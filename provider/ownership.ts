/**
 * Which object on an engine is whose. A create finds what an interrupted run left by `key` and `hash`; a delete acts
 * only on what bears its own token, so that a delete that Pulumi still owes never hits what a later run took over.
 */
import { randomUUID } from "node:crypto";
import type { ContainerRow } from "./engine/types";
import type { Engine } from "./engine/engine";
import type { AllocatedPort } from "./facts";

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
  ...(generation !== undefined && { [generationLabel]: generation }),
  [portsLabel]: JSON.stringify(ports),
});

type Labelled = Pick<ContainerRow, "Labels">;
export const keyOf = ({ Labels }: Labelled): string | undefined => Labels[keyLabel];
export const hashOfContainer = ({ Labels }: Labelled): string | undefined => Labels[hashLabel];
export const generationOfContainer = ({ Labels }: Labelled): string | undefined => Labels[generationLabel];
export const portsOf = ({ Labels }: Labelled) =>
  JSON.parse(Labels[portsLabel] ?? "{}") as Readonly<Record<string, AllocatedPort>>;

/** The key of the allocation of a task: the task's key without its last part. */
export const allocationKeyOf = (taskKey: string): string => taskKey.slice(0, taskKey.lastIndexOf("/"));

// Labels are fixed when a container is made. Who takes one over says so in the label of a volume beside it.
const markerName = (containerId: string) => `longshore-owner-${containerId.slice(0, 12)}`;

/** Takes a container over: from now on only this token may delete it. */
export async function takeOver(engine: Engine, containerId: string, token: string): Promise<void> {
  await engine.removeVolume(markerName(containerId));
  await engine.createVolume(markerName(containerId), { [tokenLabel]: token });
}

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

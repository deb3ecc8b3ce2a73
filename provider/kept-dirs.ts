/**
 * Directories that outlive their allocation (`ephemeralDisk.sticky`): the next one mounts the same volumes. Their names have no id of
 * an allocation in them, and no container of an allocation that goes takes them along. See docs/adr/0019.
 */
import type { Engine } from "./engine/engine";
import type { MountPoint } from "./engine/types";
import { allocationKeyOf } from "./ownership";
import { shortHash } from "./short-hash";

/** Of which allocation's data a volume is: its key. */
export const keptLabel = "longshore.kept";
/** Whose it is: the key of the task, or of the allocation where its tasks share it. */
export const keptForLabel = "longshore.kept_for";

const prefix = "longshore-kept-";

const shared = "alloc/data";
const isIn = (dir: string, root: string) => dir === root || dir.startsWith(`${root}/`);
const isShared = (dir: string) => isIn(dir, shared);

/** Whether a directory is one of those that Nomad moves to the next allocation: `alloc/data`, and each task's `local`. */
export const isKept = (dir: string, task: string): boolean => isShared(dir) || isIn(dir, `${task}/local`);

/** The directories that a task has in any case, where they are kept. */
export const alwaysKept: readonly string[] = [shared];

const suffixOf = (dir: string) => `-${shortHash(dir)}`;

/**
 * The volume of a kept directory.
 * @param before what a container of the task before has mounted: it may be from when the task had another key
 */
export const keptName = (key: string, dir: string, before: readonly MountPoint[]): string =>
  before.find(({ Name }) => Name?.startsWith(prefix) && Name.endsWith(suffixOf(dir)))?.Name ??
  `${prefix}${shortHash(allocationKeyOf(key))}${suffixOf(dir)}`;

export const keptLabels = (key: string, dir: string): Readonly<Record<string, string>> => ({
  [keptLabel]: allocationKeyOf(key),
  [keptForLabel]: isShared(dir) ? allocationKeyOf(key) : key,
});

/** Removes what is kept for a task or an allocation, of those that no container has. */
export async function removeKept(engine: Engine, key: string, mounts: readonly MountPoint[] = []): Promise<void> {
  const labelled = await engine.listVolumes([`${keptForLabel}=${key}`]);
  const names = new Set([
    ...labelled.map(({ Name }) => Name),
    ...mounts.flatMap(({ Name }) => (Name?.startsWith(prefix) ? [Name] : [])),
  ]);
  await Promise.all([...names].map((name) => engine.removeVolume(name)));
}

/** Of a container's mounts, the kept directories that are its task's alone. */
export const ownKept = (mounts: readonly MountPoint[] = []): readonly MountPoint[] =>
  mounts.filter(({ Name }) => Name?.startsWith(prefix) && !Name.endsWith(suffixOf(shared)));

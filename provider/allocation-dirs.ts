/**
 * An allocation's directories. They are volumes of the engine (docs/adr/0002): so they are where the engine is, whoever
 * runs the program and from wherever; the engine keeps them as long as a container uses them; and one call removes each.
 * A request names them by paths, as the driver does; `mountDirs` turns the paths into the volumes.
 */
import { posix } from "node:path";
import { type Place, placesOf } from "./dir-places";
import type { Engine } from "./engine/engine";
import type { CreateRequest, Mount, MountPoint, VolumeDriver, VolumeInfo } from "./engine/types";
import type { AllocationDirs, Facts } from "./facts";
import { cleaned, isHostPath, labelOf, tryReadVolume, writeVolume } from "./options/volume-text";
import { alwaysKept, isKept, keptLabels, keptName } from "./kept-dirs";
import { originLabel } from "./origin";
import { keyLabel } from "./ownership";
import { allocLabel } from "./request";
import { shortHash } from "./short-hash";

const root = "/var/lib/longshore/alloc";

/** The paths by which a request names the directories of a task. */
export const allocationDirs = (allocId: string, task: string): AllocationDirs => ({
  root: `${root}/${allocId}`,
  task: `${root}/${allocId}/${task}`,
  alloc: `${root}/${allocId}/alloc`,
  local: `${root}/${allocId}/${task}/local`,
  secrets: `${root}/${allocId}/${task}/secrets`,
});

/** Where each directory of an allocation begins its name. */
const prefix = (allocId: string) => `longshore-${allocId}-`;

const plain = (path: string) => path.replace(/[^A-Za-z0-9_.-]+/g, "-");

/** A volume's name: the path that a reader looks for, and, where that may be long or two alike, what tells them apart. */
const volumeName = (allocId: string, dir: string, standard: ReadonlySet<string>): string =>
  prefix(allocId) + (standard.has(dir) ? plain(dir) : `${plain(dir).slice(0, 40)}-${shortHash(dir)}`);

/** One directory as a volume. */
export interface DirVolume {
  readonly name: string;
  /** Its path below the allocation's. */
  readonly dir: string;
  /** Where it is mounted. */
  readonly places: readonly Place[];
  /** The directories in it from the start. */
  readonly contents: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Whether it stays for the next allocation. */
  readonly isKept?: boolean;
  /** How it is made, where that is not the engine's usual way. */
  readonly driver?: VolumeDriver;
}

/** A request with volumes in the place of the directories' paths. */
export interface MountedRequest {
  readonly request: CreateRequest;
  readonly dirs: readonly DirVolume[];
  /** Volumes that have to be there before: one that is mounted with a label is made by no request. */
  readonly first: readonly Pick<DirVolume, "name" | "labels" | "driver">[];
}

/** Secrets never reach a disk: one MiB of memory from which nothing is run. */
const inMemory: VolumeDriver = {
  Name: "local",
  Options: { type: "tmpfs", device: "tmpfs", o: "size=1m,noexec,nosuid,nodev,mode=777" },
};

const asMount = ({ name, labels, driver }: DirVolume, { target, readonly }: Place): Mount => ({
  Type: "volume",
  Source: name,
  Target: target,
  ...(readonly && { ReadOnly: true }),
  VolumeOptions: { NoCopy: true, Labels: labels, ...(driver && { DriverConfig: driver }) },
});

const asBind = ({ name }: DirVolume, { target, readonly, label = "" }: Place): string =>
  writeVolume({ source: name, target, mode: ["nocopy", ...(readonly ? ["ro"] : []), label] });

export interface MountOptions {
  /** Directories below `alloc` that any task of the allocation mounts. */
  readonly shared?: readonly string[] | undefined;
  /** Where the data stay for the next allocation: the task's key, and what its container before has mounted. */
  readonly kept?: { readonly key: string; readonly before: readonly MountPoint[] } | undefined;
}

export function mountDirs(
  request: CreateRequest,
  facts: Facts,
  { shared = [], kept }: MountOptions = {},
): MountedRequest {
  const { allocation, dirs, engine, place: own } = facts;
  const { Binds = [], Mounts = [], VolumeDriver, ...host } = request.HostConfig ?? {};
  const dirOf = (source: string) =>
    source.startsWith(`${dirs.root}/`) ? source.slice(dirs.root.length + 1) : undefined;

  const asked: Place[] = [];
  const [otherBinds, otherMounts, others]: [string[], Mount[], string[]] = [[], [], []];
  for (const text of Binds) {
    const volume = tryReadVolume(text, engine.os);
    const dir = volume && dirOf(volume.source);
    if (volume && dir !== undefined) {
      const label = labelOf(volume.mode);
      const target = cleaned(volume.target);
      asked.push({ dir, target, ...(volume.mode.includes("ro") && { readonly: true }), ...(label && { label }) });
    } else {
      otherBinds.push(text);
      if (volume) others.push(cleaned(volume.target));
    }
  }
  for (const mount of Mounts) {
    const dir = mount.Type === "bind" ? dirOf(mount.Source ?? "") : undefined;
    const target = cleaned(mount.Target);
    if (dir !== undefined) asked.push({ dir, target, ...(mount.ReadOnly && { readonly: true }) });
    else {
      otherMounts.push(mount);
      others.push(target);
    }
  }

  const labels = Object.fromEntries(
    [allocLabel, keyLabel, originLabel].flatMap((name) => {
      const value = request.Labels?.[name];
      return value ? [[name, value]] : [];
    }),
  );
  const secrets = `${own.task}/secrets`;
  const standard = new Set(["alloc", `${own.task}/local`, secrets]);
  const byDir = Map.groupBy(placesOf(asked, kept ? [...shared, ...alwaysKept] : shared, others), ({ dir }) => dir);
  // Where a directory is mounted read-only, what is mounted in it has to be there.
  const inside = Map.groupBy([...byDir.keys()], (dir) => posix.dirname(dir));
  const volumes = [...byDir].map(([dir, places]): DirVolume => ({
    ...(kept && isKept(dir, own.task)
      ? { name: keptName(kept.key, dir, kept.before), labels: keptLabels(kept.key, dir), isKept: true }
      : { name: volumeName(allocation.id, dir, standard), labels }),
    dir,
    places,
    contents: [
      ...new Set([
        ...(dir === "alloc" ? ["data", "logs", "tmp"] : []),
        ...(inside.get(dir) ?? []).map((child) => posix.basename(child)),
      ]),
    ],
    ...((dir === secrets || dir.startsWith(`${secrets}/`)) && { driver: inMemory }),
  }));

  const places = volumes.flatMap((volume) => volume.places.map((place) => ({ volume, place })));
  const [labelled, unlabelled] = [true, false].map((is) =>
    places.filter(({ place }) => (place.label !== undefined) === is),
  ) as [typeof places, typeof places];
  const labelledVolumes = [...new Set(labelled.map(({ volume }) => volume))];
  // A request has one driver for all that it binds by name. Ours have another, so the others are made before as well.
  const foreign =
    labelled.length > 0 && VolumeDriver
      ? otherBinds.flatMap((text) => {
          const name = tryReadVolume(text, engine.os)?.source;
          return name === undefined || isHostPath(name) ? [] : [{ name, labels: {}, driver: { Name: VolumeDriver } }];
        })
      : [];
  const binds = [...labelled.map(({ volume, place }) => asBind(volume, place)), ...otherBinds];
  return {
    dirs: volumes,
    first: [...labelledVolumes, ...foreign],
    request: {
      ...request,
      HostConfig: {
        ...host,
        ...(VolumeDriver && labelled.length === 0 && { VolumeDriver }),
        ...(binds.length > 0 && { Binds: binds }),
        Mounts: [...unlabelled.map(({ volume, place }) => asMount(volume, place)), ...otherMounts],
      },
    },
  };
}

const removeAll = (engine: Engine, names: readonly string[]): Promise<unknown> =>
  Promise.all(names.map((name) => engine.removeVolume(name)));

/** Removes volumes of a task. The engine refuses to remove what another task of the allocation still uses. */
export const removeDirs = (engine: Engine, dirs: readonly Pick<DirVolume, "name">[]): Promise<unknown> =>
  removeAll(engine, [...new Set(dirs.map(({ name }) => name))]);

/** Removes the directories that a container had, and those of its allocation when it was the last. */
export const removeMountedDirs = (
  engine: Engine,
  allocId: string,
  mounts: readonly MountPoint[] = [],
): Promise<unknown> =>
  removeDirs(
    engine,
    mounts.flatMap(({ Name }) => (Name?.startsWith(prefix(allocId)) ? [{ name: Name }] : [])),
  );

/** Removes directories of a task whose containers are gone, removed by hand or by somebody else's clean-up. */
export async function removeOrphanedDirs(
  engine: Engine,
  volumes: readonly VolumeInfo[],
  key: string,
  alive: ReadonlySet<string | undefined>,
): Promise<void> {
  const orphaned = volumes.filter(({ Labels }) => Labels?.[keyLabel] === key && !alive.has(Labels[allocLabel]));
  await removeAll(
    engine,
    orphaned.map(({ Name }) => Name),
  );
}

/**
 * Removes what is left of an allocation, where no container uses it.
 * @param key of the task whose directories they are; of all when it is left out
 */
export async function removeAllocationDirs(engine: Engine, allocId: string, key?: string): Promise<void> {
  const volumes = await engine.listVolumes([
    `${allocLabel}=${allocId}`,
    ...(key === undefined ? [] : [`${keyLabel}=${key}`]),
  ]);
  await removeAll(
    engine,
    volumes.map(({ Name }) => Name),
  );
}

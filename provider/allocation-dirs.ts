/**
 * An allocation's directories. They are volumes of the engine (docs/adr/0002): so they are where the engine is, whoever
 * runs the program and from wherever; the engine keeps them as long as a container uses them; and one call removes each.
 * A request names them by paths, as the driver does; `mountDirs` turns the paths into the volumes.
 */
import { access, chmod, chown, constants, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "./engine/engine";
import type { CreateRequest, Mount, VolumeInfo } from "./engine/types";
import type { AllocationDirs } from "./facts";
import { keyLabel } from "./ownership";
import { allocLabel, mountedDirs } from "./request";

const root = "/var/lib/longshore/alloc";
const nobody = 65_534;
const everyone = 0o777;

/** The paths by which a request names the directories of a task. */
export const allocationDirs = (allocId: string, task: string): AllocationDirs => ({
  root: `${root}/${allocId}`,
  task: `${root}/${allocId}/${task}`,
  alloc: `${root}/${allocId}/alloc`,
  local: `${root}/${allocId}/${task}/local`,
  secrets: `${root}/${allocId}/${task}/secrets`,
});

type Dir = (typeof mountedDirs)[number];
const volumeName = (allocId: string, task: string, dir: Dir): string =>
  `longshore-${allocId}-${dir === "alloc" ? dir : `${task.replace(/[^A-Za-z0-9_.-]/g, "_")}-${dir}`}`;

/** What each directory holds from the start. */
const contents: Readonly<Record<Exclude<Dir, "secrets">, readonly string[]>> = {
  alloc: ["", "data", "logs", "tmp"],
  local: [""],
};

/** Secrets never reach a disk: one MiB of memory from which nothing is run. */
const inMemory = {
  Name: "local",
  Options: { type: "tmpfs", device: "tmpfs", o: `size=1m,noexec,nosuid,nodev,mode=${everyone.toString(8)}` },
};

/** The request with volumes in the place of the directories' paths. */
export function mountDirs(request: CreateRequest, allocId: string, task: string): CreateRequest {
  const dirs = allocationDirs(allocId, task);
  const labels = request.Labels ?? {};
  const { Binds = [], Mounts = [], ...host } = request.HostConfig ?? {};
  const mounts = mountedDirs.map((dir): Mount => ({
    Type: "volume",
    Source: volumeName(allocId, task, dir),
    Target: `/${dir}`,
    VolumeOptions: {
      NoCopy: true,
      Labels: Object.fromEntries(
        [allocLabel, keyLabel].flatMap((name) => (labels[name] ? [[name, labels[name]]] : [])),
      ),
      ...(dir === "secrets" && { DriverConfig: inMemory }),
    },
  }));
  const standard = new Set(mountedDirs.map((dir) => `${dirs[dir]}:/${dir}`));
  const others = Binds.filter((bind) => !standard.has(bind));
  return {
    ...request,
    HostConfig: { ...host, ...(others.length > 0 && { Binds: others }), Mounts: [...mounts, ...Mounts] },
  };
}

const writable = (path: string): Promise<boolean> =>
  access(path, constants.W_OK).then(
    () => true,
    () => false,
  );

/** A tar of empty directories that anybody may write into. */
export async function emptyDirs(): Promise<Buffer> {
  const { pack } = await import("tar-stream");
  const tar = pack();
  for (const [dir, inside] of Object.entries(contents))
    for (const name of inside)
      tar.entry({
        name: `${join(dir, name)}/`.replace("//", "/"),
        type: "directory",
        mode: everyone,
        uid: nobody,
        gid: nobody,
      });
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/**
 * Makes the directories of a created container what a task may expect, before it starts.
 * @param volumes where the engine keeps its volumes. When that is on this machine, the directories are made in
 *   place; an archive through the engine takes about 90 ms more.
 */
export async function prepareDirs(engine: Engine, containerId: string, allocId: string, task: string, volumes: string) {
  const places = (Object.keys(contents) as (keyof typeof contents)[]).map(
    (dir) => [dir, join(volumes, volumeName(allocId, task, dir), "_data")] as const,
  );
  const here = await Promise.all(places.map(([, place]) => writable(place)));
  if (!here.every(Boolean)) return engine.putArchive(containerId, "/", await emptyDirs());
  for (const [dir, place] of places)
    for (const name of contents[dir]) {
      const path = join(place, name);
      await mkdir(path, { recursive: true });
      await chmod(path, everyone);
      await chown(path, nobody, nobody);
    }
}

/** Removes the directories of a task, and those of its allocation when it was the last. */
export async function removeDirs(engine: Engine, allocId: string, task: string): Promise<void> {
  // The engine refuses to remove what another task of the allocation still uses.
  await Promise.all(
    (["local", "secrets", "alloc"] as const).map((dir) => engine.removeVolume(volumeName(allocId, task, dir))),
  );
}

/** Removes directories of a task whose containers are gone, removed by hand or by somebody else's clean-up. */
export async function removeOrphanedDirs(
  engine: Engine,
  volumes: readonly VolumeInfo[],
  key: string,
  alive: ReadonlySet<string | undefined>,
): Promise<void> {
  const orphaned = volumes.filter(({ Labels }) => Labels?.[keyLabel] === key && !alive.has(Labels[allocLabel]));
  await Promise.all(orphaned.map(({ Name }) => engine.removeVolume(Name)));
}

/** Removes what is left of an allocation when its tasks are gone. */
export const removeAllocationDir = (engine: Engine, allocId: string): Promise<boolean> =>
  engine.removeVolume(volumeName(allocId, "", "alloc"));

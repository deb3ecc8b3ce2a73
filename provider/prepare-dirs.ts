/** Makes the directories of a created container what a task may expect, before it starts. */
import { access, constants, mkdir, open } from "node:fs/promises";
import { join, posix } from "node:path";
import type * as TarStream from "tar-stream";
import type { DirVolume } from "./allocation-dirs";
import type { Engine } from "./engine/engine";
import type { CreateRequest } from "./engine/types";
import { allocLabel, mountedDirs } from "./request";

const nobody = 65_534;
const everyone = 0o777;

const writable = (path: string): Promise<boolean> =>
  access(path, constants.W_OK).then(
    () => true,
    () => false,
  );

const isCode = (error: unknown, ...codes: readonly string[]) =>
  codes.includes((error as NodeJS.ErrnoException).code ?? "");

/** Opens a directory to anybody. Another task of the allocation may have put a symlink in its place: that is left. */
async function openUp(path: string): Promise<void> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    try {
      await handle.chmod(everyone);
      await handle.chown(nobody, nobody);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!isCode(error, "ELOOP", "ENOTDIR", "ENOENT")) throw error;
  }
}

async function makeHere({ contents }: DirVolume, place: string): Promise<void> {
  await openUp(place);
  for (const name of contents)
    try {
      await mkdir(join(place, name));
      await openUp(join(place, name));
    } catch (error) {
      // Another task of the allocation has it already, and may have made of it what it likes.
      if (!isCode(error, "EEXIST")) throw error;
    }
}

/** A tar of empty directories that anybody may write into. */
async function emptyDirs(paths: readonly string[]): Promise<Buffer> {
  // Loaded when it is needed, which is seldom; Jest cannot import so late.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { pack } = require("tar-stream") as typeof TarStream;
  const tar = pack();
  for (const path of paths)
    tar.entry({ name: `${path.replace(/^\//, "")}/`, type: "directory", mode: everyone, uid: nobody, gid: nobody });
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const standard: ReadonlySet<string> = new Set(mountedDirs.map((dir) => `/${dir}`));

async function makeThroughEngine(
  engine: Engine,
  container: { readonly id: string; readonly request: CreateRequest },
  dirs: readonly DirVolume[],
): Promise<void> {
  const tarAt = (places: readonly string[]) =>
    emptyDirs(
      dirs.flatMap(({ contents }, index) => ["", ...contents].map((name) => posix.join(places[index] ?? "", name))),
    );
  const { Image, Labels, HostConfig } = container.request;
  const usual = dirs.flatMap(({ places: [place, ...more] }) =>
    place && more.length === 0 && standard.has(place.target) ? [place.target] : [],
  );
  if (usual.length === dirs.length && !HostConfig?.ReadonlyRootfs)
    return engine.putArchive(container.id, "/", await tarAt(usual));

  // Through a container beside it, which never runs: in its own the engine would refuse to write, or symlinks of the
  // image be in the way.
  const places = dirs.map((_, index) => `/longshore/${index}`);
  const { Id } = await engine.createContainer(`longshore-dirs-${container.id.slice(0, 12)}`, {
    ...(Image !== undefined && { Image }),
    // An image without a command would be refused.
    Cmd: ["/"],
    // It is no container of the task: what is known of one by its labels is not known of this.
    Labels: { [allocLabel]: Labels?.[allocLabel] ?? "" },
    HostConfig: {
      NetworkMode: "none",
      Mounts: dirs.map(({ name }, index) => ({
        Type: "volume",
        Source: name,
        Target: places[index] ?? "",
        VolumeOptions: { NoCopy: true },
      })),
    },
  });
  try {
    await engine.putArchive(Id, "/", await tarAt(places));
  } finally {
    await engine.removeContainer(Id);
  }
}

/**
 * @param volumes where the engine keeps its volumes. When that is on this machine, the directories are made in
 *   place; an archive through the engine takes about 90 ms more.
 */
export async function prepareDirs(
  engine: Engine,
  container: { readonly id: string; readonly request: CreateRequest },
  all: readonly DirVolume[],
  volumes: string,
): Promise<void> {
  // What is in memory is made by the mount itself, as it should be.
  const dirs = all.filter(({ driver }) => driver === undefined);
  const places = dirs.map((volume) => [volume, join(volumes, volume.name, "_data")] as const);
  const here = await Promise.all(places.map(([, place]) => writable(place)));
  if (!here.every(Boolean)) return makeThroughEngine(engine, container, dirs);
  try {
    for (const [volume, place] of places) await makeHere(volume, place);
  } catch (error) {
    // A rootless engine's volumes are its user's, who may write into them and give nothing away.
    if (!isCode(error, "EPERM", "EACCES")) throw error;
    await makeThroughEngine(engine, container, dirs);
  }
}

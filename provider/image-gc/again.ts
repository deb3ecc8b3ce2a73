/** Whether an image that goes can be had again. What cannot is never removed. */
import { digestOf, fileKind } from "../archive";
import type { Engine } from "../engine/engine";
import type { ImageInfo } from "../engine/types";
import { digestsIn, tryParseImage } from "../image-reference";
import { type Asking, RegistryError, asking } from "../registry/asking";
import { registryDigest } from "../registry/digest";
import { registryFailureOf } from "../registry/failures";
import type { Again, Candidate } from "./marks";

/** Asks the registry for the very content that the engine has; undefined when it has it no more. */
async function fromRegistry(engine: Engine, image: ImageInfo, how: Asking): Promise<Again | undefined> {
  const [digest] = digestsIn(how.image, image.RepoDigests);
  // Built here, or loaded: no registry has given it.
  if (digest === undefined) return undefined;
  const content = `${tryParseImage(how.image)?.repository ?? how.image}@${digest}`;
  try {
    await asking(how, (auth) => registryDigest(engine, content, auth));
    return "registry";
  } catch (error) {
    const isAbsent = error instanceof RegistryError && registryFailureOf(error.cause) === "absent";
    return isAbsent ? undefined : "unknown";
  }
}

/** An archive from which an image was loaded. */
export interface Loaded {
  readonly load?: string | undefined;
  /** What was in it. */
  readonly archive?: string | undefined;
}

/** Where an image can be had again from; undefined where it cannot. */
export async function whereAgain(
  engine: Engine,
  image: ImageInfo,
  { load, archive, ...how }: Asking & Loaded,
): Promise<Again | undefined> {
  if (load !== undefined && fileKind(load) === "archive" && (await digestOf(load)) === archive) return "archive";
  return fromRegistry(engine, image, how);
}

/** The same, later, when the credentials of its tasks are not at hand. */
export async function whereAgainByName(
  engine: Engine,
  image: ImageInfo,
  { names }: Candidate,
): Promise<Again | undefined> {
  for (const name of names) {
    const again = await fromRegistry(engine, image, { image: name, pluginAuth: undefined });
    if (again !== undefined) return again;
  }
  return undefined;
}

/** Which digest a name means in its registry now. */
import type { Engine } from "../engine/engine";
import type { RegistryAuth } from "../engine/types";
import { EngineError, isEngineError } from "../errors";
import { imageName, placeOf } from "../image-reference";
import { manifestDigest } from "./client";
import { saysAbsent } from "./failures";

/** A preview waits for no registry longer than that. */
const limitSeconds = 15;

/** Podman has no such call; and what stands before an engine's socket may not let it through. */
const hasNoSuchCall = (error: unknown): boolean =>
  isEngineError(error) &&
  ((error.kind === "notFound" && !saysAbsent(error.message)) ||
    /administrative rules|method not allowed|not implemented/i.test(error.message));

/**
 * Asks through the engine, which knows its mirrors and its network; or directly, where the engine cannot ask.
 * @throws EngineError in the registry's words
 */
export async function registryDigest(engine: Engine, written: string, auth: RegistryAuth | undefined): Promise<string> {
  const signal = AbortSignal.timeout(limitSeconds * 1000);
  try {
    const { Descriptor } = await engine.distribution(imageName(written), auth, signal).catch((error: unknown) => {
      if (!hasNoSuchCall(error)) throw error;
      return manifestDigest(written, auth, signal).then((digest) => ({ Descriptor: { digest } }));
    });
    return Descriptor.digest;
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new EngineError("lost", `${placeOf(written).registry} did not answer within ${limitSeconds} s`);
  }
}

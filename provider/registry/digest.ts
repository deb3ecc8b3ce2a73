/** Which digest a name means in its registry now. */
import type { Engine } from "../engine/engine";
import type { RegistryAuth } from "../engine/types";
import { EngineError, isEngineError } from "../errors";
import { imageName, placeOf } from "../image-reference";
import { manifestDigest } from "./client";
import { isOfRegistry } from "./failures";

/** A preview waits for no registry longer than that. */
const limitSeconds = 15;

/** Asks without the engine; what is out of reach then is the registry, and not the engine. */
const askDirectly = (written: string, auth: RegistryAuth | undefined, signal: AbortSignal): Promise<string> =>
  manifestDigest(written, auth, signal).catch((error: unknown) => {
    throw isEngineError(error, "unreachable") ? new EngineError("lost", error.message) : error;
  });

/** Podman has no such call; and what stands before an engine's socket may not let it through. */
const hasNoSuchCall = (error: unknown): boolean =>
  isEngineError(error) &&
  ((error.kind === "notFound" && !isOfRegistry(error.message)) ||
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
      return askDirectly(written, auth, signal).then((digest) => ({ Descriptor: { digest } }));
    });
    return Descriptor.digest;
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new EngineError("lost", `${placeOf(written).registry} did not answer within ${limitSeconds} s`);
  }
}

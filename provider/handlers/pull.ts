/** Gets an image onto an engine: from its registry, or from an archive. */
import { type Connection } from "../connection";
import { durationMs } from "../duration";
import { isAuthFailure, isEngineError } from "../errors";
import { alwaysAsked, imageName, pullParameters } from "../image-reference";
import type { ImageInputs } from "../inputs";
import { pluginSpec } from "../plugin-spec";
import { note } from "./note";

type Auth = ImageInputs["auth"];

const hasAuth = (auth: Auth): boolean => Object.values(auth ?? {}).some(Boolean);

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Asks the registry, with credentials if there are any; without, when it refuses them and that may be. */
export async function pull(connection: Connection, inputs: ImageInputs): Promise<void> {
  const { auth, authSoftFail } = inputs;
  try {
    await pullWith(connection, inputs, auth);
  } catch (error) {
    if (authSoftFail !== true || !hasAuth(auth) || !isAuthFailure((error as Error).cause)) throw error;
    note(`${imageName(inputs.image)}: the registry refuses the credentials of auth; going on without (auth_soft_fail)`);
    await pullWith(connection, inputs, undefined);
  }
}

async function pullWith({ engine }: Connection, inputs: ImageInputs, auth: Auth): Promise<void> {
  const { image, imagePullTimeout = "5m", plugin } = inputs;
  const timeoutMs = durationMs(imagePullTimeout);
  const silenceMs = durationMs(pluginSpec(plugin).pullActivityTimeout);
  const name = imageName(image);
  const began = Date.now();
  let said = began;
  try {
    await engine.pullImage(pullParameters(image), {
      timeoutMs,
      silenceMs,
      auth,
      onProgress({ layers, layersDone, bytes, bytesTotal }) {
        // On the wire there is one line a message: often enough to see it live, seldom enough to read a CI log.
        if (Date.now() - said < 10_000) return;
        said = Date.now();
        note(`pulling ${name}: ${layersDone} of ${layers} layers, ${mb(bytes)} of ${mb(bytesTotal)} MB`);
      },
    });
  } catch (error) {
    if (Date.now() - began >= timeoutMs)
      throw new Error(
        `image ${name} could not be pulled within image_pull_timeout (${imagePullTimeout}); raise it, or look at the registry`,
        { cause: error },
      );
    const why = textOf(error);
    throw new Error(`image ${name} could not be pulled (${rule(inputs)}): ${why}; ${wayOut(error, auth)}`, {
      cause: error,
    });
  }
}

const mb = (bytes: number) => (bytes / 1e6).toFixed(1);

const rule = ({ image, forcePull }: ImageInputs): string => {
  if (forcePull === true) return "force_pull is set";
  return alwaysAsked(image) ? "its tag is omitted or latest" : "the engine does not have it";
};

const wayOut = (error: unknown, auth: Auth): string => {
  if (isEngineError(error, "notFound")) return "check the name and the tag";
  if (!isAuthFailure(error)) return "check that the engine reaches the registry";
  return hasAuth(auth)
    ? "the registry refuses the credentials of auth; correct them, or set auth_soft_fail to go on without"
    : "the registry wants credentials; give them in auth, or pull the image by hand";
};

/** Loads an archive, and demands that the image is one of those in it. */
export async function load({ engine }: Connection, image: string, path: string): Promise<void> {
  const name = imageName(image);
  const loaded = await engine.loadImage(path).catch((error: unknown) => {
    throw new Error(`image ${name} could not be loaded: the engine cannot read ${path}: ${textOf(error)}`, {
      cause: error,
    });
  });
  const ids = await Promise.all(loaded.map(async (one) => (await engine.tryInspectImage(one))?.Id));
  const wanted = await engine.tryInspectImage(name);
  if (wanted && ids.includes(wanted.Id)) return;
  throw new Error(
    `image ${name} is not in ${path}, which has ${loaded.join(", ") || "none"}; name one of these in image, or another archive in load`,
  );
}

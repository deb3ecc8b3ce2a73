/** Gets an image onto an engine: from its registry, or from an archive. */
import { hashOf } from "../canonical";
import type { Connection } from "../connection";
import { durationMs } from "../duration";
import type { Progress } from "../engine/pull";
import type { RegistryAuth } from "../engine/types";
import { alwaysAsked, imageName, pullParameters } from "../image-reference";
import type { ImageInputs } from "../inputs";
import { note } from "../note";
import { pluginSpec } from "../plugin-spec";
import { asking } from "../registry/asking";
import { mayPass } from "../registry/failures";

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** How an image's registry is asked. */
export const askingFor = ({ image, auth, authSoftFail, plugin }: ImageInputs) => ({
  image,
  auth,
  authSoftFail,
  pluginAuth: pluginSpec(plugin).auth,
});

const pulls = new WeakMap<Connection, Map<string, Promise<void>>>();

/**
 * Asks the registry. Whoever asks for the same at the same time shares the first one's pull.
 * @param reference what is asked for, where that is not the image as it is written
 */
export function pull(connection: Connection, inputs: ImageInputs, reference = inputs.image): Promise<void> {
  const running = pulls.get(connection) ?? new Map<string, Promise<void>>();
  pulls.set(connection, running);
  const key = hashOf(pullParameters(reference));
  const shared = running.get(key);
  if (shared) return shared;
  const begun = connection
    .pulling(() =>
      asking(askingFor(inputs), (auth) => new Pull(connection, inputs, reference).untilItWorks(auth)).catch(
        (error: unknown) => {
          throw new Error(`image ${imageName(reference)} could not be pulled (${rule(inputs)}): ${textOf(error)}`, {
            cause: error,
          });
        },
      ),
    )
    .finally(() => running.delete(key));
  running.set(key, begun);
  return begun;
}

const rule = ({ image, forcePull }: ImageInputs): string => {
  if (forcePull === true) return "force_pull is set";
  return alwaysAsked(image) ? "its tag is omitted or latest" : "the engine does not have it";
};

/** No time is left: trying again is of no use. */
class OutOfTime extends Error {}

const pausesMs = [1_000, 2_000, 4_000, 8_000];

class Pull {
  private readonly name: string;
  private readonly limit: string;
  private readonly end: number;
  private readonly silence: string;

  constructor(
    private readonly connection: Connection,
    { imagePullTimeout = "5m", plugin }: ImageInputs,
    private readonly reference: string,
  ) {
    this.name = imageName(reference);
    this.limit = imagePullTimeout;
    this.end = Date.now() + durationMs(imagePullTimeout);
    this.silence = pluginSpec(plugin).pullActivityTimeout;
  }

  /** What can pass is tried again, for as long as there is time. */
  async untilItWorks(auth: RegistryAuth | undefined): Promise<void> {
    for (const [tries, pauseMs] of [...pausesMs, undefined].entries())
      try {
        await this.once(auth);
        return;
      } catch (error) {
        const isLast = pauseMs === undefined || Date.now() + pauseMs >= this.end;
        if (error instanceof OutOfTime || !mayPass(error)) throw error;
        if (isLast) throw new Error(`${textOf(error)}, and so for ${tries + 1} times`, { cause: error });
        note(`${this.name}: ${textOf(error)}; trying again in ${pauseMs / 1000} s`);
        await new Promise((next) => setTimeout(next, pauseMs));
      }
  }

  private async once(auth: RegistryAuth | undefined): Promise<void> {
    const signal = AbortSignal.timeout(Math.max(1, this.end - Date.now()));
    const silenceMs = durationMs(this.silence);
    const report = reporter(this.name);
    let heard = Date.now();
    try {
      await this.connection.engine.pullImage(pullParameters(this.reference), {
        signal,
        silenceMs,
        auth,
        onProgress(progress) {
          heard = Date.now();
          report(progress);
        },
      });
    } catch (error) {
      if (signal.aborted)
        throw new OutOfTime(
          `it was not done within image_pull_timeout (${this.limit}); raise it, or look at the registry`,
          { cause: error },
        );
      if (Date.now() - heard >= silenceMs)
        throw new OutOfTime(
          `the engine said nothing for pull_activity_timeout (${this.silence}); raise it in the plugin, or look at the registry`,
          { cause: error },
        );
      throw error;
    }
  }
}

const mb = (bytes: number) => (bytes / 1e6).toFixed(1);

/** The first word of a pull comes soon, the others seldom enough to read a log of CI: each is a line of its own. */
const firstMs = 3_000;
const nextMs = 10_000;

/** Says how far a pull is, at a steady pace. */
function reporter(name: string): (progress: Progress) => void {
  const began = Date.now();
  let due = began + firstMs;
  let last = { at: began, bytes: 0 };
  return ({ layers, layersDone, bytes, bytesTotal, isUnpacking }) => {
    const now = Date.now();
    if (now < due || layers === 0) return;
    due = now + nextMs;
    const rate = ((bytes - last.bytes) / (now - last.at)) * 1000;
    last = { at: now, bytes };
    const how = isUnpacking ? "unpacking" : `${mb(rate)} MB/s`;
    note(`pulling ${name}: ${layersDone} of ${layers} layers, ${mb(bytes)} of ${mb(bytesTotal)} MB, ${how}`);
  };
}

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

/** Gets an image onto an engine: from its registry, or from an archive. */
import { statSync } from "node:fs";
import { hashOf } from "../canonical";
import type { Connection } from "../connection";
import { durationMs } from "../duration";
import type { RegistryAuth } from "../engine/types";
import { EngineError, isEngineError } from "../errors";
import { alwaysAsked, imageName, placeOf, pullParameters } from "../image-reference";
import type { ImageInputs } from "../inputs";
import { note } from "../note";
import { pluginSpec } from "../plugin-spec";
import { asking } from "../registry/asking";
import { OwnFailure, isTriedByEngine, mayPass, registryFailureOf } from "../registry/failures";
import { wordsOf } from "../registry/words";
import { reporter, sendReporter } from "./progress";
import { silenceOf } from "./silence";

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** How an image's registry is asked. */
export const askingFor = ({ image, auth, authSoftFail, plugin }: ImageInputs) => ({
  image,
  auth,
  authSoftFail,
  pluginAuth: pluginSpec(plugin).auth,
});

const pulls = new WeakMap<Connection, Map<string, Promise<void>>>();

interface PullOptions {
  /** What is asked for, where that is not the image as it is written. */
  readonly reference?: string;
  /** Whether there is nothing to do any more: it may have come for somebody else meanwhile. */
  readonly isThere?: () => Promise<boolean>;
}

/** Asks the registry. Whoever asks for the same at the same time shares the first one's pull. */
export function pull(
  connection: Connection,
  inputs: ImageInputs,
  { reference = inputs.image, isThere = () => Promise.resolve(false) }: PullOptions = {},
): Promise<void> {
  const running = pulls.get(connection) ?? new Map<string, Promise<void>>();
  pulls.set(connection, running);
  const key = hashOf(pullParameters(reference));
  const shared = running.get(key);
  if (shared) return shared;
  const begun = connection
    .pulling(async () => {
      if (await isThere()) return;
      await asking(askingFor(inputs), (auth) => new Pull(connection, inputs, reference).untilItWorks(auth)).catch(
        (error: unknown) => {
          throw new Error(`image ${imageName(reference)} could not be pulled (${rule(inputs)}): ${textOf(error)}`, {
            cause: error,
          });
        },
      );
    })
    .finally(() => running.delete(key));
  running.set(key, begun);
  return begun;
}

const rule = ({ image, forcePull }: ImageInputs): string => {
  if (forcePull === true) return "force_pull is set";
  return alwaysAsked(image) ? "its tag is omitted or latest" : "the engine does not have it";
};

const pausesMs = [1_000, 2_000, 4_000, 8_000];
/** For so long, nobody else waits for a registry that was found to be down. */
const downMs = 30_000;
/** An engine that has tried by itself for so long is not asked to go on. */
const engineTriedMs = 20_000;
/** More than that is as good as for ever, and too much for a timer. */
const longestMs = 2 ** 31 - 1;

const foundDown = new WeakMap<Connection, Map<string, number>>();

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
    for (const [tries, pauseMs] of [...pausesMs, undefined].entries()) {
      const began = Date.now();
      try {
        await this.once(auth);
        return;
      } catch (error) {
        // An engine that answered a moment ago is on its way back.
        const passes = mayPass(error) || (tries > 0 && isEngineError(error, "unreachable"));
        const wasTried = isTriedByEngine(error) && Date.now() - began >= engineTriedMs;
        if (!passes || wasTried) throw error;
        const isLast = pauseMs === undefined || Date.now() + pauseMs >= this.end;
        if (this.isDown(error, pauseMs === undefined) || isLast) throw repeated(error, tries + 1);
        note(`${this.name}: ${wordsOf(textOf(error), auth)}; trying again in ${pauseMs / 1000} s`);
        await new Promise((next) => setTimeout(next, pauseMs));
      }
    }
  }

  /** Whether others have waited in vain for the registry just now. */
  private isDown(error: unknown, isLast: boolean): boolean {
    if (registryFailureOf(error) !== "down") return false;
    const found = foundDown.get(this.connection) ?? new Map<string, number>();
    foundDown.set(this.connection, found);
    const { registry } = placeOf(this.reference);
    if (isLast) found.set(registry, Date.now());
    return Date.now() - (found.get(registry) ?? -Infinity) < downMs;
  }

  private async once(auth: RegistryAuth | undefined): Promise<void> {
    const time = AbortSignal.timeout(Math.min(Math.max(1, this.end - Date.now()), longestMs));
    const silenceMs = Math.min(durationMs(this.silence), longestMs);
    const silence = silenceOf(this.connection, silenceMs);
    const report = reporter(this.name);
    let isPulled = false;
    try {
      await this.connection.engine.pullImage(pullParameters(this.reference), {
        signal: AbortSignal.any([time, silence.signal]),
        // The connection's own patience knows nothing of other pulls.
        silenceMs: longestMs,
        auth,
        onProgress(progress) {
          silence.heard(progress.isWaiting);
          report.heard(progress);
        },
      });
      isPulled = true;
    } catch (error) {
      throw this.explained(error, time, silence.signal);
    } finally {
      silence.end();
      report.end(isPulled);
    }
  }

  private explained(error: unknown, time: AbortSignal, silence: AbortSignal): unknown {
    if (time.aborted) {
      const text = `it was not done within image_pull_timeout (${this.limit})`;
      return new OwnFailure(text, false, "raise it, or look at the registry", error);
    }
    if (silence.aborted) {
      const text = `the engine said nothing for pull_activity_timeout (${this.silence})`;
      return new OwnFailure(text, false, "raise it in the plugin, or look at the registry", error);
    }
    if (isEngineError(error)) return error;
    // In the midst of its answer. What Node says of that is one word.
    const text = `the engine's answer to the pull broke off (${wordsOf(textOf(error))})`;
    return new OwnFailure(text, true, "see in the engine's log why, and try again", error);
  }
}

function repeated(error: unknown, tries: number): unknown {
  if (tries === 1) return error;
  const text = `${textOf(error)}, and so for ${tries} times`;
  if (error instanceof OwnFailure) return new OwnFailure(text, error.passes, error.wayOut, error.cause);
  return isEngineError(error) ? new EngineError(error.kind, text) : error;
}

/** Loads an archive, and demands that the image is one of those in it. */
export async function load({ engine }: Connection, image: string, path: string): Promise<void> {
  const name = imageName(image);
  const loaded = await engine.loadImage(path, sendReporter(name, statSync(path).size)).catch((error: unknown) => {
    throw new Error(`image ${name} could not be loaded: the engine cannot read ${path}: ${wordsOf(textOf(error))}`, {
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

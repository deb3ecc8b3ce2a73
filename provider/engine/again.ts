/** Calls that may pass a moment later are repeated, with the pauses of Nomad's driver. */
import { setTimeout as sleep } from "node:timers/promises";
import { EngineError } from "../errors";
import { note } from "../note";
import { patienceMs, pausesMs } from "./limits";
import { timeLimitSignal } from "./time-limit";

/** Shorter pauses are not worth a word. */
const toldMs = 3_000;

export interface Repetition {
  /** Whether the engine has answered this process before: only then is it expected to come back. */
  readonly hasAnswered: () => boolean;
}

/** Whether what was asked can have happened all the same. */
export type Repeatable =
  /** Asked twice it is as if asked once. */
  | "always"
  /** Only what cannot have happened is asked again. */
  | "if not done";

export type Again = <T>(ask: (tries: number) => Promise<T>, repeatable?: Repeatable) => Promise<T>;

/** One for each engine: when it had its tries in vain, the next calls are made once, until one of them succeeds. */
export function again({ hasAnswered }: Repetition): Again {
  let isGivenUp = false;

  const passes = (error: unknown, repeatable: Repeatable): error is EngineError => {
    if (!(error instanceof EngineError)) return false;
    if (error.kind === "unreachable") return hasAnswered();
    return error.kind === "internal" || (error.kind === "lost" && repeatable === "always");
  };

  return async (ask, repeatable = "always") => {
    const end = Date.now() + patienceMs;
    for (let tries = 0; ; tries++)
      try {
        const answer = await ask(tries);
        isGivenUp = false;
        return answer;
      } catch (error) {
        if (!passes(error, repeatable)) throw error;
        const pause = pausesMs[tries];
        if (pause === undefined || isGivenUp || Date.now() + pause > end) {
          isGivenUp = true;
          throw error;
        }
        if (pause >= toldMs)
          note(`${error.message}; trying again in ${pause / 1000} s, ${tries + 1} of ${pausesMs.length}`);
        await sleep(pause);
        // Nobody waits for it any more.
        if (timeLimitSignal()?.aborted) throw error;
      }
  };
}

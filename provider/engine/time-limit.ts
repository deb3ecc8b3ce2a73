/** How long an operation may take in all. Till then each call of an engine is waited for, and no longer. */
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";

/** What an operation may take, and how an error speaks of it. */
export interface TimeLimit {
  readonly ms: number;
  /** What is being done: `the create of task web (shop/dev/…)`. */
  readonly what: string;
  /** Where the limit comes from, and what to do: `1m (timeouts.create)`. */
  readonly limit: string;
}

/** An operation took longer than it may. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
}

interface Running extends TimeLimit {
  readonly signal: AbortSignal;
}

/** The limit that the code in hand is under; it follows promises. */
const current = new AsyncLocalStorage<Running | undefined>();

// Beyond it a timer of Node's goes off at once.
const longestMs = 2 ** 31 - 1;

/** Does something within a limit, in the place of the one that it was under. */
export async function withTimeLimit<T>(limit: TimeLimit, work: () => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), Math.min(limit.ms, longestMs));
  try {
    return await current.run({ ...limit, signal: controller.signal }, work);
  } finally {
    clearTimeout(timer);
  }
}

/** Does what others wait for too: a limit of the first of them is not theirs. */
export const withoutTimeLimit = <T>(work: () => Promise<T>): Promise<T> => current.run(undefined, work);

/** What cleaning up after a failure may take, whatever its operation has left. */
const cleaningMs = 2 * 60_000;

/** Cleans up after a failure, for which the operation may have no time left. */
export const cleaningUp = <T>(work: () => Promise<T>): Promise<T> =>
  withTimeLimit({ ms: cleaningMs, what: "cleaning up after it", limit: "2m" }, work);

/** Goes off when the operation in hand has no time left: what was asked for it is not to be done later. */
export const timeLimitSignal = (): AbortSignal | undefined => current.getStore()?.signal;

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/**
 * Waits for an answer as long as the limit lets it.
 * @param asked what the engine does meanwhile: `start container`
 * @throws TimeLimitError
 */
export async function inTime<T>(asked: string, ask: () => Promise<T>): Promise<T> {
  const running = current.getStore();
  if (!running) return ask();
  const { signal, what, limit } = running;
  const began = Date.now();
  const answered = new AbortController();
  const over = async (): Promise<never> => {
    if (!signal.aborted) await once(signal, "abort", { signal: answered.signal });
    const waited = Date.now() - began;
    throw new TimeLimitError(
      `${what} took longer than ${limit}, the last ${seconds(waited)} of it waiting for the engine to "${asked}"; see what keeps ` +
        `the engine, or raise the limit: the next up goes on from here`,
    );
  };
  if (signal.aborted) return over();
  try {
    return await Promise.race([ask(), over()]);
  } finally {
    answered.abort();
  }
}

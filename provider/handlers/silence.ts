/** Ends a pull of which nothing is heard any more. */
import type { Connection } from "../connection";

export interface Silence {
  /** Fires when it has lasted too long. */
  readonly signal: AbortSignal;
  /** @param isWaiting whether the pull itself can do no more than wait for its turn */
  heard(isWaiting: boolean): void;
  end(): void;
}

interface Waiting {
  isWaiting: boolean;
  readonly timer: NodeJS.Timeout;
}

const listening = new WeakMap<Connection, Set<Waiting>>();

/**
 * An engine has a few layers on the way at once, of all its pulls, and says nothing of the others: as long as it gets on
 * with one pull, those that wait for their turn are not silent.
 */
export function silenceOf(connection: Connection, ms: number): Silence {
  const all = listening.get(connection) ?? new Set();
  listening.set(connection, all);
  const silence = new AbortController();
  const own: Waiting = { isWaiting: false, timer: setTimeout(() => silence.abort(), ms) };
  all.add(own);
  return {
    signal: silence.signal,
    heard(isWaiting) {
      own.isWaiting = isWaiting;
      for (const one of all) if (one === own || one.isWaiting) one.timer.refresh();
    },
    end() {
      clearTimeout(own.timer);
      all.delete(own);
    },
  };
}

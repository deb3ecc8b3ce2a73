/** What an operation on a resource may take. */
import { durationMs } from "../duration";
import { withTimeLimit } from "../engine/time-limit";
import type { TaskSpec } from "../options";

export type Operation = keyof TaskSpec["timeouts"];

/** Where no option says otherwise; beside what the options of a task wait for. */
const usualMs = 10 * 60_000;

/** Does an operation of a task in the time that its options give it. */
export function inTimeOfTask<T>(
  operation: Operation,
  { key, place }: { readonly key: string; readonly place: { readonly task: string } },
  { timeouts, wait, killTimeout }: Pick<TaskSpec, "timeouts" | "wait" | "killTimeout">,
  work: () => Promise<T>,
): Promise<T> {
  const given = timeouts[operation];
  const waitsMs = {
    create: durationMs(wait.timeout) + durationMs(killTimeout),
    update: 0,
    delete: durationMs(killTimeout),
  };
  const ms = given === undefined ? usualMs + waitsMs[operation] : durationMs(given);
  const what = `the ${operation} of task ${place.task} (${key})`;
  return withTimeLimit({ ms, what, limit: limitText(ms, operation, given) }, work);
}

const limitText = (ms: number, operation: Operation, given: string | undefined) =>
  given === undefined
    ? `${Math.round(ms / 1000)}s (the default of timeouts.${operation})`
    : `${given} (timeouts.${operation})`;

/** The same for an allocation, which has the longest of its tasks' limits, if any. */
export const inTimeOfAllocation = <T>(
  operation: Operation,
  { key, timeouts = {} }: { readonly key: string; readonly timeouts?: TaskSpec["timeouts"] },
  extraMs: number,
  work: () => Promise<T>,
): Promise<T> => {
  const given = timeouts[operation];
  const ms = given === undefined ? usualMs + extraMs : durationMs(given);
  return withTimeLimit(
    { ms, what: `the ${operation} of allocation ${key}`, limit: limitText(ms, operation, given) },
    work,
  );
};

/** What an operation on a resource may take. */
import { durationMs } from "../duration";
import { withTimeLimit } from "../engine/time-limit";
import type { TaskSpec } from "../options";

export type Operation = keyof TaskSpec["timeouts"];

/** Where no option says otherwise; beside what the options of a task wait for. */
const usualMs = 10 * 60_000;

function inTimeOf<T>(
  operation: Operation,
  whose: string,
  { given, waitsMs }: { readonly given: string | undefined; readonly waitsMs: number },
  work: () => Promise<T>,
): Promise<T> {
  const ms = given === undefined ? usualMs + waitsMs : durationMs(given);
  const limit =
    given === undefined
      ? `${Math.round(ms / 1000)}s (the default of timeouts.${operation})`
      : `${given} (timeouts.${operation})`;
  return withTimeLimit({ ms, what: `the ${operation} of ${whose}`, limit }, work);
}

/** Does an operation of a task in the time that its options give it. */
export function inTimeOfTask<T>(
  operation: Operation,
  { key, place }: { readonly key: string; readonly place: { readonly task: string } },
  { timeouts, wait, killTimeout }: Pick<TaskSpec, "timeouts" | "wait" | "killTimeout">,
  work: () => Promise<T>,
): Promise<T> {
  const killMs = durationMs(killTimeout);
  const waitsMs = { create: durationMs(wait.timeout) + killMs, update: 0, delete: killMs }[operation];
  return inTimeOf(operation, `task ${place.task} (${key})`, { given: timeouts[operation], waitsMs }, work);
}

/** The same for an allocation, which has the longest of its tasks' limits, if any. */
export const inTimeOfAllocation = <T>(
  operation: Operation,
  { key, timeouts = {} }: { readonly key: string; readonly timeouts?: TaskSpec["timeouts"] },
  waitsMs: number,
  work: () => Promise<T>,
): Promise<T> => inTimeOf(operation, `allocation ${key}`, { given: timeouts[operation], waitsMs }, work);

import { durationMs, tryDurationMs } from "../provider/duration";
import type { TaskSpec } from "../provider/options";

type Timeouts = TaskSpec["timeouts"];

/** Of what tasks give as `timeouts`, the longest of each operation: what their allocation may take. */
export function longestTimeouts(tasks: readonly { readonly timeouts?: unknown }[]): Timeouts {
  const longest: Record<string, string> = {};
  for (const { timeouts = {} } of tasks)
    for (const [operation, text] of Object.entries(timeouts as Record<string, string | undefined>)) {
      // What is no duration is refused in its task's check.
      if (text === undefined || tryDurationMs(text) === undefined) continue;
      const so = longest[operation];
      if (so === undefined || durationMs(so) < durationMs(text)) longest[operation] = text;
    }
  return longest;
}

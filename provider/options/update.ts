/** What a job's and a group's `update` mean for their tasks. Pure. */
import type { UpdateSpec } from "./job";

/** How a container gives way to the next one: what of `update` is not as usual. */
export interface Rollover {
  readonly order?: "start_first" | "stop_first";
  readonly autoRevert?: false;
}

const given = (update: UpdateSpec = {}): UpdateSpec =>
  Object.fromEntries(Object.entries(update).filter(([, value]) => value !== undefined));

/** What the group leaves out is as the job says. */
export const updateOf = (job: UpdateSpec | undefined, group: UpdateSpec | undefined): UpdateSpec => ({
  ...given(job),
  ...given(group),
});

/** Undefined when all is as usual. */
export function rolloverOf({ order = "auto", autoRevert = true }: UpdateSpec): Rollover | undefined {
  if (order === "auto" && autoRevert) return undefined;
  return { ...(order !== "auto" && { order }), ...(!autoRevert && { autoRevert: false }) };
}

/** A task's `wait` with what it leaves out; undefined when neither says anything. */
export function waitWith(
  { minHealthyTime, healthyDeadline }: UpdateSpec,
  wait: object | undefined,
): object | undefined {
  const usual = {
    ...(minHealthyTime !== undefined && { minHealthyTime }),
    ...(healthyDeadline !== undefined && { timeout: healthyDeadline }),
  };
  return Object.keys(usual).length > 0 ? { ...usual, ...given(wait ?? {}) } : wait;
}

/** What is to become of something that a state does not know. Pure. */
import { spoken } from "../spoken";
import type { Left } from "./left";
import type { StateView } from "./state-view";

/** What holds for one thing, and why. */
export type Verdict =
  | { readonly action: "remove"; readonly because: string }
  /** It is young: a run may be about to write it into the state. */
  | { readonly action: "wait"; readonly forMs: number; readonly because: string }
  | { readonly action: "keep"; readonly because: string };

export interface Rule {
  /** Younger things are left alone. */
  readonly graceMs: number;
  /** Also what no run made that the state knows of. */
  readonly anyOrigin: boolean;
}

export function judge(
  left: Left,
  { stack, pending, origins }: Pick<StateView, "stack" | "pending" | "origins">,
  { graceMs, anyOrigin }: Rule,
  now: Date,
): Verdict {
  if (left.kind === "container" && left.onPurpose !== undefined)
    return { action: "keep", because: `it was left ${left.onPurpose}` };
  if (pending.has(left.key))
    return {
      action: "keep",
      because:
        `a run of ${stack} is at ${left.key}, or was cut off at it: the next up that changes it sees to it, or, when ` +
        `no run goes on, "pulumi refresh --clear-pending-creates" and another look`,
    };
  if (left.kind !== "container" && left.isOver)
    return {
      action: "remove",
      because: left.kind === "port" ? "its time is over, and no container shows it" : "its container is gone",
    };
  const isByForm = left.kind === "container" && left.isByForm;
  const isOwn = left.origin !== undefined && origins.has(left.origin);
  if (!isOwn && !isByForm && !anyOrigin)
    return {
      action: "keep",
      because:
        `no run that the state of ${stack} knows of made it; it may be that of another state with a stack of this name. ` +
        `If there is none, --any-origin`,
    };
  const ageMs = now.getTime() - left.made.getTime();
  if (Number.isNaN(ageMs)) return { action: "keep", because: "the engine does not tell how old it is" };
  const age = spoken(Math.max(0, ageMs));
  if (ageMs < graceMs)
    return { action: "wait", forMs: graceMs - ageMs, because: `it is ${age} old; goes in ${spoken(graceMs - ageMs)}` };
  if (isByForm) return { action: "remove", because: `it has the form of a task, and no owner; it is ${age} old` };
  return { action: "remove", because: `the state of ${stack} does not know it; it is ${age} old` };
}

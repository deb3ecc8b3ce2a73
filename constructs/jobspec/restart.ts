import type { Failure } from "../../provider/options/folds";
import { durationOfNs } from "../../provider/duration";
import { type Fields, isBlank } from "./fields";

/** A job's restart policy, as far as an engine can keep it. */
export interface Restart {
  /** A value of the option `restart`. */
  readonly restart?: string;
  /** What of the policy is lost. */
  readonly warning?: string;
  readonly failures: readonly Failure[];
}

/** What Nomad takes for what a policy leaves out. */
const attemptsOf = (type: unknown): number => (type === "batch" ? 3 : 2);
const modes = ["fail", "delay"];

const wrong = (field: string, value: unknown, problem: string): Failure => ({
  property: `restart_policy.${field}`,
  reason: `restart_policy.${field} is ${JSON.stringify(value)}, which ${problem}`,
});
const time = (value: unknown) => (typeof value === "number" ? durationOfNs(value) : String(value));

/** A policy of the group, over which one of the task goes, for a job of a type. */
export function restartOf(group: Fields | undefined, task: Fields | undefined, type: unknown): Restart {
  const [interval, delay, attempts = attemptsOf(type), mode = "fail"] = ["Interval", "Delay", "Attempts", "Mode"].map(
    (field) => [task?.take(field), group?.take(field)].find((value) => value !== undefined),
  );
  const count = typeof attempts === "number" && Number.isInteger(attempts) && attempts >= 0 ? attempts : undefined;
  const failures = [
    ...(count !== undefined ? [] : [wrong("attempts", attempts, "is not a whole number from 0; write one")]),
    ...(modes.includes(mode as string) ? [] : [wrong("mode", mode, `is none of ${modes.join(", ")}; choose one`)]),
    ...(mode === "delay" && attempts === 0
      ? [wrong("attempts", attempts, 'with the mode "delay" says two things; raise it, or write the mode "fail"')]
      : []),
  ];
  if (failures.length > 0 || count === undefined) return { failures };
  if (count === 0) return { restart: "no", failures };

  const endless = type === "batch" ? "on-failure" : "unless-stopped";
  const restart = mode === "delay" ? endless : `on-failure:${count}`;
  const lost = [
    ...(mode === "delay" ? [`attempts (${count})`] : []),
    ...(isBlank(interval) ? [] : [`interval (${time(interval)})`]),
    ...(isBlank(delay) ? [] : [`delay (${time(delay)})`]),
  ];
  const rules = [
    mode === "delay" ? "the engine tries for ever" : "the engine counts over the container's whole life",
    "it waits 100 ms before the first try and twice as long before each further one",
    ...(mode === "fail" && type !== "batch" ? ["it leaves a task that ended with 0"] : []),
  ];
  return {
    restart,
    warning:
      `RestartPolicy becomes restart "${restart}", an engine's own: ${rules.join(", ")}` +
      (lost.length > 0 ? `; ${lost.join(", ")} ${lost.length > 1 ? "have" : "has"} no effect` : ""),
    failures,
  };
}

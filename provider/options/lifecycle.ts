import * as z from "zod";
import { durationMs, durationSchema, tryDurationMs } from "../duration";
import type { RestartPolicy } from "../engine/types";
import type { Place } from "../facts";
import { refusedForSeveral } from "./network-mode";
import { optionGroup } from "./option";

const signals =
  /^(?:SIG)?(?:HUP|INT|QUIT|ILL|TRAP|ABRT|BUS|FPE|KILL|USR1|SEGV|USR2|PIPE|ALRM|TERM|STKFLT|CHLD|CONT|STOP|TSTP|TTIN|TTOU|URG|XCPU|XFSZ|VTALRM|PROF|WINCH|IO|PWR|SYS|RTMIN(?:\+\d+)?|RTMAX(?:-\d+)?)$/;

const restartText = /^(?:no|always|unless-stopped|on-failure(?::[1-9]\d*)?)$/;

const restartPolicy = (written: string | undefined, { type }: Place): RestartPolicy => {
  const [Name = "no", times] = (written ?? (type === "batch" ? "on-failure" : "unless-stopped")).split(":");
  return { Name, ...(times !== undefined && { MaximumRetryCount: Number(times) }) };
};

const ns = (text: string) => durationMs(text) * 1e6;

export const lifecycle = optionGroup({
  /**
   * When the engine starts the container again: `"no"`, `"always"`, `"unless-stopped"`, `"on-failure"` or
   * `"on-failure:3"`. `unless-stopped` for a service and `on-failure` for a batch job when unset.
   */
  restart: {
    schema: z
      .string()
      .regex(
        restartText,
        'is not a restart policy; write "no", "always", "unless-stopped", "on-failure" or "on-failure:3"',
      )
      .optional(),
    change: "in-place",
    stanza: "none",
    examples: ["on-failure:3", "no"],
    engine: (written, _, { place }) => ({ HostConfig: { RestartPolicy: restartPolicy(written, place) } }),
    observe: ({ HostConfig: { RestartPolicy: { Name, MaximumRetryCount } = {} } }, { place }) => {
      const text = `${Name || "no"}${MaximumRetryCount ? `:${MaximumRetryCount}` : ""}`;
      return text === restartPolicy(undefined, place).Name ? undefined : text;
    },
  },

  /** How long the task may take to end after it was told to, before it is killed. A duration. */
  killTimeout: {
    schema: durationSchema().default("5s"),
    change: "record",
    stanza: "task",
    examples: ["2s", "1500ms"],
  },

  /** The signal that tells the task to end. The image's STOPSIGNAL, or SIGTERM, when unset. */
  killSignal: {
    schema: z.string().regex(signals, 'is not the name of a signal; write it as in "SIGINT"').optional(),
    change: "record",
    stanza: "task",
    examples: ["SIGINT", "SIGUSR1"],
  },

  /**
   * The signal by which the engine itself ends the task: on `docker stop`, and when it shuts down. longshore sends it too, when it
   * stops the task, unless `killSignal` is set. The image's STOPSIGNAL, or SIGTERM, when unset.
   */
  stopSignal: {
    schema: z.string().regex(signals, 'is not the name of a signal; write it as in "SIGINT"').optional(),
    change: "replace",
    stanza: "none",
    examples: ["SIGINT", "SIGQUIT"],
    engine: (StopSignal) => ({ ...(StopSignal !== undefined && { StopSignal }) }),
  },

  /**
   * How long the engine itself waits for the task to end before it kills it, in whole seconds: on `docker stop`, and when it shuts
   * down. When longshore stops the task, it waits for `killTimeout`. The engine's own, 10 s, when unset.
   */
  stopTimeout: {
    schema: durationSchema()
      .refine((text) => (tryDurationMs(text) ?? 0) % 1000 === 0, {
        error: "is not a whole number of seconds; round it",
      })
      .optional(),
    change: "replace",
    stanza: "none",
    examples: ["5s", "1m"],
    engine: (text) => ({ ...(text !== undefined && { StopTimeout: durationMs(text) / 1000 }) }),
    canonical: durationMs,
  },

  /**
   * How the engine tells whether the task is well: the image's own check (`"image"`), none (`"none"`), or a
   * command, a list without a shell or a text with one, that ends with 0 when all is well.
   */
  healthcheck: {
    schema: z
      .union([
        z.enum(["image", "none"]),
        z.strictObject({
          /** What to run: a list without a shell, or a text with one. */
          command: z.union([z.string().min(1), z.array(z.string()).min(1)]),
          /** Time between two checks. A duration. */
          interval: durationSchema("1ms").optional(),
          /** A check that takes longer has failed. A duration. */
          timeout: durationSchema("1ms").optional(),
          /** Failures in this time after the start do not count. A duration. */
          startPeriod: durationSchema("1ms").optional(),
          /** So many failures in a row make the task unhealthy. */
          retries: z.int().min(1).optional(),
        }),
      ])
      .default("image"),
    change: "replace",
    interpolated: "loosely",
    stanza: "none",
    examples: [{ command: "true", interval: "2s", retries: 2 }, "none"],
    engine: (check) => {
      if (check === "image") return {};
      if (check === "none") return { Healthcheck: { Test: ["NONE"] } };
      const { command, interval, timeout, startPeriod, retries } = check;
      return {
        Healthcheck: {
          Test: typeof command === "string" ? ["CMD-SHELL", command] : ["CMD", ...command],
          ...(interval !== undefined && { Interval: ns(interval) }),
          ...(timeout !== undefined && { Timeout: ns(timeout) }),
          ...(startPeriod !== undefined && { StartPeriod: ns(startPeriod) }),
          ...(retries !== undefined && { Retries: retries }),
        },
      };
    },
  },

  /**
   * A container that is there, by name or id, to be taken over in place of making the first one: it runs on as it is, with limits and
   * restart policy as the options say. When it is otherwise than the options ask, nothing is done, and the error says in what. Of no
   * meaning once the task has a container.
   */
  adopt: {
    schema: z.string().min(1, "is empty; name a container, or take it out").optional(),
    change: "record",
    stanza: "none",
    examples: ["web", "shop-web-1"],
    policy: (name, _, { allocations }) => refusedForSeveral(name, allocations),
  },

  /**
   * What a new container must reach before the old one goes and the run goes on: that its process is `started`,
   * or that its healthcheck says `healthy`; for how long it has to stay so; and how long all that may take. What is left out is as
   * the group's `update` says.
   */
  wait: {
    schema: z
      .strictObject({
        /** What the new container must reach. */
        until: z.enum(["started", "healthy"]).default("started"),
        /** How long it has to stay so, without a start again. A duration. The group's `update.minHealthyTime` when unset. */
        minHealthyTime: durationSchema().default("0s"),
        /** How long all that may take. A duration. The group's `update.healthyDeadline` when unset. */
        timeout: durationSchema().default("5m"),
      })
      .prefault({}),
    change: "record",
    stanza: "none",
    examples: [
      { until: "started", timeout: "1m" },
      { until: "started", minHealthyTime: "1s", timeout: "2m" },
    ],
    policy: ({ until, minHealthyTime, timeout }, { healthcheck }) => {
      if (until === "healthy" && healthcheck === "none")
        return 'waits until healthy, and healthcheck is "none"; give a check, or wait until started';
      return durationMs(minHealthyTime) > durationMs(timeout)
        ? `waits for ${minHealthyTime} of being up, and for ${timeout} at the most; lower wait.minHealthyTime, or raise wait.timeout`
        : undefined;
    },
  },

  /**
   * How long longshore may take in all to make, to change and to remove the task's container, pauses and repetitions with it: then the
   * operation has failed, what it made is removed, and what ran before runs on. Ten minutes, and what `wait.timeout` and
   * `killTimeout` ask for, where unset. Pulumi's own `customTimeouts` do not reach these resources.
   */
  timeouts: {
    schema: z
      .strictObject({
        /** To make the container, stop the one before it where that goes first, and wait as `wait` says. A duration. */
        create: durationSchema("1s").optional(),
        /** To give a live container other limits, or start it again. A duration. */
        update: durationSchema("1s").optional(),
        /** To stop the container and remove it. A duration. */
        delete: durationSchema("1s").optional(),
      })
      .prefault({}),
    change: "record",
    stanza: "none",
    examples: [{ create: "6m", delete: "1m" }, { create: "10m" }],
    policy: ({ create, delete: removal }, { wait, killTimeout }) => {
      if (create !== undefined && durationMs(create) <= durationMs(wait.timeout))
        return `gives a create ${create}, and wait.timeout alone is ${wait.timeout}; raise timeouts.create, or lower wait.timeout`;
      return removal !== undefined && durationMs(removal) <= durationMs(killTimeout)
        ? `gives a delete ${removal}, and killTimeout alone is ${killTimeout}; raise timeouts.delete, or lower killTimeout`
        : undefined;
    },
  },
});

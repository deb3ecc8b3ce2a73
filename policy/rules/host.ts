/** What a task has of its engine's host. Which options give it is theirs to say: the column `exposes`. */
import * as z from "zod";
import { isDeviceAllowed } from "../../provider/device-paths";
import type { Exposed } from "../../provider/options/folds";
import type { ExposureKind } from "../../provider/options/option";
import { cleaned } from "../../provider/options/volume-text";
import { type Finding, type Level, rule } from "../rule";
import type { Subject } from "../subject";

const names = (words: string) => z.array(z.string().min(1)).describe(words);

const listed = (allow: readonly string[]) => allow.map((name) => `"${name}"`).join(", ") || "none";

const exposedIn = ({ exposed }: Subject, kind: ExposureKind) => exposed.filter((one) => one.kind === kind);

interface Allowing {
  readonly kind: ExposureKind;
  readonly refuses: string;
  readonly level?: Level;
  /** What `allow` names. */
  readonly named: string;
  readonly usually: readonly string[];
  readonly isAllowed: (name: string, allow: readonly string[]) => boolean;
  /** Completes "`option` …" for a name in the form in which it may be shown. */
  readonly reason: (shown: string) => string;
}

/** A rule whose list names what may be had. */
const allowing = ({ kind, refuses, level = "mandatory", named, usually, isAllowed, reason }: Allowing) =>
  rule({
    refuses,
    level,
    config: z.strictObject({ allow: names(named).default([...usually]) }),
    judge: (subject, { allow }) =>
      exposedIn(subject, kind)
        .filter(({ name }) => !isAllowed(name, allow))
        .map(({ option, name, at = [] }): Finding => {
          const shown = subject.shown(option, name);
          return {
            at: [option, ...at],
            reason: `${reason(shown)}, and the policy allows ${listed(allow)}`,
            wayOut: "take it out",
            allow: shown,
          };
        }),
  });

const byName = (name: string, allow: readonly string[]) => allow.includes(name);
const bare = (name: string) => name.toUpperCase().replace(/^CAP_/, "");

export const privileged = rule({
  refuses: "containers with all capabilities and all devices of the engine's host",
  level: "mandatory",
  config: z.strictObject({}),
  judge: (subject) =>
    exposedIn(subject, "privileges").map(({ option }) => ({
      at: [option],
      reason: "is true, which makes the task root on the engine's host",
      wayOut: "leave it out, and add what the task needs to cap_add or devices",
    })),
});

export const namespaces = allowing({
  kind: "namespace",
  refuses: "the network, IPC, PID, UTS, user or cgroup namespace of the engine's host",
  named: "Namespaces of the host that tasks may have: network, ipc, pid, uts, user, cgroup.",
  usually: [],
  isAllowed: byName,
  reason: (shown) => `gives the task the host's own namespace ${shown}`,
});

export const capabilities = allowing({
  kind: "capability",
  refuses: "capabilities over those that an engine gives to every container",
  named: "Capabilities that tasks may add: NET_ADMIN.",
  usually: [],
  isAllowed: (name, allow) => allow.map(bare).includes(bare(name)),
  reason: (shown) => `asks for ${shown}`,
});

export const runtimes = allowing({
  kind: "runtime",
  refuses: "runtimes of the engine that are not listed",
  named: "Runtimes that tasks may name.",
  usually: ["runc", "io.containerd.runc.v2"],
  isAllowed: byName,
  reason: (shown) => `is ${shown}`,
});

export const devices = allowing({
  kind: "device",
  refuses: "devices of the engine's host",
  named: "Devices that tasks may have, as patterns: `/dev/fuse`, `/dev/dri/*`, `nvidia.com/gpu=*`.",
  usually: [],
  isAllowed: (name, allow) => isDeviceAllowed(name, allow),
  reason: (shown) => `names ${shown}`,
});

export const unconfined = allowing({
  kind: "confinement",
  refuses: "tasks without seccomp, AppArmor, SELinux labels or masked system paths",
  named: "What may be switched off: seccomp, apparmor, label, systempaths.",
  usually: [],
  isAllowed: byName,
  reason: (shown) => `switches off ${shown}, which keeps the task apart from its host`,
});

const isBelow = (path: string, places: readonly string[]) =>
  places.map(cleaned).some((place) => path === place || path.startsWith(place === "/" ? place : `${place}/`));

const pathFinding = (
  { option, name, at = [], writable = false }: Exposed,
  subject: Subject,
  { allow, writable: places }: { readonly allow: readonly string[]; readonly writable: readonly string[] },
): Finding => {
  const shown = subject.shown(option, name);
  return isBelow(name, allow) && writable
    ? {
        at: [option, ...at],
        reason: `mounts ${shown} of the engine's host so that the task can write there, and the policy allows writing to ${listed(places)}`,
        wayOut: `mount it read-only, or have it added to "writable" of the rule host-paths`,
      }
    : {
        at: [option, ...at],
        reason: `mounts ${shown} of the engine's host, and the policy allows ${listed([...allow, ...places])}`,
        wayOut: "use a path relative to the task's directory",
        allow: shown,
      };
};

export const hostPaths = rule({
  refuses: "paths of the engine's host that are not listed, and those that are, unless they are mounted read-only",
  level: "mandatory",
  config: z.strictObject({
    allow: names("Paths that tasks may mount read-only, with all below them.").default([]),
    writable: names("Paths that they may write to as well.").default([]),
  }),
  judge: (subject, config) =>
    exposedIn(subject, "path")
      .filter(
        ({ name, writable }) => !isBelow(name, config.writable) && (writable === true || !isBelow(name, config.allow)),
      )
      .map((one) => pathFinding(one, subject, config)),
});

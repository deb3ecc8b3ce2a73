import { posix } from "node:path";
import * as z from "zod";
import type { Mount } from "../engine/types";
import type { AllocationDirs, Fingerprint, Scope } from "../facts";
import { named } from "./named";
import { type Exposure, optionGroup } from "./option";
import {
  cleaned,
  isAbsoluteTarget,
  isHostPath,
  isPropagating,
  modeProblem,
  propagations,
  tryReadVolume,
  withLabel,
  writeVolume,
} from "./volume-text";

const isVolume = (text: string) =>
  tryReadVolume(text) !== undefined || tryReadVolume(text, "windows") !== undefined || text.includes("${");

const mountSchema = z
  .strictObject({
    /** What is mounted. A volume when unset. */
    type: z.enum(["volume", "bind", "tmpfs", "npipe"]).optional(),
    /** Where the container has it: an absolute path. */
    target: z
      .string()
      .refine((path) => isAbsoluteTarget(path, "windows"), { error: 'is not an absolute path; begin it with "/"' }),
    /** What is mounted there: a volume's name, or, for a bind, a path. A relative one is in the task's directory. */
    source: named("volume", z.string()).optional(),
    /** Whether the task may only read it. */
    readonly: z.boolean().optional(),
    /** For a bind only. */
    bindOptions: z
      .strictObject({
        /** Whether mounts made later on one side show on the other. `rprivate` when unset. */
        propagation: z.enum(propagations).optional(),
      })
      .optional(),
    /** For a volume only: how it is made when there is none of that name. */
    volumeOptions: z
      .strictObject({
        /** Leaves out what the image has at the target; else a new volume begins with it. */
        noCopy: z.boolean().optional(),
        /** Labels of the volume. */
        labels: z
          .record(
            z
              .string()
              .regex(/^(?!longshore\.)./, "is not free: longshore.… labels are longshore's own; choose another name"),
            z.string(),
          )
          .optional(),
        /** The driver of the volume, in place of the engine's own. */
        driverConfig: z
          .strictObject({
            /** Its name. */
            name: z.string().min(1).optional(),
            /** Its options. */
            options: z.record(z.string(), z.string()).optional(),
          })
          .optional(),
      })
      .optional(),
    /** For a tmpfs only. */
    tmpfsOptions: z
      .strictObject({
        /** The most it may hold, in bytes. No limit when unset or 0. */
        size: z.int().min(0, "is below 0; raise it, or leave it out for no limit").optional(),
        /** The mode of the directory, as a number: 0o1777 when unset. */
        mode: z.int().min(0).max(0o7777, "is no mode of a directory, 0 to 4095 (0o7777)").optional(),
      })
      .optional(),
  })
  .superRefine(({ type = "volume", source, bindOptions, volumeOptions, tmpfsOptions }, { addIssue }) => {
    const refuse = (message: string, ...path: string[]) => addIssue({ code: "custom", path, message });
    if (type === "tmpfs" && source) refuse("must be empty for tmpfs; leave it out", "source");
    if ((type === "bind" || type === "npipe") && !source)
      refuse(`is a mount of type ${type} without a source; give it one`);
    const strange = [
      ["bindOptions", bindOptions, "bind"],
      ["volumeOptions", volumeOptions, "volume"],
      ["tmpfsOptions", tmpfsOptions, "tmpfs"],
    ] as const;
    for (const [key, options, of] of strange)
      if (options && type !== of) refuse(`goes with type ${of}, and the type is ${type}; leave it out`, key);
  });

type MountSpec = z.output<typeof mountSchema>;

/** The values of the group that a policy looks at; any of them may hold what is not known yet. */
interface Neighbours {
  readonly volumes?: unknown;
  readonly mount?: unknown;
  readonly mounts?: unknown;
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Where each entry mounts, with the entry's own name; in the order in which the driver takes them. */
const targetsOf = ({ volumes, mount, mounts }: Neighbours, os: Fingerprint["os"]) => {
  const entries = [
    ...list(volumes).map((text, index) => ({
      name: `volumes[${index}]`,
      target: typeof text === "string" ? tryReadVolume(text, os)?.target : undefined,
    })),
    ...Object.entries({ mount, mounts }).flatMap(([key, all]) =>
      list(all).map((one, index) => ({
        name: `${key}[${index}]`,
        target: (one as { readonly target?: unknown } | undefined)?.target,
      })),
    ),
  ];
  return entries.flatMap(({ name, target }) =>
    typeof target === "string" && isAbsoluteTarget(target, os) ? [{ name, target: cleaned(target) }] : [],
  );
};

const standardTargets = ["/alloc", "/local", "/secrets"];

const targetProblem = (target: string, os: Fingerprint["os"]): string | undefined => {
  if (!isAbsoluteTarget(target, os)) return `"${target}" is not an absolute path; begin it with "/"`;
  const path = cleaned(target);
  if (path === "/") return `"${target}" is the whole file system of the container; choose a directory in it`;
  return standardTargets.includes(path)
    ? `${path} is one of the directories that every task has; choose another target, inside it if you like`
    : undefined;
};

/** Why the entries of one option cannot be where they are. */
const targetsProblem = (key: keyof Neighbours, all: Neighbours, { engine }: Scope): string | undefined => {
  const targets = targetsOf(all, engine?.os);
  for (const [index, { name, target }] of targets.entries()) {
    const first = targets.findIndex((other) => other.target === target);
    if (first !== index && name.startsWith(`${key}[`))
      return `mounts at ${target} what ${targets[first]?.name} mounts there already (${name}); choose another target`;
  }
  return undefined;
};

const byOperator = "have the operator set the plugin option volumes.enabled";
const forbidden = ({ plugin }: Scope) => plugin?.volumes.enabled === false;

/** Why a source cannot be a directory of the allocation, or a path of the host; nothing when it can. */
const sourceProblem = (source: string, scope: Scope): string | undefined => {
  if (source.includes("${"))
    return `"${source}" holds a variable, which is not filled in here; write a path relative to the task's directory: "local/x", "../alloc/x"`;
  if (isHostPath(source)) {
    if (!forbidden(scope)) return undefined;
    const own = standardTargets.find((dir) => source === dir || source.startsWith(`${dir}/`));
    const meant = own && `${own === "/alloc" ? ".." : ""}${source}`.replace(/^\/(?=local|secrets)/, "");
    return `"${source}" is a path of the engine's host, and volumes are not enabled; ${
      meant
        ? `for the task's own directory write "${meant}"`
        : 'write a path relative to the task\'s directory ("local/x", "../alloc/x")'
    }, or ${byOperator}`;
  }
  const path = cleaned(source);
  if (path === "..")
    return `"${source}" is the allocation's whole directory, with those of other tasks; share through "../alloc"`;
  if (!path.startsWith("../") || path === "../alloc" || path.startsWith("../alloc/")) return undefined;
  return `"${source}" leads out of the task's directory${
    forbidden(scope) ? ", and volumes are not enabled" : ""
  }; share with other tasks through "../alloc", or write the whole path of the host${
    forbidden(scope) ? `, and ${byOperator}` : ""
  }`;
};

// As the engine's own driver has it; others have rules of their own.
const volumeNameProblem = (name: string, driver: string | undefined): string | undefined =>
  (driver === undefined || driver === "local") && !/^[A-Za-z0-9][A-Za-z0-9_.-]+$/.test(name)
    ? `"${name}" is not the name of a volume; use two or more letters, digits, dots, dashes and underscores`
    : undefined;

const propagationProblem = (source: string, propagation: string | undefined): string | undefined =>
  isPropagating(propagation) && !isHostPath(source)
    ? `${propagation} is for paths of the host: nothing is mounted into a directory of the allocation; leave it out`
    : undefined;

const canonicalVolume = (text: string): string => {
  const { source, target, mode } = tryReadVolume(text) ?? {};
  if (source === undefined || target === undefined || mode === undefined) return text;
  return writeVolume({ source: cleaned(source), target: cleaned(target), mode: mode.filter((one) => one !== "rw") });
};

const volumeProblem = (text: string, volumeDriver: unknown, scope: Scope): string | undefined => {
  const volume = tryReadVolume(text, scope.engine?.os);
  if (!volume)
    return text.includes("${")
      ? "a variable is not filled in here; write the path"
      : 'it has not two or three parts; write "source:target", or "source:target:mode"';
  const { source, target, mode } = volume;
  const isName = typeof volumeDriver === "string" && volumeDriver !== "" && !isHostPath(source);
  return (
    (isName ? volumeNameProblem(cleaned(source), volumeDriver) : sourceProblem(source, scope)) ??
    targetProblem(target, scope.engine?.os) ??
    modeProblem(mode) ??
    propagationProblem(source, mode.find(isPropagating)) ??
    (mode.includes("nocopy") && isHostPath(source)
      ? "nocopy is for volumes, and this is a path; leave it out"
      : undefined)
  );
};

const mountProblem = (
  { type = "volume", source = "", target, bindOptions, volumeOptions }: MountSpec,
  scope: Scope,
): string | undefined => {
  const ofType: Readonly<Record<NonNullable<MountSpec["type"]>, () => string | undefined>> = {
    bind: () => sourceProblem(source, scope) ?? propagationProblem(source, bindOptions?.propagation),
    tmpfs: () => undefined,
    npipe: () => {
      if (scope.engine && scope.engine.os !== "windows")
        return "the type npipe is for engines on Windows; use another type";
      return forbidden(scope) ? `it reaches the engine's host, and volumes are not enabled; ${byOperator}` : undefined;
    },
    volume: () => {
      if (forbidden(scope))
        return `it mounts a volume, and volumes are not enabled; use type "bind" with a path relative to the task's directory, or ${byOperator}`;
      return source === "" ? undefined : volumeNameProblem(source, volumeOptions?.driverConfig?.name);
    },
  };
  return ofType[type]() ?? targetProblem(target, scope.engine?.os);
};

const mountsProblem = (key: "mount" | "mounts", all: readonly MountSpec[], neighbours: Neighbours, scope: Scope) => {
  for (const one of all) {
    const problem = mountProblem(one, scope);
    if (problem !== undefined) return `cannot have the mount at "${one.target}": ${problem}`;
  }
  return targetsProblem(key, neighbours, scope);
};

/** A source as a path of the host; a relative one is in the task's directory. */
const pathOf = (source: string, { task }: AllocationDirs): string =>
  isHostPath(source) ? cleaned(source) : cleaned(posix.join(task, source));

const toMount = (
  { type: Type = "volume", source, target: Target, readonly, bindOptions, volumeOptions, tmpfsOptions }: MountSpec,
  dirs: AllocationDirs,
): Mount => {
  const common = { Type, Target, ...(readonly && { ReadOnly: true }) };
  if (Type === "tmpfs") {
    const { size, mode } = tmpfsOptions ?? {};
    return { ...common, TmpfsOptions: { ...(size && { SizeBytes: size }), ...(mode && { Mode: mode }) } };
  }
  if (Type !== "volume") {
    const Source = Type === "bind" ? pathOf(source ?? "", dirs) : (source ?? "");
    const Propagation = bindOptions?.propagation;
    return { ...common, Source, ...(Type === "bind" && { BindOptions: { ...(Propagation && { Propagation }) } }) };
  }
  const { noCopy, labels: Labels, driverConfig } = volumeOptions ?? {};
  const { name: Name, options: Options } = driverConfig ?? {};
  return {
    ...common,
    ...(source && { Source: source }),
    VolumeOptions: {
      ...(noCopy && { NoCopy: true }),
      ...(Labels && { Labels }),
      DriverConfig: { ...(Name !== undefined && { Name }), ...(Options && { Options }) },
    },
  };
};

/** The path of the host that a mount has behind it; the engine's own driver may be told of one for a volume. */
const hostPathOf = ({ type = "volume", source = "", volumeOptions }: MountSpec): string | undefined => {
  if (type === "npipe") return source;
  const path = type === "volume" ? volumeOptions?.driverConfig?.options?.device : type === "bind" ? source : undefined;
  return path !== undefined && isHostPath(path) ? cleaned(path) : undefined;
};

const exposedBy = (all: readonly MountSpec[]): readonly Exposure[] =>
  all.flatMap((one, index) => {
    const name = hostPathOf(one);
    return name === undefined ? [] : [{ kind: "path", name, at: [index], writable: one.readonly !== true }];
  });

const nothing: AllocationDirs = { root: "", task: "", alloc: "", local: "", secrets: "" };
const canonicalMounts = (all: readonly MountSpec[]): unknown =>
  all.length === 0 ? undefined : all.map((one) => toMount(one, nothing)).sort((a, b) => (a.Target < b.Target ? -1 : 1));

export const mounts = optionGroup({
  /**
   * What is mounted into the container, each `"source:target"` or `"source:target:mode"`. A relative source is a
   * directory in the task's own (`"local/cache:/cache"`), or in the one its group shares (`"../alloc/data:/data"`). It is
   * made when it is not there, and anybody may write into it. An absolute source is a path of the engine's host and, like
   * a volume by name with `volumeDriver`, needs the plugin option `volumes.enabled`. Modes: `ro`, `rw`, `z`, `Z`,
   * `nocopy`, and a propagation, with commas between.
   */
  volumes: {
    schema: z
      .array(
        z.string().refine(isVolume, {
          error: 'is not "source:target" or "source:target:mode"; write two or three parts with colons between',
        }),
      )
      .optional(),
    change: "replace",
    interpolated: "early",
    examples: [["local/cache:/cache"], ["local/cache:/cache:ro", "../alloc/data:/data"]],
    engine: (volumes, { volumeDriver, selinuxlabel }, { dirs, engine }) => ({
      HostConfig: {
        ...(volumes?.length && {
          Binds: volumes.flatMap((text) => {
            const volume = tryReadVolume(text, engine.os);
            if (!volume) return [];
            const source =
              volumeDriver && !isHostPath(volume.source) ? cleaned(volume.source) : pathOf(volume.source, dirs);
            return [writeVolume({ ...volume, source, mode: withLabel(volume.mode, selinuxlabel) })];
          }),
        }),
      },
    }),
    policy: (volumes, all, scope) => {
      for (const text of volumes) {
        const problem = volumeProblem(text, all.volumeDriver, scope);
        if (problem !== undefined) return `has "${text}": ${problem}`;
      }
      return targetsProblem("volumes", all, scope);
    },
    exposes: (volumes) =>
      volumes.flatMap((text, index): readonly Exposure[] => {
        // The engine's kind is not known here: what either takes for a path is one.
        const read = [tryReadVolume(text), tryReadVolume(text, "windows")].find((one) => one && isHostPath(one.source));
        return read
          ? [{ kind: "path", name: cleaned(read.source), at: [index], writable: !read.mode.includes("ro") }]
          : [];
      }),
    canonical: (volumes) => (volumes.length === 0 ? undefined : volumes.map(canonicalVolume).sort()),
  },

  /**
   * The driver of the volumes that `volumes` names: a source that is no absolute path is then a volume's name. Needs the
   * plugin option `volumes.enabled`.
   */
  volumeDriver: {
    schema: z.string().optional(),
    change: "replace",
    interpolated: "early",
    examples: ["local"],
    engine: (driver) => ({ HostConfig: { ...(driver && { VolumeDriver: driver }) } }),
    policy: (driver, _, scope) =>
      driver !== "" && forbidden(scope)
        ? `is "${driver}", and volumes are not enabled; leave it out, or ${byOperator}`
        : undefined,
    canonical: (driver) => driver || undefined,
  },

  /**
   * What is mounted into the container, as a list of `{ type, target, source, readonly }`. The type is `volume` (a volume
   * of the engine, with `volumeOptions`; without a source one that goes with the container), `bind` (a path, as in
   * `volumes`, with `bindOptions.propagation`), `tmpfs` (memory, with `tmpfsOptions.size` in bytes and `.mode` as a
   * number: `0o777`, or 511 in a file), or, on Windows, `npipe`; `volume` when it is left out. All but tmpfs and a bind
   * of a relative path need the plugin option `volumes.enabled`.
   */
  mount: {
    schema: z.array(mountSchema).optional(),
    change: "replace",
    interpolated: "early",
    // Options of a driver may be secrets.
    unprinted: true,
    examples: [
      [{ type: "tmpfs", target: "/scratch", tmpfsOptions: { size: 1_048_576, mode: 0o777 } }],
      [{ type: "bind", source: "local/cache", target: "/cache", readonly: true }],
    ],
    engine: (mount = [], { mounts = [] }, { dirs }) => {
      const all = [...mount, ...mounts];
      return { HostConfig: { ...(all.length > 0 && { Mounts: all.map((one) => toMount(one, dirs)) }) } };
    },
    policy: (all, neighbours, scope) => mountsProblem("mount", all, neighbours, scope),
    exposes: exposedBy,
    canonical: canonicalMounts,
  },

  /** The older name of `mount`. Both can be used at once. */
  mounts: {
    schema: z.array(mountSchema).optional(),
    change: "replace",
    interpolated: "early",
    unprinted: true,
    deprecated: "use mount",
    examples: [
      [{ type: "tmpfs", target: "/old" }],
      [{ type: "bind", source: "../alloc/data", target: "/old", bindOptions: { propagation: "rprivate" } }],
    ],
    writtenBy: "mount",
    policy: (all, neighbours, scope) => mountsProblem("mounts", all, neighbours, scope),
    exposes: exposedBy,
    canonical: canonicalMounts,
  },

  /**
   * The SELinux label that `/alloc`, `/local`, `/secrets` and what `volumes` mounts get: `"z"` is shared between
   * containers, `"Z"` is this container's alone. The operator gives it with the plugin option `volumes.selinuxlabel`;
   * a mode that has a label keeps its own.
   */
  selinuxlabel: {
    schema: z.enum(["z", "Z"]).optional(),
    change: "replace",
    stanza: "none",
    examples: ["z", "Z"],
    with: { volumes: ["local/cache:/cache"] },
    writtenBy: "volumes",
    inherit: (label, { volumes }) => volumes.selinuxlabel ?? label,
    policy: (label, _, { plugin }) =>
      plugin?.volumes.selinuxlabel !== undefined && plugin.volumes.selinuxlabel !== label
        ? `is "${label}", and the operator's volumes.selinuxlabel is "${plugin.volumes.selinuxlabel}"; leave it out`
        : undefined,
  },
});

/** The directories below `alloc` that a task's options name as sources: its whole group has to know of them. */
export const sharedSources = (options: Readonly<Record<string, unknown>>): readonly string[] => {
  const isName = typeof options.volumeDriver === "string" && options.volumeDriver !== "";
  const fromVolumes = isName
    ? []
    : list(options.volumes).map((text) => (typeof text === "string" ? tryReadVolume(text)?.source : undefined));
  const fromMounts = [...list(options.mount), ...list(options.mounts)].map((one) => {
    const { type, source } = (one ?? {}) as { readonly type?: unknown; readonly source?: unknown };
    return type === "bind" ? source : undefined;
  });
  return [...fromVolumes, ...fromMounts].flatMap((source) => {
    const path = typeof source === "string" && !isHostPath(source) ? cleaned(source) : "";
    return path.startsWith("../alloc/") ? [path.slice("../".length)] : [];
  });
};

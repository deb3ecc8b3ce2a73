import * as z from "zod";
import {
  addedCapabilities,
  allowedCapabilities,
  capabilities,
  capabilityName,
  capabilitySet,
  droppedCapabilities,
  isCapability,
  keptCapabilities,
  unusualCapabilities,
} from "../capabilities";
import { devicePath, isDeviceAllowed } from "../device-paths";
import type { Scope } from "../facts";
import { withSeccompProfile } from "../seccomp-profile";
import { didYouMean } from "./folds";
import { type Exposure, optionGroup, unlessEmpty } from "./option";

const wayOut = (option: string) => `, or have the operator set the plugin option ${option}`;

const capabilityList = z.array(
  z.string().refine(isCapability, {
    error: ({ input }) => `is not a capability${didYouMean(capabilityName(String(input)), [...capabilities, "ALL"])}`,
  }),
);

const names = (list: readonly string[]) => list.toSorted().join(", ");

/** A policy that keeps a mode to the operators who allow privileged containers, unless it leaves the task its own. */
const ownNamespace =
  (kind: string, isOwn: (mode: string) => boolean) =>
  (mode: string, _: unknown, { plugin }: Scope): string | undefined =>
    plugin && !plugin.allowPrivileged && !isOwn(mode)
      ? `is "${mode}", which gives up the container's own ${kind} namespace, and the operator allows no privileged ` +
        `containers; leave it out${wayOut("allow_privileged")}`
      : undefined;

const isOwnIpcOrPid = (mode: string) => ["", "none", "private", "shareable"].includes(mode);
/** Engines take what they do not know for "private": all but the host's, and another container's. */
const isOwnUtsOrUser = (mode: string) => !mode.includes(":") && mode.trim().toLowerCase() !== "host";

/** A namespace of the host; that of another container is none. What holds a variable may be anything. */
const hostNamespace =
  (name: string, isOwn: (mode: string) => boolean) =>
  (mode: string): readonly Exposure[] =>
    (isOwn(mode) && !mode.includes("${")) || mode.startsWith("container:") ? [] : [{ kind: "namespace", name }];

const ipcMode = /^(?:|none|private|shareable|host|container:.+)$/;

/** Names of containerd's own, and paths of programs, are no names that an engine lists. */
const isListed = (runtime: string) => !/^(?:io\.containerd\.|\/)/.test(runtime);

const runtimeRefused = (runtime: string, { plugin, engine }: Scope): string | undefined => {
  if (plugin && !plugin.allowRuntimes.includes(runtime))
    return (
      `is "${runtime}", and the operator allows ${names(plugin.allowRuntimes) || "none"}; use what is allowed` +
      wayOut("allow_runtimes")
    );
  return engine?.runtimes && isListed(runtime) && !engine.runtimes.includes(runtime)
    ? `is "${runtime}", and the engine has ${names(engine.runtimes)}; use one of these, or set it up on the engine`
    : undefined;
};

interface DeviceRequest {
  readonly driver?: string | undefined;
  readonly deviceIds?: readonly string[] | undefined;
  readonly capabilities: readonly (readonly string[])[];
}

/** Whether it may mean devices by the names of the Container Device Interface, of whatever kind. */
const isCdi = ({ driver, capabilities }: DeviceRequest) =>
  driver === "cdi" || capabilities.some((together) => together.includes("cdi"));
/** Whether it may go to a driver of its own: one of its lists is enough for the engine. */
const isOfDriver = ({ driver, capabilities }: DeviceRequest) =>
  driver !== "cdi" && capabilities.some((together) => !together.includes("cdi"));
/** What goes to NVIDIA's driver, which engines take when none is named. */
const isGpu = (request: DeviceRequest) => isOfDriver(request) && (request.driver ?? "nvidia") === "nvidia";

/** The names by which an operator allows what is asked for; a driver's devices go by those that they have for CDI. */
const deviceNames = (request: DeviceRequest): readonly string[] => {
  const { driver = "nvidia", deviceIds } = request;
  return [
    ...(isCdi(request) ? (deviceIds ?? []) : []),
    ...(isOfDriver(request) ? (deviceIds ?? ["all"]).map((id) => `${driver}.com/gpu=${id}`) : []),
  ];
};

export const security = optionGroup({
  /**
   * Gives the container all capabilities and all devices of the engine's host. Needs the plugin option
   * `allowPrivileged`; `allowCaps` is asked all the same.
   */
  privileged: {
    schema: z.boolean().default(false),
    change: "replace",
    os: "linux",
    examples: [true],
    engine: (on) => ({ HostConfig: { ...(on && { Privileged: true }) } }),
    policy: (on, _, { plugin }) =>
      on && plugin && !plugin.allowPrivileged
        ? `is true, and the operator allows no privileged containers; leave it out${wayOut("allow_privileged")}`
        : undefined,
    exposes: (on) => (on ? [{ kind: "privileges", name: "all" }] : []),
  },

  /**
   * Linux capabilities over the usual ones, in any case, with or without `CAP_`: `["NET_ADMIN"]`; `"ALL"` is all of them.
   * Each must be in the plugin option `allowCaps`.
   */
  capAdd: {
    schema: capabilityList.optional(),
    change: "replace",
    os: "linux",
    examples: [["NET_ADMIN"], ["NET_ADMIN", "SYS_TIME"]],
    engine: (CapAdd) => ({ HostConfig: { ...(CapAdd?.length && { CapAdd }) } }),
    policy: (add, { capDrop }, { plugin }) => {
      if (!plugin) return undefined;
      const allowed = allowedCapabilities(plugin.allowCaps);
      const missing = addedCapabilities(add, capDrop).filter((name) => !allowed.has(name));
      return missing.length === 0
        ? undefined
        : `asks for ${names(missing)}, which the operator does not allow; take it out${wayOut("allow_caps")}`;
    },
    exposes: (add, { capDrop }) => unusualCapabilities(add, capDrop).map((name) => ({ kind: "capability", name })),
    canonical: (list) => (list.length > 0 ? capabilitySet(list) : undefined),
  },

  /**
   * Capabilities to take away, in any case, with or without `CAP_`; `["ALL"]` leaves those of `capAdd`. What of the engine's usual
   * capabilities the plugin option `allowCaps` does not have is taken away too, and shown here. `NET_RAW` aside, a task
   * has to drop it by itself: else it is refused, for it would miss it without knowing.
   */
  capDrop: {
    schema: capabilityList.default([]),
    change: "replace",
    os: "linux",
    examples: [["MKNOD"], ["ALL"]],
    engine: (CapDrop) => ({ HostConfig: { ...(CapDrop.length > 0 && { CapDrop }) } }),
    inherit: (list, { allowCaps }) => [...droppedCapabilities(list, allowedCapabilities(allowCaps))],
    policy: (drop, { capAdd = [] }, { plugin }) => {
      if (!plugin) return undefined;
      const allowed = allowedCapabilities(plugin.allowCaps);
      const missing = keptCapabilities(capAdd, drop).filter((name) => !allowed.has(name));
      return missing.length === 0
        ? undefined
        : `leaves the task ${names(missing)}, which the operator does not allow; drop these too${wayOut("allow_caps")}`;
    },
    canonical: capabilitySet,
  },

  /**
   * Devices of the engine's host. `containerPath` is `hostPath` when unset; `cgroupPermissions` is what the task may do:
   * `r` read, `w` write, `m` make nodes, `"rwm"` when unset. The plugin option `allowDevices` may limit the host's paths.
   */
  devices: {
    schema: z
      .array(
        z.strictObject({
          /** The device on the engine's host. */
          hostPath: z
            .string()
            .min(1, "is empty; name a device of the engine's host")
            .refine((path) => path === "" || path.startsWith("/"), {
              error: 'is not an absolute path; begin it with "/"',
            }),
          /** Where the container has it. `hostPath` when unset. */
          containerPath: z.string().optional(),
          /** What the task may do: `r` read, `w` write, `m` make nodes. */
          cgroupPermissions: z
            .string()
            .regex(/^[rwm]*$/, 'is not a set of permissions; write some of "r", "w" and "m"')
            .default("rwm"),
        }),
      )
      .optional(),
    change: "replace",
    os: "linux",
    examples: [
      [{ hostPath: "/dev/fuse" }],
      [
        { hostPath: "/dev/fuse", cgroupPermissions: "r" },
        { hostPath: "/dev/null", containerPath: "/dev/nothing" },
      ],
    ],
    engine: (devices) => ({
      HostConfig: {
        ...(devices?.length && {
          Devices: devices.map(({ hostPath, containerPath, cgroupPermissions }) => ({
            PathOnHost: devicePath(hostPath),
            ...(containerPath && { PathInContainer: containerPath }),
            CgroupPermissions: cgroupPermissions || "rwm",
          })),
        }),
      },
    }),
    policy: (devices, _, { plugin }) => {
      const denied = devices.find(({ hostPath }) => !isDeviceAllowed(devicePath(hostPath), plugin?.allowDevices));
      return denied
        ? `names "${devicePath(denied.hostPath)}", which is not among the devices that the operator allows; take it out` +
            wayOut("allow_devices")
        : undefined;
    },
    exposes: (devices) =>
      devices.map(({ hostPath }, index) => ({ kind: "device", name: devicePath(hostPath), at: [index, "hostPath"] })),
    canonical: (devices) =>
      devices.length === 0
        ? undefined
        : devices.map(({ hostPath, containerPath, cgroupPermissions }) => [
            devicePath(hostPath),
            containerPath || devicePath(hostPath),
            cgroupPermissions || "rwm",
          ]),
  },

  /**
   * Docker's security options: `"no-new-privileges"`, `"apparmor=NAME"`, `"label=…"`, `"seccomp=unconfined"`, or
   * `"seccomp=FILE"`: a profile in JSON, read where the program runs (a relative path is one from its directory), and
   * compared by what it holds.
   */
  securityOpt: {
    schema: z
      .array(
        z.string().refine((text) => /[=:]/.test(text) || text === "no-new-privileges", {
          error: 'is not a security option; write "name=value" or "no-new-privileges"',
        }),
      )
      .optional(),
    change: "replace",
    interpolated: "early",
    examples: [["no-new-privileges"], ["no-new-privileges", "seccomp=unconfined"]],
    engine: (SecurityOpt) => ({ HostConfig: { ...(SecurityOpt?.length && { SecurityOpt }) } }),
    resolve: (list, read) => {
      const answers = list.map((text) => withSeccompProfile(text, read));
      const refused = answers.find((answer) => "refused" in answer);
      return refused ?? { value: answers.flatMap((answer) => ("value" in answer ? [answer.value] : [])) };
    },
    exposes: (list) =>
      list.flatMap((text, index): readonly Exposure[] => {
        const [, name] = /^(seccomp|apparmor|systempaths|label)[=:](?:unconfined|disable)$/.exec(text) ?? [];
        return name === undefined ? [] : [{ kind: "confinement", name, at: [index] }];
      }),
    canonical: (list) => (list.length > 0 ? list : undefined),
  },

  /**
   * Whose inter-process communication the task takes part in: `"none"` or `"private"` (its own), `"shareable"` (its own, open to
   * other containers), `"host"`, `"container:NAME"`. The engine's default, its own, when unset. The last two need
   * the plugin option `allowPrivileged`.
   */
  ipcMode: {
    schema: z.string().optional(),
    change: "replace",
    os: "linux",
    examples: ["shareable", "private"],
    engine: (IpcMode) => ({ HostConfig: { ...(IpcMode && { IpcMode }) } }),
    policy: (mode, all, scope) =>
      ownNamespace("IPC", isOwnIpcOrPid)(mode, all, scope) ??
      (ipcMode.test(mode)
        ? undefined
        : `is "${mode}", which no engine knows; for the namespace of another container write "container:${mode}"`),
    exposes: hostNamespace("ipc", isOwnIpcOrPid),
    canonical: (mode) => mode || undefined,
  },

  /** Whose processes the task sees: its own when unset, `"host"`, `"container:NAME"`. These need the plugin option `allowPrivileged`. */
  pidMode: {
    schema: z.string().optional(),
    change: "replace",
    os: "linux",
    examples: ["host"],
    engine: (PidMode) => ({ HostConfig: { ...(PidMode && { PidMode }) } }),
    policy: ownNamespace("PID", isOwnIpcOrPid),
    exposes: hostNamespace("pid", isOwnIpcOrPid),
    canonical: (mode) => mode || undefined,
  },

  /** `"host"` shares the host's name, which needs the plugin option `allowPrivileged`. A name of its own when unset. */
  utsMode: {
    schema: z.string().optional(),
    change: "replace",
    os: "linux",
    examples: ["host"],
    engine: (UTSMode) => ({ HostConfig: { ...(UTSMode && { UTSMode }) } }),
    policy: ownNamespace("UTS", isOwnUtsOrUser),
    exposes: hostNamespace("uts", isOwnUtsOrUser),
    canonical: (mode) => mode || undefined,
  },

  /**
   * `"host"` gives the task the host's users, where the engine remaps them (`userns-remap`); without that it changes nothing.
   * It needs the plugin option `allowPrivileged`.
   */
  usernsMode: {
    schema: z.string().optional(),
    change: "replace",
    os: "linux",
    examples: ["host"],
    engine: (UsernsMode) => ({ HostConfig: { ...(UsernsMode && { UsernsMode }) } }),
    policy: ownNamespace("user", isOwnUtsOrUser),
    exposes: hostNamespace("user", isOwnUtsOrUser),
    canonical: (mode) => mode || undefined,
  },

  /**
   * Whether the task sees cgroups of its own (`"private"`) or the host's (`"host"`, which needs the plugin option
   * `allowPrivileged`). The engine's default when unset: `private` with cgroup v2, `host` with v1.
   */
  cgroupns: {
    schema: z.enum(["host", "private"]).optional(),
    change: "replace",
    os: "linux",
    examples: ["private", "host"],
    engine: (CgroupnsMode) => ({ HostConfig: { ...(CgroupnsMode && { CgroupnsMode }) } }),
    policy: ownNamespace("cgroup", (mode) => mode !== "host"),
    exposes: hostNamespace("cgroup", (mode) => mode !== "host"),
  },

  /**
   * The runtime that runs the container, by its name on the engine; it must be in the plugin option `allowRuntimes`. The
   * engine's default when unset; with a GPU among `deviceRequests`, the plugin option `nvidiaRuntime`.
   */
  runtime: {
    schema: z.string().optional(),
    change: "replace",
    examples: ["runc", "io.containerd.runc.v2"],
    engine: (Runtime) => ({ HostConfig: { ...(Runtime && { Runtime }) } }),
    inherit: (runtime, { nvidiaRuntime }, { deviceRequests }) =>
      runtime || (deviceRequests?.some(isGpu) && nvidiaRuntime) || undefined,
    policy: (runtime, _, scope) => (runtime === "" ? undefined : runtimeRefused(runtime, scope)),
    exposes: (name) => (name === "" ? [] : [{ kind: "runtime", name }]),
    canonical: (runtime) => runtime || undefined,
  },

  /**
   * Devices that a driver of the engine finds by itself, such as GPUs: `[{ count: 1 }]`. `count` is how many, -1 for all, and all
   * when unset; `deviceIds` names them instead; `capabilities` is `[["gpu"]]` when unset. A GPU makes the plugin option
   * `nvidiaRuntime` the task's `runtime`, unless that is set. With `driver: "cdi"` the `deviceIds` are names of the
   * Container Device Interface. The plugin option `allowDevices` may limit these, and a GPU by the name that it has there:
   * `nvidia.com/gpu=0`, or `nvidia.com/gpu=all` without `deviceIds`.
   */
  deviceRequests: {
    schema: z
      .array(
        z
          .strictObject({
            /** The engine's driver that finds the devices. Any that can when unset. */
            driver: z.string().min(1).optional(),
            /** How many, -1 for all. All when neither this nor `deviceIds` is set. */
            count: z
              .int()
              .refine((count) => count === -1 || count > 0, { error: "is not a number of devices; write -1 for all" })
              .optional(),
            /** Names of devices, in place of a number of them. */
            deviceIds: z.array(z.string().min(1)).min(1, "is empty; name a device, or leave it out").optional(),
            /** What the devices must have: all of one of these lists. */
            capabilities: z
              .array(z.array(z.string().min(1)).min(1))
              .min(1)
              .default([["gpu"]]),
            /** The driver's own options. */
            options: z.record(z.string().min(1), z.string()).optional(),
          })
          .refine(({ count, deviceIds }) => count === undefined || deviceIds === undefined, {
            error: "has both count and deviceIds; give one of them",
          }),
      )
      .optional(),
    change: "replace",
    stanza: "none",
    // An engine without GPUs has no runtime for them, and would be refused for that alone.
    with: { runtime: "runc" },
    examples: [[{ count: 1 }], [{ driver: "nvidia", deviceIds: ["0", "1"], capabilities: [["gpu", "compute"]] }]],
    engine: (requests) => ({
      HostConfig: {
        ...(requests?.length && {
          DeviceRequests: requests.map(({ driver, count, deviceIds, capabilities, options }) => ({
            ...(driver !== undefined && { Driver: driver }),
            ...(deviceIds ? { DeviceIDs: deviceIds } : { Count: count ?? -1 }),
            Capabilities: capabilities,
            ...(options && { Options: options }),
          })),
        }),
      },
    }),
    policy: (requests, { runtime }, scope) => {
      const denied = requests.flatMap(deviceNames).find((id) => !isDeviceAllowed(id, scope.plugin?.allowDevices));
      if (denied !== undefined)
        return `names "${denied}", which is not among the devices that the operator allows; take it out${wayOut("allow_devices")}`;
      const given = scope.plugin?.nvidiaRuntime;
      const refused = !runtime && given && requests.some(isGpu) ? runtimeRefused(given, scope) : undefined;
      return refused && `asks for a GPU, and the runtime for GPUs (the plugin option nvidia_runtime) ${refused}`;
    },
    exposes: (requests) =>
      requests.flatMap((request, index) =>
        deviceNames(request).map((name) => ({ kind: "device" as const, name, at: [index] })),
      ),
    canonical: (requests) =>
      requests.length === 0
        ? undefined
        : requests.map(({ count, ...request }) => ({
            ...request,
            ...(!request.deviceIds && { count: count ?? -1 }),
          })),
  },

  /** Options of the engine's storage driver for this container: `{ size: "20G" }`, where the driver has quotas. */
  storageOpt: {
    schema: z.record(z.string().min(1), z.string()).optional(),
    change: "replace",
    unprinted: true,
    examples: [{ size: "10G" }, { size: "20G" }],
    engine: (StorageOpt) => ({ HostConfig: { ...(StorageOpt && { StorageOpt }) } }),
    canonical: unlessEmpty,
    // The engine itself would say nothing, and limit nothing.
    policy: (options, _, { engine }) =>
      engine?.containerdStore && Object.keys(options).length > 0
        ? `is set, and this engine keeps containers in containerd's store, which ignores it; take it out, or have the operator ` +
          `give the engine a storage driver with quotas (overlay2 on xfs, btrfs, zfs; daemon.json: "features": {"containerd-snapshotter": false})`
        : undefined,
  },

  /**
   * Runs a small init as the first process, which passes signals on and reaps what the command leaves. The engine's own setting when
   * unset.
   */
  init: {
    schema: z.boolean().optional(),
    change: "replace",
    os: "linux",
    examples: [true, false],
    engine: (Init) => ({ HostConfig: { ...(Init !== undefined && { Init }) } }),
  },

  /** Groups that the command has besides its user's, by the image's names or by number: `["audio", "1000"]`. */
  groupAdd: {
    schema: z.array(z.string().min(1)).optional(),
    change: "replace",
    os: "linux",
    examples: [["1000"], ["1000", "2000"]],
    engine: (GroupAdd) => ({ HostConfig: { ...(GroupAdd?.length && { GroupAdd }) } }),
    canonical: (groups) => (groups.length > 0 ? [...new Set(groups)].sort() : undefined),
  },

  /** How readily the kernel kills the task when the host runs out of memory: 0, as any process, to 1000, first of all. */
  oomScoreAdj: {
    schema: z
      .int()
      .min(0, "is below 0, which would let the host's own processes be killed before the task; raise it")
      .max(1000, "is above 1000, the most the kernel takes; lower it")
      .optional(),
    change: "replace",
    os: "linux",
    examples: [500, 1000],
    engine: (OomScoreAdj) => ({ HostConfig: { ...(OomScoreAdj && { OomScoreAdj }) } }),
    canonical: (score) => score || undefined,
  },

  /** How a Windows container is kept apart: `"process"`, `"hyperv"`, or `"default"`, the engine's own. */
  isolation: {
    schema: z.enum(["default", "process", "hyperv", "hyper-v"]).optional(),
    change: "replace",
    os: "windows",
    examples: ["process", "hyperv"],
    engine: (isolation) => {
      const Isolation = isolation === "hyper-v" ? "hyperv" : isolation;
      return { HostConfig: { ...(Isolation && Isolation !== "default" && { Isolation }) } };
    },
    canonical: (isolation) => {
      if (isolation === "default") return undefined;
      return isolation === "hyper-v" ? "hyperv" : isolation;
    },
  },
});

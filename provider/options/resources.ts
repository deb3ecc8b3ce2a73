import * as z from "zod";
import type { Fingerprint } from "../facts";
import { optionGroup, unlessEmpty } from "./option";

const MiB = 1024 * 1024;
const defaultPeriod = 100_000;
/** What the kernel's `cpu.shares` takes. */
const shares = { least: 2, most: 262_144 };
const clamp = (value: number) => Math.min(Math.max(value, shares.least), shares.most);

/** A share of the machine as time in a period: the driver's arithmetic, to the microsecond. */
const hardLimit = (mhz: number, period: number = defaultPeriod, { cpuTotalCompute, cpuCores }: Fingerprint) =>
  cpuTotalCompute === undefined || cpuCores === undefined
    ? {}
    : { CpuPeriod: period, CpuQuota: Math.trunc((mhz / cpuTotalCompute) * period) * cpuCores };

export const resources = optionGroup({
  /** CPU the task is promised under load, in MHz: its weight against others, no upper limit (`cpuHardLimit`). */
  cpu: {
    field: "CPU",
    schema: z.int().min(1, "is less than 1 MHz; raise it").default(100),
    change: "in-place",
    stanza: "resources",
    examples: [200, 150],
    engine: (mhz) => ({ HostConfig: { CpuShares: clamp(mhz) } }),
    observe: ({ HostConfig }) => HostConfig.CpuShares ?? 0,
  },

  /** Makes `cpu` an upper limit too: the task gets that share of the machine and never more. */
  cpuHardLimit: {
    schema: z.boolean().default(false),
    change: "in-place",
    examples: [true],
    engine: (on, { cpu, cpuCfsPeriod }, { engine }) => ({ HostConfig: on ? hardLimit(cpu, cpuCfsPeriod, engine) : {} }),
    update: (on, { cpu, cpuCfsPeriod }, { engine }) => ({
      HostConfig: on ? hardLimit(cpu, cpuCfsPeriod, engine) : { CpuPeriod: defaultPeriod, CpuQuota: -1 },
    }),
    observe: ({ HostConfig: { CpuQuota } }) => (CpuQuota ?? 0) > 0,
    policy: (on, _, { engine }) =>
      on && engine && engine.cpuTotalCompute === undefined
        ? "is true, and how fast the engine's CPUs are is not known from here; give the plugin option cpu_total_compute, in MHz over all cores"
        : undefined,
  },

  /** The period in which `cpuHardLimit` is counted, in microseconds, at most one second. */
  cpuCfsPeriod: {
    schema: z.int().optional(),
    change: "in-place",
    examples: [50_000, 200_000],
    // Nothing without the limit, and, as in the driver, not looked at either.
    with: { cpuHardLimit: true },
    writtenBy: "cpuHardLimit",
    policy: (period, { cpuHardLimit }) =>
      cpuHardLimit && (period < 1000 || period > 1_000_000)
        ? `is ${period} microseconds, and cpu_hard_limit takes 1000 to 1000000; choose a value between`
        : undefined,
  },

  /** The CPUs the task may run on: `"0-3"`, `"0,2"`. It has them not for itself alone. */
  cpusetCpus: {
    schema: z
      .string()
      .regex(/^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/, 'is not a list of CPUs; write numbers and ranges, for example "0-1,3"')
      .optional(),
    change: "in-place",
    examples: ["0", "0-1"],
    engine: (CpusetCpus) => ({ HostConfig: { ...(CpusetCpus !== undefined && { CpusetCpus }) } }),
    update: (cpus, _, { engine: { cpuCores = 1 } }) => ({
      HostConfig: { CpusetCpus: cpus ?? (cpuCores > 1 ? `0-${cpuCores - 1}` : "0") },
    }),
    observe: ({ HostConfig: { CpusetCpus } }) => CpusetCpus || undefined,
    policy: (cpus, _, { engine }) => {
      const last = Math.max(...cpus.split(/[,-]/).map(Number));
      return engine?.cpuCores !== undefined && last >= engine.cpuCores
        ? `is "${cpus}", and the engine has CPUs 0-${engine.cpuCores - 1}; choose among these`
        : undefined;
    },
  },

  /** Memory reserved for the task, in MiB, without swap. It is the hard limit too, unless `memoryHardLimit` is set. */
  memory: {
    field: "MemoryMB",
    schema: z.int().min(6, "is below 6 MiB, the least the engine takes; raise it").default(300),
    change: "in-place",
    stanza: "resources",
    examples: [256, 128],
    engine: (soft, { memoryHardLimit: hard }, { engine: { os } }) => ({
      HostConfig: {
        Memory: (hard || soft) * MiB,
        // Windows has no swap to forbid, and refuses the field.
        ...(os !== "windows" && { MemorySwap: (hard || soft) * MiB }),
        ...(hard && { MemoryReservation: soft * MiB }),
      },
    }),
    // The reservation is written even where it equals the limit: an absent one would leave the old one in force.
    update: (soft, { memoryHardLimit }) => ({
      HostConfig: {
        Memory: (memoryHardLimit || soft) * MiB,
        MemorySwap: (memoryHardLimit || soft) * MiB,
        MemoryReservation: soft * MiB,
      },
    }),
    observe: ({ HostConfig: { Memory = 0, MemoryReservation } }) => (MemoryReservation || Memory) / MiB,
  },

  /** The most memory the task may use, in MiB. When it is set, `memory` becomes a soft limit. */
  memoryHardLimit: {
    schema: z
      .int()
      .refine((mib) => mib === 0 || mib >= 6, { error: "is below 6 MiB, the least the engine takes; raise it" })
      .optional(),
    change: "in-place",
    examples: [512, 400],
    // The engine wants both in one request.
    writtenBy: "memory",
    policy: (hard, { memory }) =>
      hard !== 0 && hard < memory
        ? `is ${hard} MiB, below memory (${memory} MiB); raise it or lower memory`
        : undefined,
  },

  /**
   * The most processes and threads the task may have. When unset or 0, the plugin's `pidsLimit`, or else no limit.
   * More than the plugin's is refused.
   */
  pidsLimit: {
    schema: z.int().min(0, "is below 0; leave it out for no limit").optional(),
    change: "in-place",
    examples: [100, 200],
    engine: (limit = 0) => ({ HostConfig: { PidsLimit: limit } }),
    update: (limit) => ({ HostConfig: { PidsLimit: limit || -1 } }),
    observe: ({ HostConfig: { PidsLimit } }) => (PidsLimit && PidsLimit > 0 ? PidsLimit : undefined),
    inherit: (limit, plugin) => limit || plugin.pidsLimit || limit,
    policy: (limit, _, { plugin }) =>
      plugin?.pidsLimit && limit > plugin.pidsLimit
        ? `is ${limit}, above the ${plugin.pidsLimit} that the operator allows; lower it, or have the operator raise the plugin option pids_limit`
        : undefined,
  },

  /** The size of `/dev/shm`, in bytes. The engine's default (64 MiB) when unset. */
  shmSize: {
    schema: z.int().min(0, "is below 0; raise it or leave it out").optional(),
    change: "replace",
    examples: [16 * MiB, 32 * MiB],
    engine: (ShmSize) => ({ HostConfig: { ...(ShmSize && { ShmSize }) } }),
  },

  /** Kernel parameters of the container's namespaces: `{ "net.core.somaxconn": "1024" }`. */
  sysctl: {
    schema: z.record(z.string().min(1), z.string()).optional(),
    change: "replace",
    examples: [{ "net.core.somaxconn": "1024" }, { "net.core.somaxconn": "512" }],
    engine: (Sysctls) => ({ HostConfig: { ...(Sysctls && { Sysctls }) } }),
    canonical: unlessEmpty,
  },

  /** Limits of the container's processes by name, `"soft"` or `"soft:hard"`: `{ nofile: "1024:2048" }`. */
  ulimit: {
    schema: z
      .record(
        z.string().min(1),
        z
          .string()
          .min(1, 'is empty; write "soft" or "soft:hard"')
          .refine((text) => text === "" || /^-?\d+(?::-?\d+)?$/.test(text), {
            error: 'is not a limit; write whole numbers, "soft" or "soft:hard"',
          }),
      )
      .optional(),
    change: "replace",
    examples: [{ nofile: "1024:2048" }, { nofile: "512", core: "0" }],
    engine: (limits) => ({
      HostConfig: {
        ...(limits && {
          Ulimits: Object.entries(limits)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([Name, text]) => {
              const [soft = 0, hard = soft] = text.split(":").map(Number);
              return { Name, Soft: soft, Hard: hard };
            }),
        }),
      },
    }),
    canonical: unlessEmpty,
  },
});

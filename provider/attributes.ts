/** What is known of an engine and its machine, by the names that Nomad's fingerprint has for it. */
import { goArchitecture } from "./architecture";
import { type Connection, fingerprint } from "./connection";
import type { EngineInfo } from "./engine/types";
import type { Fingerprint } from "./facts";
import type { PluginSpec } from "./options/plugin";

/** Values by whole names: `attr.cpu.arch`, `node.unique.id`, `meta.rack`. */
export type Attributes = Readonly<Record<string, string>>;

/** Where attributes come from. */
export interface Sources {
  readonly info: EngineInfo;
  readonly fingerprint: Fingerprint;
  /** The gateway of the engine's default network. */
  readonly bridgeIp?: string | undefined;
  readonly plugin: PluginSpec;
}

interface Attribute {
  /** What it is, for a reader of the docs. */
  readonly is: string;
  /** Undefined where the engine does not say. */
  readonly of: (sources: Sources) => string | number | undefined;
}

const ifTrue = (is: boolean) => (is ? "true" : undefined);

/** By name. Where an engine does not say, or the operator does not allow, there is no such attribute. */
export const attributeRows: Readonly<Record<string, Attribute>> = {
  "attr.driver.docker": { is: "`1`: there is an engine", of: () => 1 },
  "attr.driver.docker.version": { is: "the engine's version", of: ({ info }) => info.ServerVersion },
  "attr.driver.docker.bridge_ip": {
    is: "the gateway of the engine's default network, where a container of it finds its host",
    of: ({ bridgeIp }) => bridgeIp,
  },
  "attr.driver.docker.runtimes": {
    is: "the names of the engine's runtimes, in the order of the alphabet, with commas between",
    of: ({ info }) =>
      Object.keys(info.Runtimes ?? {})
        .sort()
        .join(",") || undefined,
  },
  "attr.driver.docker.os_type": {
    is: "`linux` or `windows`: what its containers are for",
    of: ({ info }) => info.OSType,
  },
  "attr.driver.docker.privileged.enabled": {
    is: "`true` where the plugin has `allowPrivileged`",
    of: ({ plugin }) => ifTrue(plugin.allowPrivileged),
  },
  "attr.driver.docker.volumes.enabled": {
    is: "`true` where the plugin has `volumes.enabled`",
    of: ({ plugin }) => ifTrue(plugin.volumes.enabled),
  },
  "attr.cpu.arch": {
    is: "`amd64`, `arm64`, …: Go's name of the machine's architecture",
    of: ({ info: { Architecture } }) => Architecture && goArchitecture(Architecture),
  },
  "attr.cpu.numcores": { is: "the machine's cores", of: ({ fingerprint: { cpuCores } }) => cpuCores },
  "attr.cpu.totalcompute": {
    is: "MHz times cores. Known of this machine, and where the plugin has `cpuTotalCompute`",
    of: ({ fingerprint: { cpuTotalCompute } }) => cpuTotalCompute,
  },
  "attr.cpu.frequency": {
    is: "MHz of one core, known as `attr.cpu.totalcompute` is",
    of: ({ fingerprint: { cpuTotalCompute, cpuCores } }) =>
      cpuTotalCompute && cpuCores ? Math.round(cpuTotalCompute / cpuCores) : undefined,
  },
  "attr.memory.totalbytes": { is: "the machine's memory", of: ({ info }) => info.MemTotal },
  "attr.kernel.name": { is: "`linux` or `windows`", of: ({ info }) => info.OSType },
  "attr.kernel.version": { is: "the kernel's version", of: ({ info }) => info.KernelVersion },
  "attr.os.name": {
    is: "`debian`, `ubuntu`, …: the first word of what the machine's system calls itself",
    of: ({ info }) => /^[\p{L}\d]+/u.exec(info.OperatingSystem ?? "")?.[0].toLowerCase(),
  },
  "attr.os.version": {
    is: "the system's version: `12`, `24.04`",
    of: ({ info }) => info.OSVersion || /\d+(?:\.\d+)*/.exec(info.OperatingSystem ?? "")?.[0],
  },
  "attr.unique.hostname": { is: "the machine's name", of: ({ info }) => info.Name },
  "attr.unique.cgroup.version": {
    is: "`v1` or `v2`; Linux only",
    of: ({ info, fingerprint: { os, cgroupVersion } }) =>
      os === "windows" || info.CgroupVersion === undefined ? undefined : `v${cgroupVersion ?? 1}`,
  },
  "node.unique.id": { is: "the engine's own id", of: ({ info }) => info.ID },
  "node.unique.name": { is: "the machine's name", of: ({ info }) => info.Name },
};

/** The engine's own labels: `dockerd --label rack=r1` gives `meta.rack`. */
const labelsOf = ({ Labels }: EngineInfo): readonly (readonly [string, string])[] =>
  (Labels ?? []).map((label) => {
    const [key = "", ...value] = label.split("=");
    return [`meta.${key}`, value.join("=")];
  });

/** What these sources say, in the order of the names. */
export const attributesFrom = (sources: Sources): Attributes => {
  const rows = Object.entries(attributeRows).map(([name, { of }]) => [name, of(sources)] as const);
  return Object.fromEntries(
    [...rows, ...labelsOf(sources.info)].flatMap(([name, value]) =>
      value === undefined || value === "" ? [] : [[name, String(value)]],
    ),
  );
};

/** What is known of an engine. */
export async function attributesOf(connection: Connection, plugin: PluginSpec): Promise<Attributes> {
  const [info, machine, bridgeIp] = await Promise.all([
    connection.info(),
    fingerprint(connection, plugin),
    connection.bridgeIp(),
  ]);
  return attributesFrom({ info, fingerprint: machine, bridgeIp, plugin });
}

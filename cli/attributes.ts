import { cpus } from "node:os";
import { totalCompute } from "../provider/cpus";
import type { Fingerprint } from "../provider/facts";
import type { Machine } from "./render";
import { FileError } from "../constructs/json-file";
import { isBag } from "../provider/options/from-nomad";

const numberAt = (attributes: Readonly<Record<string, unknown>>, name: string): number | undefined => {
  const written = attributes[name];
  if (written === undefined || written === null) return undefined;
  const number = typeof written === "string" && written.trim() !== "" ? Number(written) : written;
  if (typeof number === "number" && Number.isFinite(number) && number > 0) return number;
  throw new FileError(`the attribute ${name} is ${JSON.stringify(written)}, which is not a number above 0`);
};

/** What the attributes leave out is this machine's own. */
export function fingerprintOf(attributes: unknown): Fingerprint {
  if (!isBag(attributes)) throw new FileError('the attributes are not a map; write {"cpu.totalcompute": 5192, …}');
  const own = totalCompute();
  const cpuTotalCompute = numberAt(attributes, "cpu.totalcompute") ?? (own > 0 ? own : undefined);
  const cgroup = attributes["unique.cgroup.version"];
  return {
    cpuCores: numberAt(attributes, "cpu.numcores") ?? cpus().length,
    ...(cpuTotalCompute !== undefined && { cpuTotalCompute }),
    ...(attributes["driver.docker.os_type"] === "windows" && { os: "windows" as const }),
    ...((cgroup === "v2" || cgroup === "2" || cgroup === 2) && { cgroupVersion: 2 }),
  };
}

/** By the names that texts use: those of `node` and `meta` say so, all others are `attr`. */
const namesOf = (attributes: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      /^(?:attr|node|meta)\./.test(name) ? name : `attr.${name}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );

/**
 * What a Nomad client's fingerprint says of an engine's machine.
 * @param attributes `{"cpu.totalcompute": 5192, "cpu.numcores": 2}`, the values as numbers or as texts
 */
export const machineOf = (attributes: unknown = {}): Machine => ({
  fingerprint: fingerprintOf(attributes),
  attributes: namesOf(attributes as Readonly<Record<string, unknown>>),
});

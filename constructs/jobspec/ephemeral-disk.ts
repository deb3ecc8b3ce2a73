import type { Failure } from "../../provider/options/folds";
import { type GroupOptions, groupOptions } from "../../provider/options/job";
import type { AnyRows } from "../../provider/options/option";
import { Fields } from "./fields";

export interface EphemeralDisk {
  readonly ephemeralDisk?: GroupOptions["ephemeralDisk"];
  /** Fields that have no effect. */
  readonly left: readonly string[];
  readonly failures: readonly Failure[];
}

const { sticky, migrate } = groupOptions.ephemeralDisk.schema.unwrap().shape;
const row = { change: "replace", examples: [true] } as const;
const rows: AnyRows = { sticky: { schema: sticky, ...row }, migrate: { schema: migrate, ...row } };

/** What Nomad writes where nobody did. */
const usualMb = 300;

/** `EphemeralDisk` of a group. Its size is what Nomad's scheduler counts with, and no limit. */
export function ephemeralDiskOf(fields: Fields): EphemeralDisk {
  const disk = Fields.of(fields.take("EphemeralDisk"));
  if (!disk) return { left: [], failures: [{ property: "ephemeral_disk", reason: "ephemeral_disk is not a map" }] };
  const { values, failures } = disk.takeOptions(rows);
  const left = disk.left.filter((name) => name !== "SizeMB" || disk.take(name) !== usualMb);
  return { ...(Object.keys(values).length > 0 && { ephemeralDisk: values }), left, failures };
}

import type { Failure } from "../../provider/options/folds";
import { type UpdateSpec, updateSchema } from "../../provider/options/job";
import type { AnyRows } from "../../provider/options/option";
import { Fields } from "./fields";

/** How a job file says that containers are replaced, as far as one engine can do it. */
export interface Update {
  readonly update?: UpdateSpec;
  /** Fields that have no effect. */
  readonly left: readonly string[];
  readonly failures: readonly Failure[];
}

const { minHealthyTime, healthyDeadline, autoRevert } = updateSchema.shape;
const row = { change: "record", examples: [undefined] } as const;
const rows: AnyRows = {
  minHealthyTime: { schema: minHealthyTime, ...row },
  healthyDeadline: { schema: healthyDeadline, ...row },
  autoRevert: { schema: autoRevert, ...row },
};

/** `Update` of a job or a group. What Nomad's scheduler does over several machines is left. */
export function updateOf(fields: Fields): Update {
  const update = Fields.of(fields.take("Update"));
  if (!update) return { left: [], failures: [{ property: "update", reason: "update is not a map" }] };
  const { values, failures } = update.takeOptions(rows);
  return { ...(Object.keys(values).length > 0 && { update: values }), left: update.left, failures };
}

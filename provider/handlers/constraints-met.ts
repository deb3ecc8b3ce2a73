import { attributesOf } from "../attributes";
import type { Connection } from "../connection";
import { isConstrained, unmetBy } from "../constraints/unmet";
import type { TaskInputs } from "../inputs";
import type { PluginSpec } from "../options/plugin";

/** Refuses to make a container on an engine that is not what is asked for: a check may have had none to ask. */
export async function requireMet(connection: Connection, inputs: TaskInputs, plugin: PluginSpec): Promise<void> {
  if (!isConstrained(inputs)) return;
  const failures = unmetBy(inputs, await attributesOf(connection, plugin));
  if (failures.length === 0) return;
  const reasons = failures.map(({ reason }) => reason).join("\n  ");
  throw new Error(`task ${inputs.place.task} (${inputs.key}) was not started: ${reasons}`);
}

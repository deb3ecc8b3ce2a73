import { attributesOf } from "../attributes";
import { allocationDirs } from "../allocation-dirs";
import { type Connection, fingerprint } from "../connection";
import type { Allocation, Facts } from "../facts";
import type { TaskInputs } from "../inputs";
import { namesEngine } from "../filled-task";
import { taskOptions } from "../options";
import { pluginSpec } from "../plugin-spec";

/** The options of the table, among a task's inputs. */
export const optionsOf = (inputs: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(inputs).filter(([key]) => Object.hasOwn(taskOptions, key)));

/** All that the rows of the table may ask for, of a task on its engine. */
export async function factsOf(
  connection: Connection,
  inputs: TaskInputs,
  { id, ports }: Omit<Allocation, "infra">,
): Promise<Facts> {
  const { place, infra } = inputs;
  const plugin = pluginSpec(inputs.plugin);
  const dirs = allocationDirs(id, place.task);
  const allocation = { id, ports, ...(infra !== undefined && { infra }) };
  const [engine, attributes] = await Promise.all([
    fingerprint(connection, plugin),
    namesEngine(optionsOf(inputs), place.meta) ? attributesOf(connection, plugin) : undefined,
  ]);
  return { place, allocation, dirs, engine, attributes, plugin };
}

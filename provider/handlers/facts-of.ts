import { allocationDirs } from "../allocation-dirs";
import { type Connection, fingerprint } from "../connection";
import type { Allocation, Facts } from "../facts";
import type { TaskInputs } from "../inputs";
import { pluginSpec } from "../plugin-spec";

/** All that the rows of the table may ask for, of a task on its engine. */
export async function factsOf(
  connection: Connection,
  { place, plugin: written }: TaskInputs,
  allocation: Allocation,
): Promise<Facts> {
  const plugin = pluginSpec(written);
  const dirs = allocationDirs(allocation.id, place.task);
  return { place, allocation, dirs, engine: await fingerprint(connection, plugin), plugin };
}

/** Containers under a key: which of them this state's runs made, and what to do about those of another state. */
import type { Engine } from "../engine/engine";
import { isUp } from "../engine/is-up";
import type { ContainerRow } from "../engine/types";
import type { TaskInputs } from "../inputs";
import type { Failure } from "../options/folds";
import { isOwnOrigin } from "../origin";
import { originOfContainer, ownerMark } from "../ownership";
import { stackOf } from "../port-holders";
import { ifReachable } from "./engine-of";

/** Set it when a stack's state was lost: what runs under the stack's name then counts as its own. */
const stateLost = "LONGSHORE_STATE_LOST";

/** Who takes a container over says so in the marker beside it; until then it is whose label it bears. */
async function isOwn(engine: Engine, row: ContainerRow): Promise<boolean> {
  if (process.env[stateLost] || isOwnOrigin(originOfContainer(row))) return true;
  const mark = await ownerMark(engine, row.Id);
  return mark?.origin !== undefined && isOwnOrigin(mark.origin);
}

/** Those of this state, and why the others are in the way: what is another state's is not taken over, and not ended. */
export async function ownRows(
  engine: Engine,
  key: string,
  rows: readonly ContainerRow[],
): Promise<{ readonly own: readonly ContainerRow[]; readonly refused?: string }> {
  const judged = await Promise.all(rows.map(async (row) => [row, await isOwn(engine, row)] as const));
  const own = judged.flatMap(([row, is]) => (is ? [row] : []));
  // What has ended may have been left on purpose, and is in nobody's way.
  const other = judged.find(([row, is]) => !is && isUp(row))?.[0];
  if (!other) return { own };
  const refused =
    `${key} runs on this engine already, in container ${other.Id.slice(0, 12)}, which no run that this state knows of made: another ` +
    `stack is called ${stackOf(key)} too, in another backend, or before it was renamed. Give this stack, or its project, another ` +
    `name; or, if that container is this stack's own and its state was lost, run once with ${stateLost}=1`;
  return { own, refused };
}

/**
 * Those of this state.
 * @param what completes "… was not started"
 * @throws Error where one of another state is in the way
 */
export async function requireOwnRows(
  engine: Engine,
  key: string,
  rows: readonly ContainerRow[],
  what: string,
): Promise<readonly ContainerRow[]> {
  const { own, refused } = await ownRows(engine, key, rows);
  if (refused !== undefined) throw new Error(`${what} was not started: ${refused}`);
  return own;
}

/** The same before anything is done, as far as an engine can be asked. */
export async function ofAnotherState({ key, plugin }: Pick<TaskInputs, "key" | "plugin">): Promise<readonly Failure[]> {
  const found = await ifReachable(plugin, async ({ engine, ownContainers }) =>
    ownRows(engine, key, (await ownContainers()).get(key) ?? []),
  );
  return found?.refused === undefined ? [] : [{ property: "key", reason: found.refused }];
}

/**
 * Containers that stop before the next one of their task starts, since both want what only one can have. The next one's create
 * stops them, when all else is ready, and starts them again if it fails: the state has them until they are deleted.
 */
import type { Connection } from "../connection";
import { isUp } from "../engine/is-up";
import type { ContainerRow } from "../engine/types";
import type { TaskOutputs } from "../inputs";
import { note } from "../note";
import { ifReachable } from "./engine-of";
import { knownOf } from "./known";
import { settled } from "./settled";
import { stop } from "./stop";

/** By the task's key, and the container's id. */
const leaving = new Map<string, Map<string, TaskOutputs>>();

/** A diff found that a container goes first. */
export const goesFirst = (id: string, olds: TaskOutputs): void => {
  leaving.set(olds.key, (leaving.get(olds.key) ?? new Map<string, TaskOutputs>()).set(id, olds));
};

/** A later diff of the same run found that it need not. */
export const stays = (id: string, { key }: Pick<TaskOutputs, "key">): void => void leaving.get(key)?.delete(id);

/** Whether a container is about to give up what it has for a task. */
export const givesWay = (id: string, key: string): boolean => leaving.get(key)?.has(id) ?? false;

/** Whether a run that was cut off stopped a container, and left the one that it made for it. */
export async function isLeft(id: string, { key, plugin, place }: TaskOutputs): Promise<boolean> {
  if (place.type === "batch") return false;
  const rows = await ifReachable(plugin, async ({ ownContainers }) => (await ownContainers()).get(key));
  const own = rows?.find(({ Id }) => Id === id);
  const isIt = own !== undefined && !isUp(own) && others(rows ?? [], key).length > 0;
  if (isIt)
    note(`${place.task}: container ${id.slice(0, 12)} was stopped by a run that was cut off; it is started again`);
  return isIt;
}

/** Containers of a task that the state does not know. */
export const others = (rows: readonly ContainerRow[], key: string): readonly ContainerRow[] =>
  rows.filter(({ Id }) => !knownOf(key).has(Id));

/** Stops what goes first. What it returns starts it again, and tells of it. */
export async function makeWay(connection: Connection, key: string): Promise<() => Promise<string | undefined>> {
  const stopped: string[] = [];
  const bringBack = async () => {
    const texts = await Promise.all(stopped.map((id) => startAgain(connection, id)));
    return texts.length > 0 ? texts.join("\n  ") : undefined;
  };
  for (const [id, olds] of leaving.get(key) ?? []) {
    const live = await connection.engine.tryInspectContainer(id);
    if (!live) continue;
    note(`${olds.place.task}: stopping container ${id.slice(0, 12)}, for the new one to start`);
    // Stopped by hand, or by a run that was cut off: the state says which.
    if (olds.running !== false && olds.update?.autoRevert !== false) stopped.push(id);
    if (live.State.Running) await stop(connection, id, settled(olds));
  }
  return bringBack;
}

async function startAgain({ engine }: Connection, id: string): Promise<string> {
  const name = `container ${id.slice(0, 12)}, which ran before,`;
  try {
    await engine.startContainer(id);
    return `${name} was started again`;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `${name} could not be started again: ${reason}; "pulumi refresh" and an up try it once more`;
  }
}

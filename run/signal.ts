import type { Engine } from "../provider/engine/engine";
import { isEngineError } from "../provider/errors";
import { type Scope, findOn, mustRun } from "./containers";
import { signalOf } from "./signals";
import { TaskError } from "./task-error";

/** What was told, and to whom. */
export interface Signalled {
  readonly task: string;
  readonly signal: string;
  readonly container: string;
}

export async function signal(engine: Engine, word: string, text: string, scope: Scope = {}): Promise<Signalled> {
  const name = signalOf(text);
  const task = await findOn(engine, word, scope);
  mustRun(task, "gets no signal");
  await engine.signalContainer(task.row.Id, name).catch((error: unknown) => {
    if (!isEngineError(error, "conflict", "notFound")) throw error;
    throw new TaskError(`the task ${task.shown} got no signal: its container ended a moment ago`, "state");
  });
  return { task: task.shown, signal: name, container: task.row.Id };
}

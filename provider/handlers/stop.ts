import type { Connection } from "../connection";
import { durationMs } from "../duration";
import type { TaskSpec } from "../options";

/** Ends a task's container as its options say. */
export async function stop(
  { engine }: Pick<Connection, "engine">,
  id: string,
  { killSignal, killTimeout }: Pick<TaskSpec, "killSignal" | "killTimeout">,
): Promise<void> {
  const graceMs = durationMs(killTimeout);
  if (killSignal === undefined) return engine.stopContainer(id, Math.floor(graceMs / 1000));
  await engine.killContainer(id, killSignal);
  if (!(await engine.waitForExit(id, graceMs))) await engine.stopContainer(id, 0);
}

/** longshore's containers on an engine, by the names of their tasks. */
import type { Engine } from "../provider/engine/engine";
import { isUp as isRowUp } from "../provider/engine/is-up";
import type { ContainerRow } from "../provider/engine/types";
import { keyOf, markOf, ownerMarksOn } from "../provider/ownership";
import { TaskError } from "./task-error";
import { type TaskName, nearestName, namesCalled, shownName, taskNameOf, wholeName } from "./task-name";

/** Which stacks are looked at. @default all on the engine */
export interface Scope {
  readonly project?: string | undefined;
  readonly stack?: string | undefined;
  readonly app?: string | undefined;
}

/** A container of a task, or of an allocation's network. */
export interface TaskContainer extends TaskName {
  /** The same for all containers that the task has had. */
  readonly key: string;
  readonly row: ContainerRow;
}

const parts = ["project", "stack", "app"] as const;

const isIn = (name: TaskName, scope: Scope): boolean =>
  parts.every((part) => scope[part] === undefined || scope[part] === name[part]);

const byName = (a: TaskContainer, b: TaskContainer) =>
  wholeName(a).localeCompare(wholeName(b), "en", { numeric: true }) || b.row.Created - a.row.Created;

/** Sorted by name; of one name, the newest first. */
export async function containersOn(engine: Engine, scope: Scope = {}): Promise<readonly TaskContainer[]> {
  const [rows, marks] = await Promise.all([engine.listContainers([]), ownerMarksOn(engine)]);
  return rows
    .flatMap((row) => {
      // One that was taken over (`adopt`) has no label of a task's.
      const key = keyOf(row) ?? markOf(marks, row.Id)?.key ?? "";
      const name = taskNameOf(key);
      return name && isIn(name, scope) ? [{ ...name, key, row }] : [];
    })
    .sort(byName);
}

export const isUp = ({ row }: TaskContainer): boolean => isRowUp(row);

const isNearer = (a: TaskContainer, b: TaskContainer): number =>
  Number(isUp(b)) - Number(isUp(a)) ||
  // Made and not started yet: the one before it still does the work.
  Number(a.row.State === "created") - Number(b.row.State === "created") ||
  b.row.Created - a.row.Created;

/** Each task once, with the container that stands for it: the newest that runs, or else the newest. */
export const current = (all: readonly TaskContainer[]): readonly TaskContainer[] =>
  [...Map.groupBy(all, ({ key }) => key).values()].flatMap((same) => same.toSorted(isNearer).slice(0, 1));

const containerId = /^[0-9a-f]{4,64}$/;
const nameOf = ({ row: { Names } }: TaskContainer) => Names[0]?.replace(/^\//, "") ?? "";

export interface Found extends TaskContainer {
  /** As it is told to a person. */
  readonly shown: string;
  /** Whether it was named by its container, and no other will do. */
  readonly isContainer: boolean;
}

/** `of stack dev`, `on this engine` */
export function scopeText(scope: Scope): string {
  const given = parts.flatMap((part) => (scope[part] === undefined ? [] : [`${part} ${scope[part]}`]));
  return given.length === 0 ? "on this engine" : `of ${given.join(", ")}`;
}

/**
 * The container that a word means: of the task with this name or this end of a name, or by its own id or name.
 * @throws TaskError when it means none, or more than one
 */
export function find(word: string, all: readonly TaskContainer[], scope: Scope = {}): Found {
  const tasks = current(all);
  const found = (one: TaskContainer, isContainer: boolean): Found => ({
    ...one,
    shown: shownName(one, tasks),
    isContainer,
  });
  const called = namesCalled(word, tasks);
  const [only] = called;
  if (only && called.length === 1) return found(only, false);
  const ofTasks = called.filter(({ kind }) => kind === "task");
  const matching = containerId.test(word) ? all.filter(({ row }) => row.Id.startsWith(word)) : [];
  const byContainer = called.length > 0 ? [] : [...matching, ...all.filter((one) => nameOf(one) === word)];
  const [container] = byContainer;
  if (container && byContainer.length === 1) return found(container, true);
  if (called.length > 0 || byContainer.length > 0) {
    const candidates =
      called.length > 0
        ? (ofTasks.length > 0 ? ofTasks : called).map((one) => shownName(one, tasks))
        : byContainer.map((one) => `${one.row.Id.slice(0, 12)} (${shownName(one, tasks)})`);
    throw new TaskError(
      `"${word}" means ${candidates.length} tasks: ${candidates.join(", ")}; name one of them`,
      "name",
    );
  }
  if (tasks.length === 0)
    throw new TaskError(`there is no task "${word}": there are no tasks ${scopeText(scope)}`, "name");
  const best = nearestName(word, tasks);
  const names = tasks.filter(({ kind }) => kind === "task").map((one) => shownName(one, tasks));
  throw new TaskError(
    `there is no task "${word}" ${scopeText(scope)}${
      best === undefined ? `; the tasks are ${names.join(", ")}` : `; did you mean ${best}?`
    }`,
    "name",
  );
}

/** The same, looked up on an engine. */
export const findOn = async (engine: Engine, word: string, scope: Scope = {}): Promise<Found> =>
  find(word, await containersOn(engine, scope), scope);

/** @throws TaskError when it does not run */
export function mustRun({ row: { State, Id }, shown }: Found, todo: string): void {
  if (State === "running") return;
  const wayOut =
    State === "paused"
      ? `docker unpause ${Id.slice(0, 12)} lets it go on`
      : `longshore logs ${shown} shows its last words`;
  throw new TaskError(`the task ${shown} does not run (it is ${State}), and ${todo}; ${wayOut}`, "state");
}

/** What a task wrote and writes: of its container, and of those that follow it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../provider/engine/engine";
import { type Piece, piecesOf } from "../provider/engine/frames";
import type { ContainerInfo } from "../provider/engine/types";
import { isEngineError } from "../provider/errors";
import { type Found, type Scope, containersOn, current, find, isUp } from "./containers";
import { type Moment, momentAfter, momentOf, sinceOf } from "./moment";
import { TaskError } from "./task-error";

export interface LogsOptions extends Scope {
  /** The last lines only. @default all */
  readonly tail?: number | undefined;
  /** `10m` ago, `2026-12-01T10:00:00Z`, or seconds since 1970. */
  readonly since?: string | undefined;
  /** Goes on until the task has ended, over restarts and from a container to the one that replaces it. */
  readonly follow?: boolean | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** A piece of a log: of a task without a terminal one line, or a part of a very long one. */
export interface LogPiece extends Piece {
  /** When it was written, by the engine's clock. Not known of what was written to a terminal. */
  readonly time?: string;
  /** The container's id. */
  readonly container: string;
}

/** What becomes of a log that is followed; for people. */
export type Telling = (text: string) => void;

/** How long a container that has ended is waited for: to be started again, or replaced. */
const successorMs = 5_000;
const lookMs = 250;

const timed = /^(\d{4}-\d\d-\d\dT\S+) /;

/** Takes the time off, with which the engine began the piece. */
function timedPiece({ stream, data }: Piece, container: string): LogPiece {
  const [head = "", time] = timed.exec(data.subarray(0, 64).toString("latin1")) ?? [];
  return time === undefined
    ? { stream, data, container }
    : { stream, data: data.subarray(head.length), time, container };
}

const unreadable = ({ HostConfig: { LogConfig } }: ContainerInfo, shown: string) => {
  const driver = LogConfig?.Type ?? "";
  return new TaskError(
    `the log of the task ${shown} cannot be read: its driver is "${driver}", ` +
      (driver === "none"
        ? "which keeps nothing; give the task another one with its option logging"
        : "which sends it elsewhere; look there, or give the task another one with its option logging"),
    "state",
  );
};

interface Part {
  readonly tail?: number | undefined;
  readonly since?: Moment | undefined;
}

async function* piecesIn(
  engine: Engine,
  info: ContainerInfo,
  { shown, part, follow, signal }: { readonly shown: string; readonly part: Part } & LogsOptions,
): AsyncGenerator<LogPiece> {
  const { Tty } = info.Config;
  // A line's time is what tells where to go on.
  const options = { ...part, follow, signal, timestamps: !Tty };
  const log = await engine.logs(info.Id, options).catch((error: unknown) => {
    if (isEngineError(error) && /does not support reading/i.test(error.message)) throw unreadable(info, shown);
    throw error;
  });
  for await (const piece of piecesOf(log, Tty))
    yield Tty ? { ...piece, container: info.Id } : timedPiece(piece, info.Id);
}

/** The container of a task that goes on where one has ended: itself, or one that has replaced it. */
async function successor(
  engine: Engine,
  { key, isContainer }: Found,
  before: ContainerInfo,
  signal: AbortSignal | undefined,
): Promise<ContainerInfo | undefined> {
  for (let waited = 0; !signal?.aborted && waited <= successorMs; waited += lookMs) {
    const again = await engine.tryInspectContainer(before.Id);
    if (again && (again.State.Running || again.State.Restarting)) {
      if (again.State.Running && again.State.StartedAt !== before.State.StartedAt) return again;
      // The engine pauses longer and longer between its tries.
      waited = 0;
    }
    const [next] = isContainer ? [] : current((await containersOn(engine)).filter((one) => one.key === key));
    if (next && next.row.Id !== before.Id && isUp(next)) return engine.tryInspectContainer(next.row.Id);
    if (isContainer && !again) return undefined;
    await sleep(lookMs);
  }
  return undefined;
}

/** The log of a task that was found. */
export async function* logsOf(
  engine: Engine,
  task: Found,
  { tail, since, ...options }: Omit<LogsOptions, keyof Scope>,
  tell: Telling = () => undefined,
): AsyncGenerator<LogPiece> {
  const { shown } = task;
  let info = await engine.tryInspectContainer(task.row.Id);
  let part: Part = { tail, ...(since !== undefined && { since: await sinceOf(engine, since) }) };
  while (info) {
    let last: string | undefined;
    try {
      for await (const piece of piecesIn(engine, info, { ...options, shown, part })) {
        last = piece.time ?? last;
        yield piece;
      }
    } catch (error) {
      if (options.signal?.aborted) return;
      // The container was removed, or the engine is away for a moment: who follows goes on.
      if (!options.follow || !isEngineError(error, "notFound", "lost")) throw error;
    }
    if (!options.follow || options.signal?.aborted) return;
    const next = await successor(engine, task, info, options.signal);
    const isSame = next?.Id === info.Id;
    if (next) tell(`${shown} ${isSame ? "was started again" : `goes on in container ${next.Id.slice(0, 12)}`}`);
    else {
      const left = await engine.tryInspectContainer(info.Id);
      tell(`${shown} has ended${left ? ` with exit code ${left.State.ExitCode}` : ": its container is gone"}`);
    }
    if (isSame) part = { since: last === undefined ? momentOf(next.State.FinishedAt) : momentAfter(momentOf(last)) };
    else part = {};
    info = next;
  }
}

export async function* logs(engine: Engine, word: string, options: LogsOptions = {}): AsyncGenerator<LogPiece> {
  yield* logsOf(engine, find(word, await containersOn(engine, options), options), options);
}

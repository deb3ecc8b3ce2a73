/**
 * `longshore/run`: what runs, and what can be done with it; the same as the command's `ps`, `logs`, `exec`, `signal` and
 * `stats`. A task is named as there: `web/server/echo[0]`, any end of that which means one task, or its container's id.
 */
import { connectionOf } from "../provider/connection";
import { type Scope, containersOn, current, findOn, isUp } from "./containers";
import { type ExecOptions, type Executed, exec as execOn } from "./exec";
import { type LogPiece, type LogsOptions, logs as logsOn } from "./logs";
import { type PsOptions, type TaskStatus, ps as psOn } from "./ps";
import { type Signalled, signal as signalOn } from "./signal";
import { type Usage, stats as statsOn, watchStats as watchOn } from "./stats";
import { shownName } from "./task-name";

export type { Scope } from "./containers";
export type { ExecOptions, Executed } from "./exec";
export type { LogPiece, LogsOptions } from "./logs";
export type { PsOptions, TaskStatus } from "./ps";
export type { Signalled } from "./signal";
export type { Usage } from "./stats";
export { TaskError } from "./task-error";
export { EngineError } from "../provider/errors";

/** Which engine is asked. @default as for the docker command: DOCKER_HOST, DOCKER_CONTEXT, the current context, the default socket */
export interface On {
  /** As in the plugin option `endpoint`. */
  readonly endpoint?: string | undefined;
  /** Files of certificates, as in the plugin option `tls`. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
}

const engineOf = ({ endpoint, tls }: On) => connectionOf({ endpoint, tls }).engine;

/** The tasks that run. */
export const ps = (options: On & PsOptions = {}): Promise<readonly TaskStatus[]> => psOn(engineOf(options), options);

/**
 * Sends a task a signal: `SIGHUP`, `HUP` or `1`.
 * @throws TaskError when there is no such task or signal, or it does not run
 */
export const signal = (task: string, name: string, options: On & Scope = {}): Promise<Signalled> =>
  signalOn(engineOf(options), task, name, options);

/**
 * Runs a command in a task's container, to its end.
 * @example
 * const { exitCode, stdout } = await exec("db", ["pg_isready"]);
 */
export const exec = (
  task: string,
  command: readonly string[],
  options: On & ExecOptions & { readonly input?: string | Buffer | undefined } = {},
): Promise<Executed> => execOn(engineOf(options), task, command, options);

/**
 * What a task wrote, and with `follow` what it writes.
 * @example
 * for await (const { stream, data } of logs("web/server/echo[0]", { tail: 10 })) process[stream].write(data);
 */
export const logs = (task: string, options: On & LogsOptions = {}): AsyncGenerator<LogPiece> =>
  logsOn(engineOf(options), task, options);

/** What a task uses. */
export interface TaskUsage extends Usage {
  /** `web/server/echo[0]`, where another stack has one of that name with its own before it. */
  readonly task: string;
  readonly container: string;
}

const selecting = (task: string | undefined, options: On & Scope) => {
  const engine = engineOf(options);
  return async () =>
    task === undefined
      ? current(await containersOn(engine, options)).filter((one) => one.kind === "task" && isUp(one))
      : [await findOn(engine, task, options)].filter(isUp);
};

/** What tasks use of their machine, measured over a second: one, or all that run. */
export async function stats(task?: string, options: On & Scope = {}): Promise<readonly TaskUsage[]> {
  const tasks = await selecting(task, options)();
  return (await statsOn(engineOf(options), tasks)).map(({ task, usage }) => ({
    task: shownName(task, tasks),
    container: task.row.Id,
    ...usage,
  }));
}

/** The same each second, until the signal or the reader ends it. */
export async function* watchStats(
  task?: string,
  options: On & Scope & { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<readonly TaskUsage[]> {
  for await (const all of watchOn(engineOf(options), selecting(task, options), options.signal))
    yield all.map(({ task, usage }) => ({
      task: shownName(
        task,
        all.map((one) => one.task),
      ),
      container: task.row.Id,
      ...usage,
    }));
}

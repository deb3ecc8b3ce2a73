/** A command inside a task's container. */
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../provider/engine/engine";
import { type Piece, piecesOf } from "../provider/engine/frames";
import type { ExecRequest } from "../provider/engine/types";
import { isEngineError } from "../provider/errors";
import { type Scope, findOn, mustRun } from "./containers";
import { TaskError } from "./task-error";

/** Rows and columns of a terminal. */
export interface Size {
  readonly rows: number;
  readonly columns: number;
}

export interface ExecOptions extends Scope {
  /** Name or id of a user, of a group too: `app`, `1000:1000`. @default the container's */
  readonly user?: string | undefined;
  /** @default the container's */
  readonly workdir?: string | undefined;
  /** On top of the container's. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

export interface StartOptions extends ExecOptions {
  /** Whether it is given an input. */
  readonly hasInput: boolean;
  /** Gives it a terminal of this size, where there is one. */
  readonly terminal?: Size | undefined;
}

/** A command that runs. */
export interface Session {
  /** Its input; to end it is its end. */
  readonly input: Duplex;
  /** What it writes, till it ends. */
  readonly output: AsyncIterable<Piece>;
  resize(size: Size): Promise<void>;
  /** After its output has ended: undefined when it runs on without us. */
  exitCode(): Promise<number | undefined>;
}

/** How long the end of a command may come after the end of its output, where somebody may as well have left it. */
const lingerMs = 1_000;

async function exitCodeOf(engine: Engine, id: string, mayBeLeft: boolean): Promise<number | undefined> {
  for (let waited = 0; ; waited += 50) {
    const { Running, ExitCode } = await engine.inspectExec(id);
    if (!Running && ExitCode !== null) return ExitCode;
    if (mayBeLeft && waited >= lingerMs) return undefined;
    await sleep(50);
  }
}

export async function startExec(
  engine: Engine,
  word: string,
  command: readonly string[],
  { hasInput, terminal, user, workdir, env, ...scope }: StartOptions,
): Promise<Session> {
  const task = await findOn(engine, word, scope);
  mustRun(task, "no command runs in it");
  const size = terminal && { ConsoleSize: [terminal.rows, terminal.columns] as const };
  const request: ExecRequest = {
    Cmd: command,
    ...{ AttachStdin: hasInput, AttachStdout: true, AttachStderr: true, Tty: terminal !== undefined },
    ...(env && { Env: Object.entries(env).map(([name, value]) => `${name}=${value}`) }),
    ...(user !== undefined && { User: user }),
    ...(workdir !== undefined && { WorkingDir: workdir }),
    ...size,
  };
  try {
    const { Id } = await engine.createExec(task.row.Id, request);
    const connection = await engine.startExec(Id, { Tty: request.Tty, ...size });
    return {
      input: connection,
      output: piecesOf(connection, request.Tty),
      resize: ({ rows, columns }) =>
        engine.resizeExec(Id, { h: rows, w: columns }).catch((error: unknown) => {
          // It has not quite begun, or has ended.
          if (!isEngineError(error)) throw error;
        }),
      // Its keys (Ctrl-P, Ctrl-Q) leave a terminal; nothing leaves what has none.
      exitCode: () => exitCodeOf(engine, Id, request.Tty),
    };
  } catch (error) {
    if (!isEngineError(error, "conflict", "refused", "notFound", "internal")) throw error;
    throw new TaskError(`the command was not started in the task ${task.shown}: ${error.message}`, "state");
  }
}

/** How a command ended, and what it wrote. */
export interface Executed {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function exec(
  engine: Engine,
  word: string,
  command: readonly string[],
  { input, ...options }: ExecOptions & { readonly input?: string | Buffer | undefined } = {},
): Promise<Executed> {
  const session = await startExec(engine, word, command, { ...options, hasInput: input !== undefined });
  if (input !== undefined) session.input.end(input);
  const written: Record<Piece["stream"], Buffer[]> = { stdout: [], stderr: [] };
  for await (const { stream, data } of session.output) written[stream].push(data);
  const text = (stream: Piece["stream"]) => Buffer.concat(written[stream]).toString("utf8");
  return { exitCode: (await session.exitCode()) ?? 0, stdout: text("stdout"), stderr: text("stderr") };
}

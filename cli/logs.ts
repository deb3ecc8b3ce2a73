/** `longshore logs`: what tasks wrote, each stream to its own. */
import type { Engine } from "../provider/engine/engine";
import { type Found, type Scope, containersOn, current, find, scopeText } from "../run/containers";
import { type LogPiece, logsOf } from "../run/logs";
import { TaskError } from "../run/task-error";
import { shownName } from "../run/task-name";
import { colored, hasColor, palette } from "./color";
import { Lines } from "./lines";
import type { Output } from "./output";
import { write } from "./write";

export interface LogsCommand {
  readonly scope: Scope;
  readonly words: readonly string[];
  readonly tail: number | undefined;
  readonly since: string | undefined;
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly json: boolean;
}

async function tasksOf(engine: Engine, { words, scope }: LogsCommand): Promise<readonly Found[]> {
  const all = await containersOn(engine, scope);
  if (words.length > 0) {
    const found = words.map((word) => find(word, all, scope));
    return [...new Map(found.map((one) => [one.row.Id, one])).values()];
  }
  const tasks = current(all).filter(({ kind }) => kind === "task");
  if (tasks.length === 0) throw new TaskError(`there are no tasks ${scopeText(scope)}`, "name");
  return tasks.map((one) => ({ ...one, shown: shownName(one, tasks), isContainer: false }));
}

/** How the pieces of one task are written. */
interface Writing {
  piece(piece: LogPiece): Promise<void>;
  end(): Promise<void>;
}

const timeText = ({ time }: LogPiece) => (time === undefined ? "" : `${time} `);

/** As they came. */
function asTheyAre({ timestamps }: LogsCommand, { streams }: Output): Writing {
  // A very long line comes in parts, each with its own time.
  const isBroken = { stdout: false, stderr: false };
  return {
    async piece(piece) {
      const { stream, data } = piece;
      if (timestamps && !isBroken[stream]) await write(streams[stream], timeText(piece));
      isBroken[stream] = data.at(-1) !== 0x0a;
      await write(streams[stream], data);
    },
    end: () => Promise.resolve(),
  };
}

/** In whole lines, each of which says whose it is. */
function prefixed(
  { timestamps }: LogsCommand,
  { streams }: Output,
  prefix: { readonly stdout: string; readonly stderr: string },
): Writing {
  const lines = { stdout: new Lines(), stderr: new Lines() };
  const writeLine = (stream: LogPiece["stream"], text: string) =>
    write(streams[stream], `${prefix[stream]}${text.replace(/\n?$/, "\n")}`);
  return {
    async piece(piece) {
      const { stream, data } = piece;
      const begins = lines[stream].isEmpty;
      const stamp = timestamps && begins ? [Buffer.from(timeText(piece))] : [];
      for (const line of lines[stream].add(Buffer.concat([...stamp, data]))) await writeLine(stream, line);
    },
    async end() {
      for (const stream of ["stdout", "stderr"] as const)
        for (const line of lines[stream].end()) await writeLine(stream, line);
    },
  };
}

/** A line of JSON for each line. */
function asJson({ shown }: Found, { streams }: Output): Writing {
  const lines = { stdout: new Lines(), stderr: new Lines() };
  const writeLine = ({ stream, time, container }: Omit<LogPiece, "data">, text: string) =>
    write(
      streams.stdout,
      `${JSON.stringify({ task: shown, container, stream, ...(time !== undefined && { time }), text: text.replace(/\r?\n$/, "") })}\n`,
    );
  const latest: { stdout?: LogPiece; stderr?: LogPiece } = {};
  return {
    async piece(piece) {
      latest[piece.stream] = piece;
      for (const line of lines[piece.stream].add(piece.data)) await writeLine(piece, line);
    },
    async end() {
      for (const piece of [latest.stdout, latest.stderr])
        if (piece) for (const line of lines[piece.stream].end()) await writeLine(piece, line);
    },
  };
}

function writingOf(tasks: readonly Found[], command: LogsCommand, output: Output): (task: Found) => Writing {
  if (command.json) return (task) => asJson(task, output);
  if (tasks.length === 1) return () => asTheyAre(command, output);
  const width = Math.max(...tasks.map(({ shown }) => shown.length));
  return (task) => {
    const text = `${task.shown.padEnd(width)} | `;
    const color = palette[tasks.indexOf(task) % palette.length] ?? "cyan";
    const on = (stream: "stdout" | "stderr") => (hasColor(output.streams[stream]) ? colored(text, color) : text);
    return prefixed(command, output, { stdout: on("stdout"), stderr: on("stderr") });
  };
}

export async function logs(engine: Engine, command: LogsCommand, output: Output): Promise<void> {
  const { tail, since, follow } = command;
  const tasks = await tasksOf(engine, command);
  const writing = writingOf(tasks, command, output);
  const one = async (task: Found) => {
    const { piece: writePiece, end } = writing(task);
    const tell = (text: string) => output.say(`longshore: ${text}\n`);
    for await (const piece of logsOf(engine, task, { tail, since, follow }, tell)) await writePiece(piece);
    await end();
  };
  // What is followed is followed side by side; what is over is told task by task.
  if (follow) await Promise.all(tasks.map(one));
  else for (const task of tasks) await one(task);
}

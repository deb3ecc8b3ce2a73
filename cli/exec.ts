/** `longshore exec`: a command in a task's container, with this terminal, or with what is piped in. */
import type { Engine } from "../provider/engine/engine";
import { type ExecOptions, type Session, startExec } from "../run/exec";
import { UsageError } from "./command";
import { exitCodes } from "./exit-codes";
import type { Output } from "./output";
import { write } from "./write";

export interface ExecCommand extends ExecOptions {
  readonly task: string;
  readonly command: readonly string[];
  readonly interactive: boolean;
  readonly tty: boolean;
}

type Streams = Output["streams"];

const sizeOf = ({ stdout }: Streams) => ({ rows: stdout.rows || 24, columns: stdout.columns || 80 });

/** Hands each key on as it is pressed, and each new size. The function that it gives ends that. */
function giveTerminal(session: Session, streams: Streams, hasInput: boolean): () => void {
  const { stdin, stdout } = streams;
  const resize = () => void session.resize(sizeOf(streams)).catch(() => undefined);
  if (hasInput) stdin.setRawMode(true);
  stdout.on("resize", resize);
  return () => {
    stdout.off("resize", resize);
    if (hasInput) stdin.setRawMode(false);
  };
}

/** Its exit code. */
export async function exec(
  engine: Engine,
  { task, command, interactive, tty, ...options }: ExecCommand,
  { streams, say }: Output,
): Promise<number> {
  const { stdin } = streams;
  if (interactive && tty && !stdin.isTTY)
    throw new UsageError("exec was given -i and -t, and its input is no terminal; take -t out");
  const session = await startExec(engine, task, command, {
    ...options,
    hasInput: interactive,
    ...(tty && { terminal: sizeOf(streams) }),
  });
  const takeTerminal = tty ? giveTerminal(session, streams, interactive) : () => undefined;
  // An input that is closed while there is more to come is the command's to close.
  session.input.on("error", () => undefined);
  if (interactive) stdin.pipe(session.input);
  try {
    // An engine that was not told the size at the start is told it now.
    if (tty) await session.resize(sizeOf(streams));
    for await (const { stream, data } of session.output) await write(streams[stream], data);
  } finally {
    takeTerminal();
    stdin.unpipe(session.input);
    if (interactive) stdin.destroy();
    session.input.destroy();
  }
  const code = await session.exitCode();
  if (code === undefined) say("longshore: the command runs on\n");
  return code ?? exitCodes.done;
}

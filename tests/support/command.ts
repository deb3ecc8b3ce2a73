/** The command `longshore`, as it is installed: in a pipe, and in a terminal. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { until } from "./processes";

const main = join(__dirname, "../../dist/cli/main.js");

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  /** Types, or pipes, a text. */
  readonly type: (text: string) => void;
  readonly ended: Promise<Ended>;
}

const running = new Set<ChildProcess>();

/** For `afterEach`. */
export const endCommands = (): void => running.forEach((child) => child.kill("SIGKILL"));

function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(file, args, { env: { ...process.env, ...env } });
  running.add(child);
  let [out, err] = ["", ""];
  child.stdout.on("data", (data: Buffer) => (out += data.toString()));
  child.stderr.on("data", (data: Buffer) => (err += data.toString()));
  // It may have ended before it has read all.
  child.stdin.on("error", () => undefined);
  const ended = new Promise<Ended>((resolve) =>
    child.on("close", (code) => {
      running.delete(child);
      resolve({ code, out, err });
    }),
  );
  return { child, out: () => out, err: () => err, type: (text) => void child.stdin.write(text), ended };
}

/** In pipes; its input is open. */
export const start = (...args: readonly string[]): Running => run(process.execPath, [main, ...args]);

/** In pipes, with this input, to its end. */
export function longshore(args: readonly string[], input = ""): Promise<Ended> {
  const { child, ended } = start(...args);
  child.stdin?.end(input);
  return ended;
}

const quoted = (text: string) => `'${text.replace(/'/g, `'\\''`)}'`;

/**
 * In a terminal that script(1) makes, 100 columns wide and 30 rows high; what is printed on it comes as `out`.
 * @param before a line of shell that is run in it first
 */
export function inTerminal(
  args: readonly string[],
  { before = ":", env = {} }: { readonly before?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Running {
  const line = [process.execPath, main, ...args].map(quoted).join(" ");
  const all = `stty rows 30 cols 100\n${before}\n${line}; echo "exit code $?"; stty -a | grep -o -- '-*icanon'`;
  return run("script", ["--quiet", "--return", "--command", all, "/dev/null"], { SHELL: "/bin/sh", ...env });
}

/** Waits until it has printed what matches. */
export const printed = (one: Running, pattern: RegExp): Promise<void> =>
  until(`it prints ${String(pattern)}`, () => pattern.test(one.out())).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}; printed was:\n${one.out()}\n${one.err()}`);
  });

/** Programs that keep credentials, by the protocol of Docker's docker-credential-helpers. */
import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import * as z from "zod";
import type { RegistryAuth } from "../engine/types";
import { Obstacle } from "./credentials-error";

/** How long a helper may take. One that waits for somebody to unlock a keyring would take for ever. */
export const helperLimitMs = 30_000;
const mostBytes = 1024 * 1024;
/** How long the pipe may stay open after the helper's end: what left its group holds it. */
const lastWordsMs = 1_000;

/** What helpers print, failing, when they have nothing for a server. */
const nothing = new Set([
  "credentials not found in native keychain",
  "no credentials server URL",
  "no credentials username",
]);

const answer = z.object({ Username: z.string().nullish(), Secret: z.string().nullish() });

export const programOf = (helper: string): string => `docker-credential-${helper}`;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
}

/** Ends a helper with all that it started and did not send away. */
const end = (child: ChildProcess) => {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill();
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nothing of it runs any more.
  }
};

const running = new Set<ChildProcess>();
let endsWithProcess = false;

const whyNotRun = ({ code = "for no reason given" }: NodeJS.ErrnoException): string =>
  code === "ENOENT" ? "there is no such program on the PATH" : `it cannot be run (${code})`;

const begin = (program: string) =>
  new Promise<ChildProcessByStdio<Writable, Readable, null>>((resolve, reject) => {
    // A group of its own, so that it can be ended with its children. No shell, and what it says is never shown.
    const child = spawn(program, ["get"], {
      stdio: ["pipe", "pipe", "ignore"],
      env: process.env,
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    child.once("spawn", () => resolve(child));
    child.on("error", reject);
  }).catch((error: unknown) => {
    throw new Obstacle(whyNotRun(error as NodeJS.ErrnoException));
  });

async function run(program: string, input: string, limitMs: number): Promise<Ended> {
  const child = await begin(program);
  running.add(child);
  if (!endsWithProcess) process.once("exit", () => running.forEach(end));
  endsWithProcess = true;
  return new Promise((resolve, reject) => {
    const { stdin, stdout } = child;
    const chunks: Buffer[] = [];
    let bytes = 0;
    let ended: Omit<Ended, "out"> | undefined;
    let lastWords: NodeJS.Timeout | undefined;

    const leave = () => {
      clearTimeout(limit);
      clearTimeout(lastWords);
      running.delete(child);
      stdin.destroy();
      stdout.destroy();
    };
    const fail = (reason: string) => {
      end(child);
      leave();
      reject(new Obstacle(reason));
    };
    const finish = () => {
      if (!ended) return;
      leave();
      resolve({ ...ended, out: Buffer.concat(chunks).toString("utf8") });
    };
    const limit = setTimeout(() => fail(`it gave no answer within ${limitMs / 1000} s, and was ended`), limitMs);

    stdout.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > mostBytes) fail("it wrote more than 1 MiB, and was ended");
    });
    stdout.on("error", () => undefined);
    // One that ends without reading.
    stdin.on("error", () => undefined);
    stdin.end(input);
    child.once("exit", (code, signal) => {
      if (!running.has(child)) return;
      clearTimeout(limit);
      ended = { code, signal };
      // Else a child that it left behind keeps the pipe open.
      end(child);
      lastWords = setTimeout(finish, lastWordsMs);
    });
    child.once("close", finish);
  });
}

const parsed = (out: string) => {
  try {
    return answer.safeParse(JSON.parse(out)).data;
  } catch {
    return undefined;
  }
};

async function ask(helper: string, server: string, limitMs: number): Promise<RegistryAuth | undefined> {
  if (!/^[^/\\\0]+$/.test(helper)) throw new Obstacle("the name of a helper is no path");
  const { code, signal, out } = await run(programOf(helper), server, limitMs);
  if (code !== 0 && nothing.has(out.trim())) return undefined;
  if (signal) throw new Obstacle(`it was ended by ${signal}`);
  if (code !== 0) throw new Obstacle(`it ended with exit code ${String(code)}`);
  const found = parsed(out);
  if (!found) throw new Obstacle("its answer is not the JSON of a credential helper");
  const { Username: username, Secret: secret } = found;
  if (!secret) return undefined;
  return username === "<token>" ? { identityToken: secret } : { ...(username && { username }), password: secret };
}

const asked = new Map<string, Promise<RegistryAuth | undefined>>();

/**
 * What a helper has for a server. It is asked once in the life of a process, whoever wants to know; a failure is not
 * kept.
 */
export function askHelper(
  helper: string,
  server: string,
  limitMs: number = helperLimitMs,
): Promise<RegistryAuth | undefined> {
  const key = JSON.stringify([helper, server]);
  const known = asked.get(key);
  if (known) return known;
  const asking = ask(helper, server, limitMs);
  asked.set(key, asking);
  asking.catch(() => asked.delete(key));
  return asking;
}

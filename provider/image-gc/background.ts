/** What happens to unused images when the command that left them has ended. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, parse, resolve } from "node:path";
import type { Connection } from "../connection";
import { type Written, endpointOf } from "../engine/endpoint";
import { whereabouts } from "../engine/unreachable";
import { warn } from "../note";
import { type Swept, sweep } from "./sweep";
import { lookAgain } from "./turn";

/** What only one process of a user on a machine does. */
export const turnOf = (endpoint: ReturnType<typeof endpointOf>): string => `gc ${whereabouts(endpoint)}`;

/** Registries that do not answer do not hold up a command for longer. */
const askMs = 3_000;

/** Removes what is due. What goes wrong with that is no failure of the command that does it by the way. */
export async function sweepNow({ engine }: Connection): Promise<readonly Swept[]> {
  try {
    return await sweep(engine, { askMs });
  } catch (error) {
    warn(`unused images were not looked through: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

const caughtUp = new WeakMap<Connection, Promise<void>>();

/** Removes what has become due since anybody last looked: once in a process. */
export function catchUp(connection: Connection, plugin: Written): Promise<void> {
  const running =
    caughtUp.get(connection) ??
    sweepNow(connection).then((swept) =>
      swept.some(({ verdict }) => verdict.action === "wait") ? sweepLater(plugin) : undefined,
    );
  caughtUp.set(connection, running);
  return running;
}

/** Set it to 0 for no process that outlives a command; the next command, or `longshore gc`, then removes what is due. */
const switchName = "LONGSHORE_GC_IN_BACKGROUND";

/** What a client of an engine needs of its environment. The rest may hold secrets. */
const needed =
  /^(?:PATH|HOME|USER|LOGNAME|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|SYSTEMROOT|TMPDIR|TEMP|TMP|SSH_AUTH_SOCK|LANG|XDG_RUNTIME_DIR|DOCKER_(?:HOST|CONTEXT|CONFIG|TLS_VERIFY|CERT_PATH|API_VERSION))$/i;
const isPath = (name: string) => name === "DOCKER_CONFIG" || name === "DOCKER_CERT_PATH";

const environment = () =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      needed.test(name) ? [[name, value && isPath(name) ? resolve(value) : value]] : [],
    ),
  );

const command = () =>
  [join(__dirname, "../cli/main.js"), join(__dirname, "../../dist/cli/main.js")].find((path) => existsSync(path));

const optionsOf = ({ endpoint, tls }: Written): readonly string[] => [
  ...(typeof endpoint === "string" ? ["--endpoint", endpoint] : []),
  ...Object.entries((tls ?? {}) as Readonly<Record<string, string | undefined>>).flatMap(([part, path]) =>
    path ? [`--tls-${part}`, resolve(path)] : [],
  ),
];

const listeningMs = 3_000;

/** Ends when a process has begun to look at what there is now, or has looked. */
async function start(main: string, written: Written): Promise<void> {
  const turn = turnOf(endpointOf(written));
  if (await lookAgain(turn)) return;
  const child = spawn(process.execPath, [main, "gc", "--wait", ...optionsOf(written)], {
    detached: true,
    stdio: "ignore",
    cwd: parse(process.cwd()).root,
    env: environment(),
    windowsHide: true,
  });
  const ended = new AbortController();
  // It is no more than a convenience.
  child.on("error", () => ended.abort());
  child.on("exit", () => ended.abort());
  child.unref();
  for (const end = Date.now() + listeningMs; Date.now() < end && !ended.signal.aborted;) {
    await new Promise((next) => setTimeout(next, 50));
    if (await lookAgain(turn)) return;
  }
}

/** The starts of a process, one after the other; who comes while one has not begun shares it. */
const starts = new Map<string, { readonly last: Promise<void>; readonly hasBegun: () => boolean }>();

/**
 * Has `longshore gc --wait` look after an engine in the background: it removes unused images when their time is over, and then
 * ends. One for each engine and user of a machine: one that is there already is told to look again.
 */
export function sweepLater(written: Written): Promise<void> {
  const main = command();
  if (process.env[switchName] === "0" || main === undefined) return Promise.resolve();
  const key = JSON.stringify(optionsOf(written));
  const before = starts.get(key);
  if (before && !before.hasBegun()) return before.last;
  let begun = false;
  const last = Promise.resolve(before?.last).then(() => {
    begun = true;
    return start(main, written);
  });
  starts.set(key, { last, hasBegun: () => begun });
  return last;
}

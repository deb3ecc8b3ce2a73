/** What happens to unused images when the command that left them has ended. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, parse, resolve } from "node:path";
import type { Connection } from "../connection";
import type { Written } from "../engine/endpoint";
import { warn } from "../note";
import { sweep } from "./sweep";

const swept = new WeakMap<Connection, Promise<void>>();

/** Removes what has become due since anybody last looked: once in a process, and never in the way of its own work. */
export function catchUp(connection: Connection): Promise<void> {
  const running =
    swept.get(connection) ??
    sweep(connection.engine).then(
      () => undefined,
      (error: unknown) =>
        warn(`unused images were not looked through: ${error instanceof Error ? error.message : String(error)}`),
    );
  swept.set(connection, running);
  return running;
}

/** Set it to 0 for no process that outlives a command; the next command, or `longshore gc`, then removes what is due. */
const switchName = "LONGSHORE_GC_IN_BACKGROUND";

/** What a client of an engine needs of its environment. The rest may hold secrets. */
const needed =
  /^(?:PATH|HOME|USER|LOGNAME|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|SYSTEMROOT|TMPDIR|TEMP|TMP|SSH_AUTH_SOCK|LANG|XDG_RUNTIME_DIR|DOCKER_(?:HOST|CONTEXT|CONFIG|TLS_VERIFY|CERT_PATH|API_VERSION))$/i;

const command = () =>
  [join(__dirname, "../cli/main.js"), join(__dirname, "../../dist/cli/main.js")].find((path) => existsSync(path));

const started = new Set<string>();

/**
 * Starts `longshore gc --wait` in the background, which removes the engine's unused images when their time is over, and then
 * ends. One for each engine and user of a machine: of two, the second ends at once.
 */
export function sweepLater({ endpoint, tls }: Written): void {
  const main = command();
  if (process.env[switchName] === "0" || main === undefined) return;
  const options = [
    ...(typeof endpoint === "string" ? ["--endpoint", endpoint] : []),
    ...Object.entries((tls ?? {}) as Readonly<Record<string, string | undefined>>).flatMap(([part, path]) =>
      path ? [`--tls-${part}`, resolve(path)] : [],
    ),
  ];
  const key = JSON.stringify(options);
  if (started.has(key)) return;
  started.add(key);
  const child = spawn(process.execPath, [main, "gc", "--wait", ...options], {
    detached: true,
    stdio: "ignore",
    cwd: parse(process.cwd()).root,
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => needed.test(name))),
    windowsHide: true,
  });
  // It is no more than a convenience.
  child.on("error", () => undefined);
  child.unref();
}

/** That a user of a machine does something once at a time. */
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** A place to listen that ends with its listener, as far as the platform has one. */
function placeOf(what: string): { readonly path: string; readonly isFile: boolean } {
  const name = `longshore-${userInfo().username}-${createHash("sha256").update(what).digest("hex").slice(0, 16)}`;
  if (process.platform === "win32") return { path: `\\\\.\\pipe\\${name}`, isFile: false };
  if (process.platform === "linux") return { path: `\0${name}`, isFile: false };
  return { path: join(tmpdir(), `${name}.sock`), isFile: true };
}

const tryListen = (path: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen(path, () => resolve(true));
    server.unref();
  });

const isAlive = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

/** Whether this process is the only one that does it. It stays so until it ends. */
export async function onlyOne(what: string): Promise<boolean> {
  const { path, isFile } = placeOf(what);
  if (await tryListen(path)) return true;
  if (!isFile || (await isAlive(path))) return false;
  // Of a process that was killed.
  rmSync(path, { force: true });
  return tryListen(path);
}

/** That a user of a machine does something once at a time, and that others can tell whoever does it that there is more to do. */
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { type Server, connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** A place to listen that ends with its listener, as far as the platform has one. */
function placeOf(what: string): { readonly path: string; readonly isFile: boolean } {
  const name = `longshore-${userInfo().username}-${createHash("sha256").update(what).digest("hex").slice(0, 16)}`;
  if (process.platform === "win32") return { path: `\\\\.\\pipe\\${name}`, isFile: false };
  if (process.platform === "linux") return { path: `\0${name}`, isFile: false };
  return { path: join(tmpdir(), `${name}.sock`), isFile: true };
}

/** Undefined when somebody listens there. */
const tryListen = (server: Server, path: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen(path, () => resolve(true));
    server.unref();
  });

const answerMs = 2_000;

/** Tells whoever has the turn to look again. False when nobody has it. */
export function lookAgain(what: string): Promise<boolean> {
  return new Promise((resolve) => {
    // Only an answer counts: who is about to end takes no more calls, and what waits there is cut off.
    const socket = connect(placeOf(what).path);
    socket.setTimeout(answerMs, () => socket.destroy());
    socket.once("data", () => {
      resolve(true);
      socket.destroy();
    });
    socket.once("error", () => undefined);
    socket.once("close", () => resolve(false));
  });
}

/** The turn of the only one that does something. */
export class Turn {
  private isAsked = false;
  private wake: () => void = () => undefined;
  private constructor(private readonly server: Server) {
    server.on("connection", (socket) => {
      this.isAsked = true;
      this.wake();
      socket.on("error", () => undefined);
      socket.end("yes");
    });
  }

  /** Undefined when another has it, who then was told to look again. */
  static async take(what: string): Promise<Turn | undefined> {
    const { path, isFile } = placeOf(what);
    for (let tries = 1; ; tries++) {
      const server = createServer();
      const turn = new Turn(server);
      if (await tryListen(server, path)) return turn;
      if (await lookAgain(what)) return undefined;
      // Of a process that was killed; or of one that was just ending.
      if (isFile) rmSync(path, { force: true });
      if (tries === 20) return undefined;
      await new Promise((next) => setTimeout(next, 50));
    }
  }

  /** Ends when the time is over, or somebody asks. */
  async pause(ms: number): Promise<void> {
    if (!this.isAsked)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.wake = () => undefined;
    this.isAsked = false;
  }

  /** Gives the turn away. True when somebody has asked since the last pause: then it is to be taken once more. */
  async end(): Promise<boolean> {
    await new Promise((closed) => this.server.close(closed));
    return this.isAsked;
  }
}

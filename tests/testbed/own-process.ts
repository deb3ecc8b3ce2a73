/** Processes of a test, which end with it: also when it fails, and when it is killed. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { openSync } from "node:fs";
import { createServer } from "node:net";

export interface OwnProcess {
  readonly pid: number;
  /** Tells it to end, waits, and kills it if it takes too long. */
  end(): Promise<void>;
  /** Ends it at once. */
  kill(): Promise<void>;
}

const has = (command: string) => {
  try {
    execFileSync("sh", ["-c", `command -v ${command}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

/** The command's path; installs Debian's package when it is missing, without starting what is in it. */
export function commandOf(command: string, debianPackage: string): string {
  if (!has(command)) {
    const script = `
      policy=/usr/sbin/policy-rc.d
      [ -e $policy ] || { printf '#!/bin/sh\\nexit 101\\n' >$policy; chmod +x $policy; trap "rm -f $policy" EXIT; }
      install="apt-get install -y --no-install-recommends ${debianPackage}"
      $install >&2 || { apt-get update >&2 && $install >&2; }`;
    execFileSync("sh", ["-c", script], { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  }
  return execFileSync("sh", ["-c", `command -v ${command}`])
    .toString()
    .trim();
}

/** Starts a process. The kernel tells it to end when this one does, whatever the reason. */
export function startOwn(log: string, command: string, args: readonly string[]): OwnProcess {
  const file = openSync(log, "a");
  const child: ChildProcess = spawn("setpriv", ["--pdeathsig", "TERM", command, ...args], {
    stdio: ["ignore", file, file],
  });
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  return {
    pid: child.pid ?? 0,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    async end() {
      child.kill();
      const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Polls until something works. */
export async function until(what: string, works: () => Promise<unknown>, ms = 30_000): Promise<void> {
  const end = Date.now() + ms;
  for (;;) {
    try {
      await works();
      return;
    } catch (error) {
      if (Date.now() > end) throw new Error(`not in ${ms} ms: ${what}`, { cause: error });
      await new Promise((next) => setTimeout(next, 50));
    }
  }
}

export const freePort = (): Promise<number> =>
  new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" && address ? address.port : 0));
    });
  });

import { readFileSync, readdirSync, readlinkSync } from "node:fs";

/** A process that works in a directory. */
export interface Worker {
  readonly pid: number;
  readonly command: string;
}

/** The processes whose working directory is this one (Linux). */
export const workersIn = (dir: string): readonly Worker[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (readlinkSync(`/proc/${pid}/cwd`) !== dir) return [];
        return [{ pid: Number(pid), command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ") }];
      } catch {
        return []; // it ended meanwhile
      }
    });

/** Polls until a condition holds; fails loudly when it does not in time. */
export async function until(what: string, condition: () => Promise<boolean> | boolean, ms = 30_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not in ${ms} ms: ${what}`);
    await new Promise((next) => setTimeout(next, 50));
  }
}

import { writeFileSync } from "node:fs";
import { CommandError } from "./command";

const reasons: Readonly<Record<string, string>> = {
  EEXIST: "it is there already; name another, or remove it",
  ENOENT: "its directory is not there; make it",
  EACCES: "it may not be written",
};

/** Writes a file that is not there yet. */
export function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: "wx" });
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new CommandError(`${path} is not written: ${reasons[code] ?? message}`);
  }
}

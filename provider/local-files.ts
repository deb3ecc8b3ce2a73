import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { ReadFile } from "./options/option";

/** More than any file that an option names holds. */
const most = 4 * 1024 * 1024;

/**
 * Reads a file of this machine; a relative path is one from the directory in which the program runs. What is no plain
 * file is refused: a device may go on for ever, and a pipe may never begin.
 */
export const readLocalFile: ReadFile = (path) => {
  // Windows has no such flag.
  const { O_NONBLOCK = 0 } = constants as Partial<typeof constants>;
  const file = openSync(path, constants.O_RDONLY | O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (stat.isDirectory()) throw Object.assign(new Error("it is a directory"), { code: "EISDIR" });
    if (!stat.isFile()) throw new Error("it is no plain file");
    const bytes = Buffer.alloc(most + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length <= most; length += read)
      read = readSync(file, bytes, length, bytes.length - length, null);
    if (length > most) throw new Error(`it is longer than ${most / 1024 / 1024} MiB`);
    return bytes.toString("utf8", 0, length);
  } finally {
    closeSync(file);
  }
};

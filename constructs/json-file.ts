import { readFileSync } from "node:fs";

/** A file that was given is not what it must be. */
export class FileError extends Error {
  override readonly name = "FileError";
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a directory",
  EACCES: "it may not be read",
};

/** The value in a file of JSON. */
export function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new FileError(`${path} cannot be read: ${reasons[code] ?? message}`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new FileError(`${path} is not JSON: ${(error as Error).message}`);
  }
}

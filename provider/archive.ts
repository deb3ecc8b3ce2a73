/** Archives of images, where the program runs. */
import { createHash } from "node:crypto";
import { closeSync, createReadStream, openSync, readSync, statSync } from "node:fs";
import type { FileKind } from "./facts";

const compressed = ["1f8b", "425a68", "fd377a585a00", "28b52ffd"];
const tarMagicAt = 257;

const isArchive = (head: Buffer): boolean =>
  head.toString("latin1", tarMagicAt, tarMagicAt + 5) === "ustar" ||
  compressed.some((magic) => head.toString("hex").startsWith(magic));

/** What is at a path. Of a file, its first bytes are looked at. */
export function fileKind(path: string): FileKind {
  let file: number | undefined;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return "directory";
    // Opening a pipe would wait for who writes into it.
    if (!stat.isFile()) return "other";
    file = openSync(path, "r");
    const head = Buffer.alloc(512);
    return isArchive(head.subarray(0, readSync(file, head))) ? "archive" : "other";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? "nothing" : "unreadable";
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

const digests = new Map<string, Promise<string>>();

/** The SHA-256 of a file. A file is read once for as long as it seems the same: Pulumi checks a resource several times. */
export function digestOf(path: string): Promise<string> {
  const { ino, size, mtimeMs } = statSync(path);
  const key = JSON.stringify([path, ino, size, mtimeMs]);
  const found =
    digests.get(key) ??
    (async () => {
      const hash = createHash("sha256");
      for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
      return `sha256:${hash.digest("hex")}`;
    })();
  digests.set(key, found);
  found.catch(() => digests.delete(key));
  return found;
}

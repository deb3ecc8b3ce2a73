/** Real credential helpers, scripts on the PATH, and files that lead to them. */
import { chmodSync, mkdtempSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Helpers {
  readonly dir: string;
  /** Makes `docker-credential-NAME`, which notes each time it is asked, and for which server; then runs a shell script. */
  add(name: string, script: string): void;
  /** The servers that it was asked for, in order. */
  asked(name: string): readonly string[];
  /** Writes a file below the directory. */
  write(file: string, content: unknown): string;
  remove(): void;
}

/** A helper's script that answers with these. */
export const answering = (username: string, secret: string): string =>
  `printf '%s' '${JSON.stringify({ ServerURL: "x", Username: username, Secret: secret })}'`;

/** A helper's script that has nothing. */
export const knowingNothing = "echo 'credentials not found in native keychain'; exit 1";

/** Puts a new directory first on the PATH. */
export function helpersOnPath(): Helpers {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "longshore-helpers-")));
  const before = process.env.PATH;
  process.env.PATH = `${dir}:${before ?? ""}`;
  const log = (name: string) => join(dir, `${name}.log`);
  return {
    dir,
    add(name, script) {
      const file = join(dir, `docker-credential-${name}`);
      writeFileSync(
        file,
        `#!/bin/sh\n[ "$*" = get ] || exit 64\nserver=$(cat)\necho "$server" >> '${log(name)}'\n${script}\n`,
      );
      chmodSync(file, 0o755);
    },
    asked(name) {
      try {
        return readFileSync(log(name), "utf8").trim().split("\n");
      } catch {
        return [];
      }
    },
    write(file, content) {
      const path = join(dir, file);
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
      return path;
    },
    remove() {
      process.env.PATH = before;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

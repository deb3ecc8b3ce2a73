/** `seccomp=FILE` as the engine takes it: with the profile itself in the place of its file's name. */
import type { ReadFile, Resolved } from "./options/option";

const written = /^seccomp[=:](.*)$/s;
/** Words of the engine's, and profiles that are read already. */
const isNoFile = (text: string) => text === "unconfined" || text === "builtin";

/** JSON without the white space between its parts; numbers and the order of keys stay as they are written. */
const compact = (json: string): string => json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1");

const isProfile = (json: string): boolean => {
  try {
    const profile = JSON.parse(json) as { readonly defaultAction?: unknown } | null;
    return typeof profile === "object" && typeof profile?.defaultAction === "string";
  } catch {
    return false;
  }
};

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "it may not be read",
  EISDIR: "it is a directory",
};

/** One of `securityOpt`, with the profile read into it. What a file holds besides a profile is not shown. */
export function withSeccompProfile(option: string, read: ReadFile): Resolved<string> {
  const [, named] = written.exec(option) ?? [];
  if (named === undefined || isNoFile(named)) return { value: option };
  const isInline = named.trimStart().startsWith("{");
  const subject = isInline ? "has a seccomp profile" : `names the seccomp profile "${named}"`;
  let json: string;
  try {
    json = isInline ? named : read(named);
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    return {
      refused: `${subject}, and ${reasons[code] ?? message} where the program runs; give the path from its directory`,
    };
  }
  return isProfile(json)
    ? { value: `seccomp=${compact(json)}` }
    : {
        refused: `${subject}, which is no profile: JSON with a "defaultAction"; see Docker's seccomp documentation for its form`,
      };
}

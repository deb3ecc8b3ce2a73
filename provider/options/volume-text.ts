/** The driver's text for a volume, `source:target[:mode]`, taken apart, and the paths that stand in it. */
import { posix } from "node:path";
import type { Fingerprint } from "../facts";

type Os = NonNullable<Fingerprint["os"]>;

export interface Volume {
  readonly source: string;
  readonly target: string;
  readonly mode: readonly string[];
}

// On Windows the colon after a drive's letter parts nothing.
const partsOf = (text: string, os: Os): readonly string[] =>
  text.split(os === "windows" ? /(?<!(?:^|:)[A-Za-z]):|:(?![\\/])/ : ":");

/** A volume's parts, or undefined where there are too few or too many. */
export const tryReadVolume = (text: string, os: Os = "linux"): Volume | undefined => {
  const [source, target, mode, ...more] = partsOf(text, os);
  return source && target && more.length === 0
    ? { source, target, mode: mode === undefined ? [] : mode.split(",") }
    : undefined;
};

export const writeVolume = ({ source, target, mode }: Volume): string =>
  [source, target, ...(mode.length > 0 ? [mode.join(",")] : [])].join(":");

/** Without `.`, `..` inside, doubled slashes and one at the end. */
export const cleaned = (path: string): string => {
  if (/^(?:[A-Za-z]:)?\\|^[A-Za-z]:\//.test(path)) return path;
  const normal = posix.normalize(path);
  return normal.length > 1 ? normal.replace(/\/$/, "") : normal;
};

/** Whether a source is a path of the engine's host: of any system's, so that no spelling is taken for a name. */
export const isHostPath = (source: string): boolean => /^(?:[\\/]|[A-Za-z]:[\\/])/.test(source);

export const isAbsoluteTarget = (target: string, os: Os = "linux"): boolean =>
  os === "windows" ? /^(?:\/|\\|[A-Za-z]:[\\/])/.test(target) : target.startsWith("/");

export const propagations = ["private", "rprivate", "shared", "rshared", "slave", "rslave"] as const;
/** What a directory has that nobody mounts anything into from outside. */
const still: readonly string[] = ["private", "rprivate"];
export const isPropagating = (word: string | undefined): word is string =>
  (propagations as readonly (string | undefined)[]).includes(word) && !still.includes(word ?? "");

/** The words of a mode; of each line at most one. */
const modeWords: readonly (readonly string[])[] = [
  ["rw", "ro"],
  ["z", "Z"],
  ["nocopy"],
  propagations,
  ["consistent", "cached", "delegated"],
];

export const labelOf = (mode: readonly string[]): string | undefined => mode.find((word) => /^z$/i.test(word));

/** A mode with the operator's SELinux label, unless it has one of its own. */
export const withLabel = (mode: readonly string[], label: string | undefined): readonly string[] =>
  label === undefined || labelOf(mode) !== undefined ? mode : [...mode, label];

/** What is wrong with a mode, or nothing. */
export const modeProblem = (mode: readonly string[]): string | undefined => {
  const unknown = mode.find((word) => !modeWords.flat().includes(word));
  if (unknown !== undefined)
    return `the mode "${unknown}" means nothing; write of ${modeWords.flat().join(", ")}, with commas between`;
  const both = modeWords.map((line) => mode.filter((word) => line.includes(word))).find((found) => found.length > 1);
  return both && `the mode says both ${both.join(" and ")}; write one of them`;
};

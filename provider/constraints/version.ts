/**
 * Versions as Nomad's operators `version` and `semver` compare them: `1.2`, `v20.10.24+dfsg1`, `5.10.0-19-amd64`.
 * Missing parts are zeros; what comes after `+` says nothing.
 */

export interface Version {
  readonly segments: readonly number[];
  /** How many segments were written. */
  readonly written: number;
  readonly prerelease: string;
}

const form =
  /^v?(\d+(?:\.\d+)*?)(?:-(\d+[0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*)|-?([A-Za-z~-]+[0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*))?(?:\+[0-9A-Za-z~-]+(?:\.[0-9A-Za-z~-]+)*)?$/;

/** A version, or undefined for what is none. */
export function tryParseVersion(text: string): Version | undefined {
  const [, numbers, afterDash = "", afterLetters = ""] = form.exec(text.trim()) ?? [];
  if (numbers === undefined) return undefined;
  const segments = numbers.split(".").map(Number);
  const padded = [...segments, ...Array<number>(Math.max(0, 3 - segments.length)).fill(0)];
  return { segments: padded, written: segments.length, prerelease: afterDash || afterLetters };
}

const compareParts = (a: string | undefined, b: string | undefined): number => {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  const [isNumber, isOther] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOther) return Math.sign(Number(a) - Number(b));
  if (isNumber !== isOther) return isNumber ? -1 : 1;
  return a < b ? -1 : 1;
};

/** A version before its release is less than the release. */
const comparePrereleases = (a: string, b: string): number => {
  if (a === b) return 0;
  if (a === "") return 1;
  if (b === "") return -1;
  const [left, right] = [a.split("."), b.split(".")];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const order = compareParts(left[index], right[index]);
    if (order !== 0) return order;
  }
  return 0;
};

const compareSegments = (a: readonly number[], b: readonly number[]): number => {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const order = Math.sign((a[index] ?? 0) - (b[index] ?? 0));
    if (order !== 0) return order;
  }
  return 0;
};

/** Below, at or above zero, as `a` is less than, as much as or more than `b`. */
export const compareVersions = (a: Version, b: Version): number =>
  compareSegments(a.segments, b.segments) || comparePrereleases(a.prerelease, b.prerelease);

interface Part {
  readonly operator: string;
  readonly version: Version;
}

/** What a version has to be: `>= 1.2, < 2`. */
export type VersionRange = readonly Part[];

const operators = {
  version: /^(~>|>=|<=|!=|=|>|<|)\s*(.+)$/,
  semver: /^(>=|<=|!=|=|>|<|)\s*(.+)$/,
} as const;

/** A range, or the part of the text that is none. */
export function parseRange(
  text: string,
  kind: keyof typeof operators,
): { readonly range: VersionRange } | { readonly wrong: string } {
  const parts: Part[] = [];
  for (const part of text.split(",").map((one) => one.trim())) {
    const [, operator = "", written = ""] = operators[kind].exec(part) ?? [];
    const version = tryParseVersion(written);
    if (!version) return { wrong: part };
    parts.push({ operator, version });
  }
  return { range: parts };
}

/** Whether a range is one of releases, or of versions before that same release. */
const mayMeet = (version: Version, { operator, version: wanted }: Part): boolean => {
  if (operator === "" || operator === "=" || operator === "!=") return true;
  if (version.prerelease === "") return wanted.prerelease === "" || operator !== "~>";
  return wanted.prerelease !== "" && compareSegments(version.segments, wanted.segments) === 0;
};

/** At least that version, and the same in all but the last segment that was written. */
const isNear = (version: Version, wanted: Version): boolean =>
  compareVersions(version, wanted) >= 0 &&
  wanted.segments.slice(0, wanted.written - 1).every((segment, index) => segment === version.segments[index]);

const meetsPart = (version: Version, { operator, version: wanted }: Part): boolean => {
  const order = compareVersions(version, wanted);
  switch (operator) {
    case "!=":
      return order !== 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case "~>":
      return isNear(version, wanted);
    default:
      return order === 0;
  }
};

/** @param kind `version`: a version before a release meets only a range that names that release's; `semver`: any */
export const meetsRange = (version: Version, range: VersionRange, kind: keyof typeof operators): boolean =>
  range.every((part) => (kind === "semver" || mayMeet(version, part)) && meetsPart(version, part));

/** Sizes and ages, for a person. Pure. */

const sizes = ["B", "kB", "MB", "GB", "TB"] as const;
const binarySizes = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

function scaled(bytes: number, base: number, units: readonly string[]): string {
  const power = Math.min(units.length - 1, bytes < base ? 0 : Math.floor(Math.log(bytes) / Math.log(base)));
  const amount = bytes / base ** power;
  return `${power === 0 ? amount : amount.toFixed(amount < 10 ? 2 : amount < 100 ? 1 : 0)} ${units[power] ?? ""}`;
}

/** `1.98 MB`: of what is moved. */
export const bytesText = (bytes: number): string => scaled(bytes, 1000, sizes);

/** `32.0 MiB`: of memory, as it is asked for. */
export const memoryText = (bytes: number): string => scaled(bytes, 1024, binarySizes);

const spans = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
] as const;

/** `40 s`, `5 min`, `3 h`, `12 d` */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [unit, size] = spans.find(([, least]) => seconds >= 2 * least) ?? ["s", 1];
  return `${Math.floor(seconds / size)} ${unit}`;
}

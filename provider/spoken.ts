const units = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
] as const;

/** A length of time as a person says it. */
export function spoken(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const [unit, size] = units.find(([, least]) => seconds >= 2 * least) ?? ["s", 1];
  return `${Math.round(seconds / size)} ${unit}`;
}

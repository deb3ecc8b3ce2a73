/** Medians, and how numbers are written. */

export function median(values) {
  const sorted = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]
    : sorted.length > 0
      ? (sorted[middle - 1] + sorted[middle]) / 2
      : undefined;
}

export const text = (value) =>
  value === undefined || Number.isNaN(value)
    ? "–"
    : value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);

/** The median, with the least and the most if there are several. */
export const range = (values) => {
  const spread = values.length > 1 ? ` (${text(Math.min(...values))}–${text(Math.max(...values))})` : "";
  return values.length > 0 ? `${text(median(values))}${spread}` : "–";
};

/** Of results that are as they should be: a failed phase has no time. */
export const valuesOf = (results, row, n, phase, measure) =>
  results
    .filter((result) => !result.wrong && result.row === row && result.n === n && result.phase === phase)
    .map((result) => result[measure])
    .filter((value) => value !== undefined);

export const medianOf = (results, row, n, phase, measure = "wall") => median(valuesOf(results, row, n, phase, measure));

export const table = (head, lines) =>
  [head, head.map((_, index) => (index === 0 ? "---" : "---:")), ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");

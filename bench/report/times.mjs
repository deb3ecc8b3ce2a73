/** The times of every row, at one N. */
import { bestRaw, providerPeak, statePerTask } from "./goals.mjs";
import { medianOf, range, table, text, valuesOf } from "./numbers.mjs";

export function times(meta, results, n) {
  const { phases } = meta;
  const rows = meta.rows.filter(({ name }) => results.some((result) => result.row === name && result.n === n));
  const cells = (of) => rows.map(({ name, label }) => [label, ...phases.map((phase) => of(name, phase))]);
  const wall = (row, phase) => medianOf(results, row, n, phase);
  const ratio = (row, phase) => {
    const [raw, lean] = [bestRaw(meta, results, n, phase), wall("pulumi-lean", phase)];
    return [raw, lean].map((base) => text(wall(row, phase) / base)).join(" / ");
  };
  const head = ["", ...phases];
  const kept = rows.flatMap(({ name }) => {
    const count = medianOf(results, name, n, "memAll", "kept");
    return count === undefined ? [] : [`${name} ${count}`];
  });
  return [
    `## N = ${n}`,
    "",
    "Wall time in seconds: median (least–most).",
    "",
    table(
      head,
      cells((row, phase) => range(valuesOf(results, row, n, phase, "wall"))),
    ),
    "",
    "Medians as multiples of the better raw client / of pulumi-lean.",
    "",
    table(head, cells(ratio)),
    "",
    "CPU seconds of the command and all it started (the engine not counted); the provider's peak memory over all phases; the state after `create`, by task.",
    "",
    table(
      [...head, "provider MiB", "state kB"],
      cells((row, phase) => text(medianOf(results, row, n, phase, "cpu"))).map((line, index) => [
        ...line,
        text(providerPeak(meta, results, rows[index].name, n)),
        text((statePerTask(results, rows[index].name, n) ?? NaN) / 1000),
      ]),
    ),
    "",
    ...(kept.length > 0 ? [`Containers that are the same after memAll: ${kept.join(", ")}, of ${n}.`, ""] : []),
  ];
}

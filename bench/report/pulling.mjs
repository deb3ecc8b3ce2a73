/** What pulling took, beside `docker pull`. */
import { median, medianOf, range, table, text, valuesOf } from "./numbers.mjs";

/** What getting the images alone took in each repetition, less the same command with the images on the engine. */
function costs(results, { name, containers }, n) {
  const reps = [...new Set(results.map(({ rep }) => rep))].map((rep) => results.filter((result) => result.rep === rep));
  const wall = (rep, phase) => valuesOf(rep, name, n, phase, "wall")[0];
  return reps
    .map((rep) => wall(rep, "images") - (containers ? wall(rep, "imagesThere") : 0))
    .filter((cost) => !Number.isNaN(cost));
}

const verdict = (isMet) => (isMet ? "met" : "**missed**");

function goals({ rows, tasks }, results, n) {
  const row = rows.find(({ name }) => name === "longshore");
  if (!row) return [];
  const count = (measure, goal) => {
    const most = Math.max(...valuesOf(results, "longshore", n, "up", measure));
    return most >= 0 ? [[goal, String(most), String(n), text(most / n), verdict(most === n)]] : [];
  };
  const beside = (goal, of) => {
    const [best] = rows
      .filter(({ role }) => role === "pull")
      .map((peer) => ({ label: peer.label, time: of(peer) }))
      .filter(({ time }) => time > 0)
      .toSorted((a, b) => a.time - b.time);
    const time = of(row);
    if (!best || time === undefined) return [];
    const ratio = time / best.time;
    // Less than nothing is no time: other work on the machine was more than what is measured.
    const judged = ratio > 0 ? verdict(ratio <= 1.25) : "not measurable";
    return [[goal, `${text(time)} s`, `${text(best.time)} s (${best.label})`, text(ratio), judged]];
  };
  return [
    ...count("layers", `up with ${tasks} tasks of each image: layers that the registry sends`),
    ...count("pulls", "the same: pulls, as the engine tells"),
    ...beside(
      "images alone: from the first call at the registry to the last pull ≤ 1.25 × the best `docker pull`",
      (of) => medianOf(results, of.name, n, "images", "span"),
    ),
    ...beside(
      "images alone: what the command takes longer than with the images there ≤ 1.25 × the best `docker pull`",
      (of) => median(costs(results, of, n)),
    ),
  ];
}

export function pulling(meta, results, n) {
  const cells = (row, phase) => {
    const values = (measure) => valuesOf(results, row, n, phase, measure);
    const each = (measure) => [...new Set(values(measure))].toSorted((a, b) => a - b).join(", ") || "–";
    return {
      wall: range(values("wall")),
      span: range(values("span")),
      cpu: text(median(values("cpu"))),
      counts: ["asked", "layers", "pulls"].map(each),
    };
  };
  const counts = ["asked for by tag", "layers sent", "pulls"];
  const ofPhase = (phase) =>
    meta.rows.filter(({ name }) => results.some((result) => result.row === name && result.phase === phase));
  return [
    `## Goals, with ${n} images`,
    "",
    table(["goal", "longshore", "compared with", "ratio", ""], goals(meta, results, n)),
    "",
    "## The images alone",
    "",
    `Seconds, median (least–most); CPU without the engine's. Of each image, ${meta.layerMiB} MiB are its own.`,
    "",
    table(
      ["", "images absent", "images there", "difference", "first call to last pull", "CPU", ...counts],
      ofPhase("images").map((row) => {
        const { wall, span, cpu, counts } = cells(row.name, "images");
        return [
          row.label,
          wall,
          cells(row.name, "imagesThere").wall,
          range(costs(results, row, n)),
          span,
          cpu,
          ...counts,
        ];
      }),
    ),
    "",
    `## With ${meta.tasks} tasks of each`,
    "",
    table(
      ["", "images absent", "images there", "first call to last pull", "CPU", ...counts],
      ofPhase("up").map((row) => {
        const { wall, span, cpu, counts } = cells(row.name, "up");
        return [row.label, wall, cells(row.name, "upThere").wall, span, cpu, ...counts];
      }),
    ),
    "",
  ];
}

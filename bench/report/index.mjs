/** The report, in Markdown. */
import { calls } from "./calls.mjs";
import { goals } from "./goals.mjs";
import { median, text } from "./numbers.mjs";
import { pulling } from "./pulling.mjs";
import { times } from "./times.mjs";

const mistakes = (results) => {
  const wrong = results.filter((result) => result.wrong);
  if (wrong.length === 0) return [];
  const lines = wrong.map(
    ({ row, n, rep, phase, wrong }) =>
      `- ${row}, N = ${n}, rep ${rep}, ${phase}: ${wrong.join("; ").replace(/\s+/g, " ")}`,
  );
  return ["## What went wrong, and is in no table", "", ...lines, ""];
};

const body = (meta, results) => {
  const sizes = [...new Set(results.map(({ n }) => n))].toSorted((a, b) => a - b);
  if (meta.pulling) return sizes.flatMap((n) => pulling(meta, results, n));
  return [
    ...(meta.trace ? [] : goals(meta, results)),
    ...sizes.flatMap((n) => (meta.trace ? calls : times)(meta, results, n)),
  ];
};

export function report(meta, results) {
  const load = results.map((result) => result.load);
  return [
    `# longshore beside its peers${meta.pulling ? ": pulling" : ""}, ${meta.date.slice(0, 16).replace("T", " ")} UTC`,
    "",
    `Docker ${meta.engine}; Node ${meta.node}; ${meta.machine}. ${meta.rows.map(({ name, version }) => `${name}: ${version}`).join("; ")}.`,
    `${meta.reps} repetitions, rows interleaved. Load average before a phase: median ${text(median(load))}, most ${text(Math.max(...load))}.`,
    ...(meta.trace ? ["Through a proxy that counts calls: no time in here is a result."] : []),
    "",
    ...body(meta, results),
    ...mistakes(results),
  ].join("\n");
}

/** The calls to the engine, counted by the proxy. */
import { table, text } from "./numbers.mjs";

const kindsOf = ({ kinds }) =>
  Object.entries(kinds)
    .toSorted(([, a], [, b]) => b.ms - a.ms)
    .map(([kind, { calls, refused, ms }]) => {
      const without = refused > 0 ? `, ${refused} refused` : "";
      return `\`${kind}\` ${calls} × ${text(ms / calls)} ms${without}`;
    })
    .join("; ");

export function calls(meta, results, n) {
  const traced = results.filter((result) => result.n === n && result.rep === 0 && result.trace);
  const rows = meta.rows.filter(({ name }) => traced.some(({ row }) => row === name));
  const traceOf = (row, phase) => traced.find((result) => result.row === row && result.phase === phase)?.trace;
  const cell = (trace) => (trace ? `${trace.calls}; ${trace.mostOpen} at once` : "–");
  return [
    `## N = ${n}: calls to the engine, and how many of them were open at once`,
    "",
    table(
      ["", ...meta.phases],
      rows.map(({ name, label }) => [label, ...meta.phases.map((phase) => cell(traceOf(name, phase)))]),
    ),
    "",
    ...traced
      .filter(({ row, trace }) => row === "longshore" && trace.calls > 0)
      .map(({ phase, trace }) => `- ${phase}: ${kindsOf(trace)}`),
    "",
  ];
}

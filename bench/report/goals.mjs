/** What longshore is to reach, computed from one run. */
import { medianOf, table, text } from "./numbers.mjs";

/** The better of the raw clients. */
export const bestRaw = ({ rows }, results, n, phase) => {
  const medians = rows
    .filter(({ role }) => role === "raw")
    .map(({ name }) => medianOf(results, name, n, phase))
    .filter((value) => value !== undefined);
  return medians.length > 0 ? Math.min(...medians) : undefined;
};

const most = (values) => {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
};

/** The most that the provider's process took in any phase. */
export const providerPeak = ({ phases }, results, row, n) =>
  most(phases.map((phase) => medianOf(results, row, n, phase, "providerMiB")));

/** The state file after the first phase, for each task; what is fixed in it is in it. */
export const statePerTask = (results, row, n) => {
  const size = medianOf(results, row, n, "create", "state");
  return size === undefined ? undefined : size / n;
};

function goalsOf(meta, results, n, least) {
  const wall = (row, phase) => medianOf(results, row, n, phase);
  const sum = (a, b) => (a === undefined || b === undefined ? undefined : a + b);
  const floor = (phase) => [
    {
      goal: `${phase} ≤ 1.25 × (raw client + a Pulumi program without resources)`,
      is: wall("longshore", phase),
      of: sum(bestRaw(meta, results, n, phase), wall("pulumi-empty", phase)),
      most: 1.25,
      unit: "s",
    },
    {
      goal: `the same with a provider that does nothing for N resources (JS)`,
      is: wall("longshore", phase),
      of: sum(bestRaw(meta, results, n, phase), wall("pulumi-null-js", phase)),
      most: 1.25,
      unit: "s",
    },
  ];
  const lean = (phase) => ({
    goal: `${phase} ≤ 1.1 × pulumi-lean`,
    is: wall("longshore", phase),
    of: wall("pulumi-lean", phase),
    most: 1.1,
    unit: "s",
  });
  return [
    ...["create", "destroy"].flatMap(floor),
    ...["noop", "preview", "refresh"].map(lean),
    {
      goal: `peak memory of the provider ≤ 1.2 × that at N = ${least}`,
      is: providerPeak(meta, results, "longshore", n),
      of: providerPeak(meta, results, "longshore", least),
      most: 1.2,
      unit: "MiB",
    },
    {
      goal: "state ≤ 6 kB a task",
      is: (statePerTask(results, "longshore", n) ?? NaN) / 1000,
      of: 6,
      most: 1,
      unit: "kB",
    },
  ];
}

export function goals(meta, results) {
  const sizes = [...new Set(results.map(({ n }) => n))];
  const n = Math.max(...sizes);
  const known = goalsOf(meta, results, n, Math.min(...sizes)).filter(({ is, of }) => is > 0 && of > 0);
  const lines = known.map(({ goal, is, of, most, unit }) => [
    goal,
    `${text(is)} ${unit}`,
    `${text(of)} ${unit}`,
    text(is / of),
    is / of <= most ? "met" : "**missed**",
  ]);
  return [`## Goals, at N = ${n}`, "", table(["goal", "longshore", "compared with", "ratio", ""], lines), ""];
}

/** What can be said to `npm run bench -- …`. */
import { parseArgs } from "node:util";
import { phases } from "./workload.mjs";
import { rows } from "./rows/index.mjs";
import { pullingRows } from "./rows/pulling.mjs";

export const usage = `npm run bench -- [options]
  --n 1,10,50       how many containers
  --reps 3          repetitions; medians are compared
  --rows a,b        of: ${rows.map(({ name }) => name).join(", ")}
  --phases a,b      of: ${phases.join(", ")}
  --pulling         measure pulling instead, from a registry on loopback; its rows are ${pullingRows.map(({ name }) => name).join(", ")}
  --images 20       how many images are pulled
  --tasks 5         how many tasks of each
  --trace           count the calls to the engine, through a proxy; the times are no results then
  --save            also write the report to bench/results/
  --keep            leave the work directories and logs in .longshore/bench/work
  --timeout 600     seconds after which a command counts as hung
`;

const list = (text, known, what) => {
  const picked = text.split(",");
  const unknown = picked.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`no ${what} is called ${unknown.join(" or ")}; there are ${known.join(", ")}`);
  return picked;
};

const count = (text, what) => {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${what} is "${text}"; write a whole number above 0`);
};

export function optionsOf(args) {
  const { values } = parseArgs({
    args,
    options: {
      n: { type: "string" },
      reps: { type: "string", default: "3" },
      rows: { type: "string" },
      phases: { type: "string" },
      pulling: { type: "boolean", default: false },
      images: { type: "string" },
      tasks: { type: "string" },
      trace: { type: "boolean", default: false },
      save: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      timeout: { type: "string", default: "600" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const foreign = values.pulling ? ["n", "phases", "trace"] : ["images", "tasks"];
  const given = foreign.filter((name) => values[name]);
  if (given.length > 0)
    throw new Error(`--${given.join(" and --")} ${values.pulling ? "means nothing with" : "needs"} --pulling`);
  const names = (values.pulling ? pullingRows : rows).map(({ name }) => name);
  return {
    ...values,
    sizes: values.pulling
      ? [count(values.images ?? "20", "--images")]
      : (values.n ?? "1,10,50").split(",").map((text) => count(text, "--n")),
    tasks: count(values.tasks ?? "5", "--tasks"),
    reps: count(values.reps, "--reps"),
    rows: values.rows ? list(values.rows, names, "row") : names,
    phases: values.phases ? list(values.phases, phases, "phase") : phases,
    timeoutSeconds: count(values.timeout, "--timeout"),
  };
}

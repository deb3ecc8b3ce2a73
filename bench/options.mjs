/** What can be said to `npm run bench -- …`. */
import { parseArgs } from "node:util";
import { phases } from "./workload.mjs";
import { rows } from "./rows/index.mjs";

export const usage = `npm run bench -- [options]
  --n 1,10,50       how many containers
  --reps 3          repetitions; medians are compared
  --rows a,b        of: ${rows.map(({ name }) => name).join(", ")}
  --phases a,b      of: ${phases.join(", ")}
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
      n: { type: "string", default: "1,10,50" },
      reps: { type: "string", default: "3" },
      rows: { type: "string" },
      phases: { type: "string" },
      trace: { type: "boolean", default: false },
      save: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      timeout: { type: "string", default: "600" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const names = rows.map(({ name }) => name);
  return {
    ...values,
    sizes: values.n.split(",").map((text) => count(text, "--n")),
    reps: count(values.reps, "--reps"),
    rows: values.rows ? list(values.rows, names, "row") : names,
    phases: values.phases ? list(values.phases, phases, "phase") : phases,
    timeoutSeconds: count(values.timeout, "--timeout"),
  };
}

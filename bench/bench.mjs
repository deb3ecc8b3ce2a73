#!/usr/bin/env node
/** longshore and what one would use instead, through the same phases on the same engine. See README.md. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { engine, readTimes } from "./engine.mjs";
import { optionsOf, usage } from "./options.mjs";
import { layerMiB, runPulling } from "./pulling.mjs";
import { missing as registryMissing, startRegistry } from "./registry.mjs";
import { report } from "./report/index.mjs";
import { rows as allRows } from "./rows/index.mjs";
import { pullingRows } from "./rows/pulling.mjs";
import { runRow } from "./run.mjs";
import { image } from "./workload.mjs";

const options = optionsOf(process.argv.slice(2));
if (options.help) {
  console.log(usage);
  process.exit();
}

const say = (text) => console.error(`bench: ${text}`);
const here = import.meta.dirname;
const output = resolve(here, "../.longshore/bench");
const id = `b${process.pid.toString(36)}`;
const root = join(output, "work", id);

// Ctrl-C reaches the command as well; what it leaves is taken away before we go.
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM"])
  process.on(signal, () => {
    interrupted = true;
    say("interrupted; taking away what is there");
  });

const slow = Object.entries(await readTimes()).filter(([, ms]) => ms > 1000);
if (slow.length > 0)
  throw new Error(
    `the engine is not well, so nothing is measured on it: ${slow.map(([path, ms]) => `GET ${path} took ${Math.round(ms)} ms`)}`,
  );
await engine("GET", `/images/${image}/json`); // throws when it is not there

const withoutRegistry = options.pulling ? registryMissing() : undefined;
if (withoutRegistry) throw new Error(withoutRegistry);

const rows = (options.pulling ? pullingRows : allRows).filter((row) => {
  if (!options.rows.includes(row.name)) return false;
  const missing = row.missing();
  if (missing) say(`without ${row.name}: ${missing}`);
  return !missing;
});
const { Version, ApiVersion } = await engine("GET", "/version");
const meta = {
  date: new Date().toISOString(),
  engine: `${Version} (API ${ApiVersion})`,
  node: process.version,
  machine: `${cpus().length} CPUs, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}`,
  reps: options.reps,
  trace: options.trace,
  phases: options.phases,
  ...(options.pulling && { pulling: true, tasks: options.tasks, layerMiB }),
  rows: rows.map(({ name, label, role, containers, version }) => ({
    name,
    label,
    role,
    containers,
    version: version(),
  })),
};

const results = [];
const seconds = (value) => (value === undefined ? "     ?" : value.toFixed(2).padStart(6));
function take(result) {
  results.push(result);
  const { row, n, rep, phase, wall, cpu, providerMiB, trace, asked, layers, pulls, wrong } = result;
  const text = [
    `N=${n} rep ${rep} ${row.padEnd(14)} ${phase.padEnd(options.pulling ? 11 : 8)} ${seconds(wall)} s, CPU ${seconds(cpu)} s`,
    ...(providerMiB ? [`provider ${Math.round(providerMiB)} MiB`] : []),
    ...(trace ? [`${trace.calls} calls`] : []),
    ...(asked === undefined ? [] : [`asked for ${asked} tags, ${layers} layers sent, ${pulls} pulls`]),
    ...(wrong ? [`WRONG: ${wrong.join("; ")}`] : []),
  ];
  say(text.join(", "));
}

/** Interleaved, each repetition in another order: what disturbs the machine meets every row. */
function* turns() {
  for (const n of options.sizes)
    for (let rep = 0; rep < options.reps; rep++)
      for (const index of rows.keys()) yield { n, rep, row: rows[(index + rep) % rows.length] };
}

mkdirSync(root, { recursive: true });
const registry = options.pulling
  ? await startRegistry(join(root, "registry"), { images: options.sizes[0], layerMiB })
  : undefined;
for (const { n, rep, row } of turns()) {
  if (interrupted) break;
  const turn = { n, rep, root, id, options, registry, isInterrupted: () => interrupted };
  await (registry ? runPulling : runRow)(row, turn, take);
}
registry?.stop();

const text = report(meta, results);
writeFileSync(join(output, "last.json"), JSON.stringify({ meta, results }));
writeFileSync(join(output, "last.md"), text);
if (options.save) {
  const file = join(
    here,
    "results",
    `${meta.date.slice(0, 10)}${options.pulling ? "-pulling" : options.trace ? "-calls" : ""}.md`,
  );
  mkdirSync(join(here, "results"), { recursive: true });
  writeFileSync(file, text);
  say(`saved as ${file}`);
}
console.log(text);

const wrong = results.filter((result) => result.wrong);
if (wrong.length > 0) say(`${wrong.length} phases went wrong; the logs are in ${root}`);
else if (!options.keep) rmSync(root, { recursive: true, force: true });
process.exitCode = wrong.length > 0 || interrupted ? 1 : 0;

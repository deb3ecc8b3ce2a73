/** Takes one row through the phases, and looks after each whether the engine has what it should have. */
import { mkdirSync, rmSync, statSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { look, removeAll } from "./engine.mjs";
import { measured } from "./measure.mjs";
import { startProxy } from "./proxy.mjs";
import { asOf, workload } from "./workload.mjs";

const tail = (text) => text.trim().slice(-600);

const sizeOf = (file) => (file ? statSync(file, { throwIfNoEntry: false })?.size : undefined);

/**
 * One repetition of one row.
 * @param report is told each measurement
 */
export async function runRow(row, { n, rep, root, id, options, isInterrupted }, report) {
  const run = `${id}-${row.name}-${n}-${rep}`;
  const dir = join(root, run);
  mkdirSync(dir, { recursive: true });
  const proxy = options.trace && row.containers ? await startProxy(join(root, "engine.sock")) : undefined;
  const execute = ({ argv, env }) =>
    measured({
      argv,
      env: { ...env, ...(proxy && { DOCKER_HOST: proxy.endpoint }) },
      cwd: dir,
      log: `${dir}.log`,
      timeoutSeconds: options.timeoutSeconds,
    });
  let spec = workload(run, n);
  let ids = new Set();
  try {
    for (const command of row.prepare(dir, run)) {
      const { ok, out } = await execute(command);
      if (!ok) throw new Error(`${row.name} could not be prepared: ${tail(out)}`);
    }
    for (const phase of options.phases.filter((name) => row.phases?.includes(name) ?? true)) {
      spec = asOf(phase, spec);
      row.write(dir, spec);
      proxy?.take();
      const load = loadavg()[0];
      const { ok, ended, out, ...measures } = await execute(row.command(phase, dir, spec));
      const trace = proxy?.take();
      const found = row.containers ? await look(spec, phase) : { wrong: [], ids };
      const wrong = [
        ...(ok ? [] : [`ended with ${ended}: ${tail(out)}`]),
        ...found.wrong.slice(0, 3),
        ...(measures.left > 0 ? [`${measures.left} processes are left behind`] : []),
      ];
      report({
        row: row.name,
        n,
        rep,
        phase,
        load,
        ...measures,
        state: sizeOf(row.stateFile(dir, run)),
        ...(row.containers && { kept: ids.intersection(found.ids).size }),
        ...(trace && { trace }),
        ...(wrong.length > 0 && { wrong }),
      });
      ids = found.ids;
      if (!ok || isInterrupted()) break; // what follows would start from something else
    }
  } finally {
    proxy?.close();
    await removeAll(run);
    if (!options.keep) rmSync(dir, { recursive: true, force: true });
  }
}

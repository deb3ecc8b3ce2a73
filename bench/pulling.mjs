/** The benchmark of pulling: takes one row to images that the engine does not have, and looks at what that took. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { imagesThere, look, removeAll, removeImages, watchPulls } from "./engine.mjs";
import { measured } from "./measure.mjs";
import { pullingWorkload } from "./workload.mjs";

/** Of each image, beside the layers that it shares with the workload's. */
export const layerMiB = 8;

/**
 * "images" gets the images alone, "create" the tasks with them; each of them without the images on the engine, and
 * then once more with them. Between the two, everything else is taken away.
 */
const phases = [
  { phase: "images", command: "images", pulls: true },
  { phase: "imagesThere", command: "images", pulls: false },
  { phase: "up", command: "create", pulls: true },
  { phase: "upThere", command: "create", pulls: false },
];

const tail = (text) => text.trim().slice(-600);

/**
 * One repetition of one row; a row without containers has the first phase only.
 * @param report is told each measurement
 */
export async function runPulling(row, { n, rep, root, id, options, registry, isInterrupted }, report) {
  const run = `${id}-${row.name}-${n}-${rep}`;
  const dir = join(root, run);
  mkdirSync(dir, { recursive: true });
  const { references } = registry;
  const spec = pullingWorkload(run, references, options.tasks);
  const execute = ({ argv, env }) =>
    measured({ argv, env, cwd: dir, log: `${dir}.log`, timeoutSeconds: options.timeoutSeconds });
  const must = async (command, what) => {
    const { ok, out } = await execute(command);
    if (!ok) throw new Error(`${row.name}: ${what} failed: ${tail(out)}`);
  };

  const take = async ({ phase, command, pulls }) => {
    execFileSync("sync"); // what an earlier phase wrote is not this one's
    await registry.take();
    const watch = await watchPulls();
    const load = loadavg()[0];
    const { ok, ended, out, ...measures } = await execute(row.command(command, dir, spec));
    const { began, asked, layers } = await registry.take();
    watch.stop();
    const own = watch.pulls.filter(({ reference }) => references.includes(reference));
    const there = (await imagesThere(references)).length;
    const found = command === "create" ? await look(spec, command) : { wrong: [] };
    const wanted = pulls ? n : 0;
    const wrong = [
      ...(ok ? [] : [`ended with ${ended}: ${tail(out)}`]),
      ...found.wrong.slice(0, 3),
      ...(there === n ? [] : [`${there} images instead of ${n}`]),
      ...(layers === wanted ? [] : [`${layers} layers were sent instead of ${wanted}`]),
      ...(measures.left > 0 ? [`${measures.left} processes are left behind`] : []),
    ];
    report({
      row: row.name,
      n,
      rep,
      phase,
      load,
      ...measures,
      asked,
      layers,
      pulls: own.length,
      ...(own.length > 0 && { span: (Math.max(...own.map(({ at }) => at)) - began) / 1000 }),
      ...(wrong.length > 0 && { wrong }),
    });
    return ok && !isInterrupted();
  };

  try {
    for (const command of row.prepare(dir, run)) await must(command, "preparing");
    row.write(dir, spec);
    // Else the first phase alone would find the programs out of memory.
    if (row.containers) await must(row.command("preview", dir, spec), "preview");
    for (const step of phases) {
      if (step.pulls) await removeImages(references);
      if (!(await take(step)) || !row.containers) break; // what follows would start from something else
      await must(row.command("destroy", dir, spec), "taking away");
    }
  } finally {
    await removeAll(run);
    await removeImages(references);
    if (!options.keep) rmSync(dir, { recursive: true, force: true });
  }
}

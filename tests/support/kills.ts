/** Something is killed at a random moment of an `up` of ten tasks, and the next `up` has to mend it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../../provider/engine/engine";
import { keyLabel, keyOf } from "../../provider/ownership";
import { reservationsOn } from "../../provider/port-reservations";
import { allocLabel } from "../../provider/request";
import { until, workersIn } from "./processes";
import { Random } from "./random";
import type { TestStack } from "./stack";

export const kills = Number(process.env.LONGSHORE_KILLS ?? 2);
const seed = Number(process.env.LONGSHORE_SEED ?? Date.now() % 1_000_000);

const minutes = 60_000;
/** What a test of this kind may take. */
export const killsTimeLimit = 5 * minutes + kills * 2 * minutes;

const image = "longshore/pause:3.1";
const task = (run: number, more: object = {}) => ({ image, env: { RUN: String(run) }, killSignal: "SIGKILL", ...more });

/** Ten tasks: alone, several of one group, two allocations, in a shared network, and, where the engine has any, with ports. */
const program = (run: number, hasNetworks: boolean) => {
  const ports = { network: { ports: { http: { to: 80 } } } };
  const fixed = { network: { ports: { http: { static: 18_748, to: 80 } } } };
  const stopFirst = { update: { order: "stop_first" } };
  const published = hasNetworks ? { ports: ["http"] } : {};
  return {
    plugin: { infraImage: image },
    groups: {
      a: { group: hasNetworks ? ports : {}, tasks: { a: task(run, published) } },
      b: { group: hasNetworks ? fixed : stopFirst, tasks: { b: task(run, published) } },
      c: { group: { count: 2 }, tasks: { c: task(run), d: task(run) } },
      e: {
        group: { network: hasNetworks ? { ...ports.network, mode: "bridge" } : { mode: "none" } },
        tasks: { e: task(run), f: task(run) },
      },
      g: { tasks: { g: task(run) } },
      h: { group: stopFirst, tasks: { h: task(run) } },
    },
  };
};

export interface Scene {
  readonly stack: TestStack;
  readonly engine: Engine;
  /** False for an engine without a bridge. @default true */
  readonly hasNetworks?: boolean;
  /** Removes directories that an engine which was killed would not let go. */
  readonly tidyUp?: (stack: TestStack) => Promise<void>;
}

const rowsOf = async ({ engine, stack }: Scene) =>
  (await engine.listContainers([keyLabel])).filter((row) => keyOf(row)?.startsWith(`${stack.project}/`));

/** One container for each task, of this run, and for each allocation with a shared network; directories of these only. */
async function isWhole(scene: Scene, run: number): Promise<void> {
  const { engine, stack } = scene;
  const areUp = async () => {
    const rows = await rowsOf(scene);
    return rows.length === 11 && rows.every(({ State }) => State === "running");
  };
  // An engine that was killed starts its containers again when it answers already.
  await until("all containers run", areUp, 20_000).catch(() => undefined);
  const rows = await rowsOf(scene);
  expect(rows.map(({ State }) => State)).toEqual(Array.from({ length: 11 }, () => "running"));
  const tasks = await Promise.all(rows.map(({ Id }) => engine.inspectContainer(Id)));
  const runs = tasks.flatMap(({ Config }) => (Config.Env ?? []).filter((entry) => entry.startsWith("RUN=")));
  expect(runs).toEqual(Array.from({ length: 10 }, () => `RUN=${run}`));
  const allocations = new Set(rows.map(({ Labels }) => Labels[allocLabel]));
  const left = async () =>
    (await engine.listVolumes([allocLabel]))
      .filter(({ Labels }) => Labels?.[keyLabel]?.startsWith(`${stack.project}/`))
      .filter(({ Labels }) => !allocations.has(Labels?.[allocLabel]))
      .map(({ Name }) => Name);
  if (scene.tidyUp && (await left()).length > 0) await scene.tidyUp(stack);
  expect(await left()).toEqual([]);
  expect((await reservationsOn(engine)).filter(({ key }) => key.startsWith(`${stack.project}/`))).toEqual([]);
  await until("no process is left", () => workersIn(stack.dir).length === 0, 15_000);
}

/** Kills; what it needs of the run is the CLI's process, the directory, and the dice. */
export type Kill = (pid: number, dir: string, random: Random) => unknown;

/** Kills once at a random moment of each of several runs, each with another program, and has the next one mend it. */
export async function survives(scene: Scene, kill: Kill): Promise<void> {
  const { stack, hasNetworks = true } = scene;
  const random = new Random(seed);
  const write = (run: number) => writeFileSync(join(stack.dir, "tree.json"), JSON.stringify(program(run, hasNetworks)));
  write(0);
  const began = Date.now();
  await stack.up();
  const whole = Date.now() - began;
  for (let run = 1; run <= kills; run++) {
    const moment = random.below(whole * 1.2);
    const text = `seed ${seed}, run ${run} of ${kills}, ${moment} ms of ${whole}`;
    try {
      write(run);
      const { child, ended } = stack.start(["up", "--yes", "--skip-preview"]);
      await sleep(moment);
      await kill(child.pid ?? 0, stack.dir, random);
      await ended;
      await until("its processes are gone", () => workersIn(stack.dir).length === 0, 60_000);
      await stack.run(["cancel", "--yes"]);
      await stack.up();
      await isWhole(scene, run);
      await stack.ok(["preview", "--refresh", "--expect-no-changes"]);
    } catch (error) {
      throw new Error(`${text}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  await stack.destroy();
  expect(await rowsOf(scene)).toEqual([]);
}

/** A process may have ended by itself. */
export const kill9 = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};

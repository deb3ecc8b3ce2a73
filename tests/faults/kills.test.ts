/**
 * Whoever is killed, at whatever moment of an `up` of ten tasks: the next `up` leads to what is wanted, and to nothing else.
 * LONGSHORE_KILLS says how often each is killed; LONGSHORE_SEED, which a failure prints, has all moments be the same again.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { keyLabel, keyOf } from "../../provider/ownership";
import { reservationsOn } from "../../provider/port-reservations";
import { allocLabel } from "../../provider/request";
import { engine } from "../support/engine";
import { until, workersIn } from "../support/processes";
import { Random } from "../support/random";
import { TestStack } from "../support/stack";

const kills = Number(process.env.LONGSHORE_KILLS ?? 2);
const seed = Number(process.env.LONGSHORE_SEED ?? Date.now() % 1_000_000);

const image = "longshore/pause:3.1";
const task = (run: number, more: object = {}) => ({ image, env: { RUN: String(run) }, killSignal: "SIGKILL", ...more });

/** Ten tasks: alone, several of one group, two allocations, with ports of both kinds and in a shared network. */
const program = (run: number) => {
  const ports = { network: { ports: { http: { to: 80 } } } };
  const fixed = { network: { ports: { http: { static: 18_748, to: 80 } } } };
  const published = { ports: ["http"] };
  return {
    plugin: { infraImage: image },
    groups: {
      a: { group: ports, tasks: { a: task(run, published) } },
      b: { group: fixed, tasks: { b: task(run, published) } },
      c: { group: { count: 2 }, tasks: { c: task(run), d: task(run) } },
      e: { group: { network: { ...ports.network, mode: "bridge" } }, tasks: { e: task(run), f: task(run) } },
      g: { tasks: { g: task(run) } },
      h: { group: { update: { order: "stop_first" } }, tasks: { h: task(run) } },
    },
  };
};

const write = (stack: TestStack, run: number) =>
  writeFileSync(join(stack.dir, "tree.json"), JSON.stringify(program(run)));

/** One container for each task, of this run, and for each allocation with a shared network; directories of these only. */
async function isWhole(stack: TestStack, run: number): Promise<void> {
  const rows = (await engine.listContainers([keyLabel])).filter((row) => keyOf(row)?.startsWith(`${stack.project}/`));
  expect(rows.map(({ State }) => State)).toEqual(Array.from({ length: 11 }, () => "running"));
  const tasks = await Promise.all(rows.map(({ Id }) => engine.inspectContainer(Id)));
  const runs = tasks.flatMap(({ Config }) => (Config.Env ?? []).filter((entry) => entry.startsWith("RUN=")));
  expect(runs).toEqual(Array.from({ length: 10 }, () => `RUN=${run}`));
  const allocations = new Set(rows.map(({ Labels }) => Labels[allocLabel]));
  const volumes = (await engine.listVolumes([allocLabel])).filter(({ Labels }) =>
    Labels?.[keyLabel]?.startsWith(`${stack.project}/`),
  );
  expect(volumes.filter(({ Labels }) => !allocations.has(Labels?.[allocLabel])).map(({ Name }) => Name)).toEqual([]);
  expect((await reservationsOn(engine)).filter(({ key }) => key.startsWith(`${stack.project}/`))).toEqual([]);
  await until("no process is left", () => workersIn(stack.dir).length === 0, 15_000);
}

type Kill = (pid: number, dir: string) => unknown;

/** Kills once at a random moment of each of several runs, each with another program, and has the next one mend it. */
async function survives(stack: TestStack, random: Random, kill: Kill): Promise<void> {
  write(stack, 0);
  const began = Date.now();
  await stack.up();
  const whole = Date.now() - began;
  for (let run = 1; run <= kills; run++) {
    const moment = random.below(whole * 1.2);
    const text = `seed ${seed}, run ${run} of ${kills}, ${moment} ms of ${whole}`;
    try {
      write(stack, run);
      const { child, ended } = stack.start(["up", "--yes", "--skip-preview"]);
      await sleep(moment);
      await kill(child.pid ?? 0, stack.dir);
      await ended;
      await until("its processes are gone", () => workersIn(stack.dir).length === 0, 60_000);
      await stack.run(["cancel", "--yes"]);
      await stack.up();
      await isWhole(stack, run);
      await stack.ok(["preview", "--refresh", "--expect-no-changes"]);
    } catch (error) {
      throw new Error(`${text}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  await stack.destroy();
  expect(
    (await engine.listContainers([keyLabel])).filter((row) => keyOf(row)?.startsWith(`${stack.project}/`)),
  ).toEqual([]);
}

/** It may have ended by itself. */
const kill9 = (pid: number) => {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};
const killProvider: Kill = (_, dir) => {
  for (const { pid, command } of workersIn(dir))
    if (/pulumi-resource-pulumi-nodejs|dynamic-provider/.test(command)) kill9(pid);
};

const minutes = 60_000;
const timeLimit = 5 * minutes + kills * 2 * minutes;

test.each([
  ["the CLI", kill9],
  ["the provider", killProvider],
] as const)(
  "kill -9 of %s",
  async (_, kill) => {
    const stack = await new TestStack("tests/programs/from-file").init();
    try {
      await survives(stack, new Random(seed), kill);
    } finally {
      await stack.dispose();
    }
  },
  timeLimit,
);

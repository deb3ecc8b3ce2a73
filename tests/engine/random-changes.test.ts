/**
 * Changes at random to a program of ten tasks. After each: the preview told the truth, `up` did it, a second `up` has
 * nothing to do, and the engine holds exactly what is wanted.
 *
 * `LONGSHORE_SEED=7` replays a run, `LONGSHORE_STEPS=40` or `LONGSHORE_MINUTES=20` makes it longer.
 */
import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { nomadName } from "../../provider/options/folds";
import { volumesOf, containersOf } from "../support/engine";
import { makeNetwork, type Network } from "../support/networks";
import { until, workersIn } from "../support/processes";
import { type Change, draw, drawFirst } from "../support/random-changes/changes";
import {
  type Found,
  asTexts,
  containersByPath,
  disturbed,
  doneIn,
  lies,
  strayOn,
  untouchedGroups,
} from "../support/random-changes/checks";
import { type Program, groupOf, plugin, refusals } from "../support/random-changes/program";
import { Random } from "../support/random";
import { TestStack, announcedIn } from "../support/stack";
import { freePortsBetween } from "../support/random-changes/free-ports";

const { LONGSHORE_SEED, LONGSHORE_STEPS, LONGSHORE_MINUTES } = process.env;
const minutes = Number(LONGSHORE_MINUTES ?? 0);
/** Some two minutes; by number and not by time, so that a seed means the same steps on every machine. */
const steps = Number(LONGSHORE_STEPS ?? (minutes > 0 ? Infinity : 8));
/** Always the same unless it is asked for more: a test that fails of itself tells nothing of the change before it. */
const seed = Number(LONGSHORE_SEED ?? (minutes > 0 ? randomInt(1_000_000) : 1));
const docker = (...args: readonly string[]) => execFileSync("docker", args, { encoding: "utf8" }).trim();
const say = (text: string) => process.stdout.write(`${text}\n`);

let stack: TestStack;
let network: Network;
let images: readonly string[];
let staticPorts: readonly number[];

const write = ({ job, groups }: Program) =>
  writeFileSync(join(stack.dir, "tree.json"), JSON.stringify({ plugin, job, groups }));

/** One of the same content as the tasks' image, and one of another. */
function makeImages(): readonly string[] {
  const base = "longshore/pause:3.1";
  const [same, other] = [`longshore/pause:${stack.project}-same`, `longshore/pause:${stack.project}-other`];
  docker("tag", base, same);
  const container = docker("create", base);
  docker("commit", "--change", "LABEL content=other", container, other);
  docker("rm", container);
  return [base, same, other];
}

beforeAll(async () => {
  stack = await new TestStack("tests/programs/from-file").init();
  network = await makeNetwork();
  images = makeImages();
  staticPorts = await freePortsBetween(18_700, 18_760);
}, 120_000);

afterAll(async () => {
  await stack.dispose();
  docker("rmi", ...images.slice(1));
  network.remove();
}, 120_000);

type Containers = ReadonlyMap<string, Found>;
const containers = () => containersByPath(stack.project);
const noWorkers = () => until("no process of the provider is left", () => workersIn(stack.dir).length === 0, 15_000);

/** A program that is refused: why is said, and nothing was done. */
async function refused(program: Program, before: Containers): Promise<string> {
  const reasons = refusals(program);
  write(program);
  for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
    const { code, out } = await stack.run(command);
    expect(code).not.toBe(0);
    for (const { path, property, reason } of reasons) {
      expect(out).toContain(`${path}: ${property}: ${reason}`);
      expect(reason).toContain(nomadName(/^\w+/.exec(property)?.[0] ?? ""));
    }
  }
  expect(await containers()).toEqual(before);
  return `refused: ${reasons.map(({ property }) => property).join(", ")}`;
}

/** A program that is run: all that was announced is what happened, and nothing else. */
async function run(
  { program, cost, drift }: Change,
  old: Program,
  before: Containers,
  random: Random,
): Promise<string> {
  if (drift) docker(...drift.docker, before.get(drift.path)?.id ?? "");
  const refresh = drift ? ["--refresh"] : [];
  const start = drift ? new Map([...(await containers())]) : before;
  write(program);
  const announced = announcedIn(await stack.ok(["preview", ...refresh]));
  const did = doneIn(await stack.up(...refresh));
  const after = await containers();

  expect(asTexts(did)).toEqual(asTexts(announced));
  expect(lies(announced, start, after, drift?.path)).toEqual([]);
  if (cost === "nothing") expect(asTexts(announced)).toEqual([]);
  const untouched = untouchedGroups(old, program).filter((group) => !drift || group !== groupOf(drift.path));
  expect(disturbed(untouched, start, after)).toEqual([]);
  if (cost === "no container") {
    const replaced = [...start].filter(([path, { id }]) => after.has(path) && after.get(path)?.id !== id);
    expect(replaced.map(([path]) => path)).toEqual([]);
  }
  expect(await strayOn(stack.project, program, after)).toEqual([]);

  if (random.chance(0.5)) await stack.up("--expect-no-changes");
  else await stack.ok(["preview", "--expect-no-changes"]);
  if (random.chance(0.3)) await stack.refresh("--expect-no-changes");
  expect(await containers()).toEqual(after);
  await noWorkers();
  const counts = Map.groupBy(announced, ({ op }) => op);
  return [...counts].map(([op, ops]) => `${op} ${ops.length}`).join(", ") || "no change";
}

test(
  `${steps === Infinity ? `${minutes} minutes` : `${steps} steps`} of changes at random from the seed ${seed}`,
  async () => {
    const random = new Random(seed);
    const end = minutes > 0 ? Date.now() + minutes * 60_000 : Infinity;
    let program: Program = { job: {}, groups: {} };
    const past: Program[] = [];
    say(`changes at random: LONGSHORE_SEED=${seed}`);
    const step = async (number: number, change: Change) => {
      const words = `step ${number}: ${change.words}`;
      try {
        const before = await containers();
        const isRefused = refusals(change.program).length > 0;
        say(`${words}: ${await (isRefused ? refused(change.program, before) : run(change, program, before, random))}`);
        if (isRefused) return;
        past.push(program);
        program = change.program;
      } catch (error) {
        say(`before:\n${JSON.stringify(program)}\nafter:\n${JSON.stringify(change.program)}`);
        throw new Error(`${words} (again: LONGSHORE_SEED=${seed} LONGSHORE_STEPS=${number})\n${String(error)}`, {
          cause: error,
        });
      }
    };

    const stock = { random, images, network: network.name, staticPorts, past };
    await step(0, drawFirst(stock));
    for (let number = 1; number <= steps && Date.now() < end; number++) await step(number, draw(program, stock));
    await stack.destroy();
    expect([await containersOf(stack.project), await volumesOf(stack.project)]).toEqual([[], []]);
  },
  Math.max(minutes * 3, 30) * 60_000,
);

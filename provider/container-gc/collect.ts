/** Removes from an engine what a stack's state does not know. Safe beside runs that go on. */
import { removeMountedDirs } from "../allocation-dirs";
import type { Engine } from "../engine/engine";
import { isUp } from "../engine/is-up";
import { isEngineError } from "../errors";
import { stop } from "../handlers/stop";
import { taskOptions } from "../options";
import { type OwnerMark, forgetOwner, keyLabel, leave, markOf, ownerMark, ownerMarksOn } from "../ownership";
import { releaseAll, reservationsOn } from "../port-reservations";
import { allocLabel } from "../request";
import { type Rule, type Verdict, judge } from "./judge";
import { type Left, type LeftContainer, type LeftVolume, type Seen, leftByForm, leftOn } from "./left";
import type { StateView } from "./state-view";

export interface Collecting extends Rule {
  /** Only tells. */
  readonly dryRun: boolean;
  /** Also containers that only look like a task's. */
  readonly byForm: boolean;
  /** Names and ids of containers that are to be left alone from now on. */
  readonly keep: readonly string[];
}

/** One thing, and what became of it. */
export interface Collected {
  readonly left: Left;
  readonly verdict: Verdict;
  /** Whether it was removed by this. */
  readonly removed: boolean;
}

/**
 * Looks at an engine. The state has to be read after that: what a run makes meanwhile is then in none of the two or in the
 * state, and what it was making is told there.
 */
export async function look(engine: Engine): Promise<Seen> {
  const [dirs, reservations, marks] = await Promise.all([
    engine.listVolumes([allocLabel, keyLabel]),
    reservationsOn(engine),
    ownerMarksOn(engine),
  ]);
  const containers = await engine.listContainers([]);
  return { dirs, reservations, marks, containers, now: new Date((await engine.info()).SystemTime) };
}

/** A run that goes on may take a container over that it finds. */
const isTakenOver = async (engine: Engine, { row }: LeftContainer, marks: readonly OwnerMark[]): Promise<boolean> =>
  (await ownerMark(engine, row.Id))?.token !== markOf(marks, row.Id)?.token;

const takenOver: Verdict = { action: "keep", because: "a run has taken it over just now" };

async function removeContainer(
  engine: Engine,
  left: LeftContainer,
  { marks, reservations }: Seen,
  state: StateView,
): Promise<Verdict | undefined> {
  const { row, key, isInfra } = left;
  if (await isTakenOver(engine, left, marks)) return takenOver;
  if (isUp(row) && !isInfra) {
    const asTold = state.stopping.get(key) ?? {
      killSignal: undefined,
      killTimeout: taskOptions.killTimeout.schema.parse(undefined),
    };
    await stop({ engine }, row.Id, asTold);
    if (await isTakenOver(engine, left, marks)) return takenOver;
  }
  await engine.removeContainer(row.Id);
  const alloc = row.Labels[allocLabel];
  // The directories of an allocation that the state has are its own to remove.
  if (alloc !== undefined && !state.allocations.has(alloc)) {
    await removeMountedDirs(engine, alloc, row.Mounts);
    await releaseAll(
      engine,
      reservations.filter((one) => one.alloc === alloc),
    );
  }
  await forgetOwner(engine, row.Id);
  return undefined;
}

const removeVolume = async (engine: Engine, { name }: LeftVolume): Promise<Verdict | undefined> =>
  (await engine.removeVolume(name)) ? undefined : { action: "keep", because: "a container uses it" };

const isMeant = ({ name, row }: LeftContainer, asked: string) =>
  asked === name || (/^[0-9a-f]{12,}$/.test(asked) && row.Id.startsWith(asked));

const keptText = "by longshore gc --keep";

/** What Pulumi will leave is marked while its state still tells. */
async function markRetained(engine: Engine, { marks, containers }: Seen, { retained }: StateView): Promise<void> {
  for (const { id, ...owner } of retained)
    if (containers.some(({ Id }) => Id === id) && markOf(marks, id)?.left === undefined)
      await leave(engine, id, owner, "by retainOnDelete");
}

/** Judges all that the state does not know of what was seen on an engine, and removes what is to go. */
export async function collect(
  engine: Engine,
  seen: Seen,
  state: StateView,
  { dryRun, keep, byForm, ...rule }: Collecting,
): Promise<readonly Collected[]> {
  const treat = async (left: Left): Promise<Collected> => {
    if (left.kind === "container" && keep.some((asked) => isMeant(left, asked))) {
      const { row, key, token = "", origin } = left;
      if (!dryRun) await leave(engine, row.Id, { key, token, origin }, keptText);
      return { left, verdict: { action: "keep", because: `it was left ${keptText}` }, removed: false };
    }
    const verdict = judge(left, state, rule, seen.now);
    if (verdict.action !== "remove" || dryRun) return { left, verdict, removed: false };
    const removal = left.kind === "container" ? removeContainer(engine, left, seen, state) : removeVolume(engine, left);
    const obstacle = await removal.catch((error: unknown): Verdict => {
      if (!isEngineError(error) || error.passes) throw error;
      return { action: "keep", because: `the engine does not remove it: ${error.message}` };
    });
    return { left, verdict: obstacle ?? verdict, removed: obstacle === undefined };
  };
  if (!dryRun) await markRetained(engine, seen, state);
  const all = [...leftOn(seen, state), ...(byForm ? leftByForm(seen, state) : [])];
  const isFirst = (left: Left) => left.kind === "container" && !left.isInfra;
  // Tasks stop side by side; what holds their network, or belonged to others, goes after them.
  const tasks = await Promise.all(all.filter(isFirst).map(treat));
  return [...tasks, ...(await Promise.all(all.filter((left) => !isFirst(left)).map(treat)))];
}

/** Looks through an engine's images that were used, and removes those whose time is over. Safe beside others that do the same. */
import { randomUUID } from "node:crypto";
import type { Engine } from "../engine/engine";
import type { ImageInfo } from "../engine/types";
import { isEngineError } from "../errors";
import { whereAgainByName } from "./again";
import { type Verdict, judge } from "./judge";
import { type Candidate, type Marked, isCandidate, isRemoving, mark, marksOn, tryMark, unmark } from "./marks";

/** One image, and what became of it. */
export interface Swept {
  readonly image: string;
  /** As its tasks named it. */
  readonly names: readonly string[];
  /** Bytes, with what it shares with others. */
  readonly size: number | undefined;
  readonly verdict: Verdict;
  /** Whether it was removed by this. */
  readonly removed: boolean;
}

export interface SweepOptions {
  /** Only tells. */
  readonly dryRun?: boolean;
}

/** A remover that was killed leaves its mark; none takes so long. */
const stalledMs = 2 * 60_000;

const now = async (engine: Engine): Promise<Date> => new Date((await engine.info()).SystemTime);

async function situationOf(engine: Engine, id: string) {
  const [image, marks, containers, clock] = await Promise.all([
    engine.tryInspectImage(id),
    marksOn(engine, id),
    engine.listContainers([]),
    now(engine),
  ]);
  return { image, marks, containers, now: clock };
}

/** Ends what a remover that was killed began. */
async function clearStalled(engine: Engine, marks: readonly Marked[], clock: Date): Promise<void> {
  for (const one of marks.filter(isRemoving))
    if (clock.getTime() - one.made.getTime() > stalledMs) await unmark(engine, one);
}

/** Waits until nobody removes an image any more. Who has marked its use before finds it afterwards, or finds it gone. */
export async function untilNobodyRemoves(engine: Engine, id: string): Promise<void> {
  for (;;) {
    const marks = await marksOn(engine, id);
    if (!marks.some(isRemoving)) return;
    await clearStalled(engine, marks, await now(engine));
    await new Promise((next) => setTimeout(next, 250));
  }
}

/** With its names; the last takes the image along. A name that moved meanwhile is another image's. */
async function removeNames(engine: Engine, { Id, RepoTags }: ImageInfo): Promise<void> {
  for (const name of RepoTags?.slice(1) ?? [])
    if ((await engine.tryInspectImage(name))?.Id === Id) await engine.removeImage(name);
  // By its id, and so only while it has no other name than the last of these.
  await engine.removeImage(Id);
}

/** The engine refuses to remove what a container uses, whoever owns it. */
async function tryRemove(engine: Engine, image: ImageInfo): Promise<string | undefined> {
  for (let tries = 1; ; tries++)
    try {
      await removeNames(engine, image);
      return undefined;
    } catch (error) {
      if (isEngineError(error, "notFound")) return undefined;
      if (isEngineError(error, "conflict") || tries === 3)
        return `the engine does not remove it: ${error instanceof Error ? error.message : String(error)}`;
      await new Promise((next) => setTimeout(next, 3_000));
    }
}

/** Removes one image, if it may still go when nobody else can take it in hand. */
async function remove(engine: Engine, candidate: Marked<Candidate>): Promise<Verdict> {
  const own = { kind: "removing", image: candidate.image, token: randomUUID() } as const;
  if (!(await tryMark(engine, own)))
    return { action: "wait", until: candidate.made, because: "another longshore removes it just now" };
  try {
    const situation = await situationOf(engine, candidate.image);
    const current = situation.marks.find(isCandidate);
    if (!current) return { action: "forget", because: "its last user wants it to stay" };
    const verdict = judge(current, situation);
    if (verdict.action !== "remove" || !situation.image) return verdict;
    const obstacle = await tryRemove(engine, situation.image);
    if (obstacle !== undefined) return { action: "keep", because: obstacle };
    await unmark(engine, current);
    return verdict;
  } finally {
    for (const one of (await marksOn(engine, candidate.image)).filter(isRemoving))
      if (one.token === own.token) await unmark(engine, one);
  }
}

/** Writes down what is new about an image: that it is used after all, or is so no more. */
async function remember(engine: Engine, candidate: Marked<Candidate>, { action }: Verdict): Promise<void> {
  if (action === "forget") await unmark(engine, candidate);
  const kind = action === "wait" ? "unused" : action === "keep" ? "used" : undefined;
  if (kind !== undefined && kind !== candidate.kind) await mark(engine, { ...candidate, kind });
}

/** Asks once more whether an image can be had again, when nobody could say; its time begins when it can. */
async function settled(
  engine: Engine,
  image: ImageInfo | undefined,
  candidate: Marked<Candidate>,
): Promise<Marked<Candidate> | undefined> {
  if (!image || candidate.again !== "unknown") return candidate;
  const again = await whereAgainByName(engine, image, candidate);
  return again && { ...candidate, again, ...(again !== "unknown" && { kind: "used" }) };
}

/** Judges every image that longshore's tasks used on an engine, and removes what is due. */
export async function sweep(engine: Engine, { dryRun = false }: SweepOptions = {}): Promise<readonly Swept[]> {
  const marks = await marksOn(engine);
  const found = marks.filter(isCandidate);
  if (found.length === 0) return [];
  const [clock, containers] = await Promise.all([now(engine), engine.listContainers([])]);
  if (!dryRun) await clearStalled(engine, marks, clock);
  const swept: Swept[] = [];
  for (const one of found) {
    const image = await engine.tryInspectImage(one.image);
    const candidate = await settled(engine, image, one);
    const own = marks.filter((mark) => mark.image === one.image);
    const announced: Verdict = candidate
      ? judge(candidate, { image, marks: own, containers, now: clock })
      : { action: "forget", because: "it stays, for no registry has it any more" };
    const isDue = announced.action === "remove" && !dryRun;
    const verdict = isDue ? await remove(engine, one) : announced;
    const removed = isDue && verdict.action === "remove";
    if (!dryRun && !removed) await remember(engine, candidate ?? one, verdict);
    swept.push({ image: one.image, names: one.names, size: image?.Size, verdict, removed });
  }
  return swept;
}

/** Looks through an engine's images that were used, and removes those whose time is over. Safe beside others that do the same. */
import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Engine } from "../engine/engine";
import type { ImageInfo } from "../engine/types";
import { isEngineError } from "../errors";
import { repositoryOf, tryParseImage } from "../image-reference";
import { LaterAsking, type Patience } from "./again";
import { type Situation, type Verdict, judge } from "./judge";
import { type Known, type Marked, candidateIn, forget, isRemoving, mark, marksOn, rewrite, unmark } from "./marks";

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

export interface Stalled {
  /** A remover that was killed leaves its mark; none takes so long. @default 2 minutes */
  readonly stalledMs?: number | undefined;
}

export interface SweepOptions extends Stalled, Patience {
  /** Only tells. */
  readonly dryRun?: boolean;
}

const stalledDefault = 2 * 60_000;

const now = async (engine: Engine): Promise<Date> => new Date((await engine.info()).SystemTime);

/** Ends what a remover that was killed began. */
async function clearStalled(
  engine: Engine,
  marks: readonly Marked[],
  clock: Date,
  { stalledMs = stalledDefault }: Stalled,
): Promise<void> {
  for (const one of marks.filter(isRemoving))
    if (clock.getTime() - one.made.getTime() > stalledMs) await unmark(engine, one);
}

/** Waits until nobody removes an image any more. Who has marked its use before finds it afterwards, or finds it gone. */
export async function untilNobodyRemoves(
  engine: Engine,
  id: string,
  { stalledMs = stalledDefault }: Stalled = {},
): Promise<void> {
  // By this machine's clock, for an engine whose own does not tell.
  const seen = new Map<string, number>();
  for (;;) {
    const removing = (await marksOn(engine, id)).filter(isRemoving);
    if (removing.length === 0) return;
    const here = performance.now();
    for (const { name } of removing) if (!seen.has(name)) seen.set(name, here);
    await clearStalled(engine, removing, await now(engine), { stalledMs });
    for (const one of removing) if (here - (seen.get(one.name) ?? here) > stalledMs) await unmark(engine, one);
    await new Promise((next) => setTimeout(next, 250));
  }
}

/** All names but the one with which the image goes. */
function surplusNames({ RepoTags, RepoDigests }: ImageInfo): readonly string[] {
  const tags = RepoTags ?? [];
  const tagged = new Set(tags.map(repositoryOf));
  // Those of a repository go with the last tag there.
  const digests = (RepoDigests ?? []).filter((name) => !tagged.has(repositoryOf(name)));
  return [...tags, ...digests].slice(1);
}

/** Gives names back that were taken off in vain, unless they mean something else by now. */
async function giveNames(engine: Engine, id: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const { repository, tag, digest } = tryParseImage(name) ?? {};
    if (repository === undefined || tag === undefined || digest !== undefined) continue;
    if (!(await engine.tryInspectImage(name))) await engine.tagImage(id, repository, tag);
  }
}

/** With its names; the last takes the image along. A name that moved meanwhile is another image's. */
async function removeNames(engine: Engine, image: ImageInfo): Promise<void> {
  const taken: string[] = [];
  try {
    for (const name of surplusNames(image))
      if ((await engine.tryInspectImage(name))?.Id === image.Id) {
        await engine.removeImage(name).catch((error: unknown) => {
          // By another longshore, a moment ago.
          if (!isEngineError(error, "notFound")) throw error;
        });
        taken.push(name);
      }
    // By its id, and so only while it has no other name than the last of these.
    await engine.removeImage(image.Id);
  } catch (error) {
    if (isEngineError(error, "conflict")) await giveNames(engine, image.Id, taken);
    throw error;
  }
}

/** The engine refuses to remove what a container uses, whoever owns it. */
async function tryRemove(engine: Engine, image: ImageInfo): Promise<string | undefined> {
  for (let tries = 1; ; tries++)
    try {
      await removeNames(engine, image);
      return undefined;
    } catch (error) {
      if (isEngineError(error, "notFound") && !(await engine.tryInspectImage(image.Id))) return undefined;
      if (isEngineError(error, "conflict") || tries === 3)
        return `the engine does not remove it: ${error instanceof Error ? error.message : String(error)}`;
      await new Promise((next) => setTimeout(next, 3_000));
    }
}

/** Removes one image, if it may still go when its users wait for the end of this. */
async function remove(engine: Engine, id: string): Promise<Verdict> {
  const own = await mark(engine, { kind: "removing", image: id, token: randomUUID() });
  try {
    const [marks, image, containers, clock] = await Promise.all([
      marksOn(engine, id),
      engine.tryInspectImage(id),
      engine.listContainers([]),
      now(engine),
    ]);
    // Of two, one goes on; if both do, no harm is done.
    if (marks.some((other) => isRemoving(other) && other.name < own.name))
      return { action: "wait", until: clock, forMs: 0, because: "another longshore removes it just now" };
    const candidate = candidateIn(marks);
    if (!candidate) return { action: "forget", because: "its last user wants it to stay" };
    const verdict = judge(candidate, { image, marks, containers, now: clock });
    if (verdict.action !== "remove" || !image) return verdict;
    const obstacle = await tryRemove(engine, image);
    if (obstacle !== undefined) return { action: "keep", because: obstacle };
    await forget(engine, candidate);
    return verdict;
  } finally {
    await unmark(engine, own);
  }
}

/** Judges one image, and asks its registry where the answer depends on that. */
async function judged(
  candidate: Known,
  situation: Situation,
  registries: LaterAsking,
): Promise<{ readonly verdict: Verdict; readonly candidate: Known }> {
  const { image } = situation;
  const isUnknown = candidate.again === "unknown";
  const settled: Known = isUnknown ? { ...candidate, again: "registry", kind: "used" } : candidate;
  const verdict = judge(settled, situation);
  const isToBeAsked = verdict.action === "remove" || (isUnknown && verdict.action === "wait");
  if (!image || settled.again !== "registry" || !isToBeAsked)
    return { verdict, candidate: verdict.action === "keep" ? candidate : settled };
  const answer = await registries.answer(image, settled);
  if (answer === "absent")
    return { verdict: { action: "forget", because: "no registry has it any more: it stays for good" }, candidate };
  // To whom the credentials of its tasks are not at hand a refusal says nothing; it was there when its last task went.
  if (answer === "has" || (answer === "denied" && !isUnknown)) return { verdict, candidate: settled };
  return { verdict: judge({ ...candidate, again: "unknown" }, situation), candidate };
}

/** Writes down what is new about an image: that it is used after all, or is so no more, or can be had again. */
async function remember(engine: Engine, before: Known, after: Known, { action }: Verdict): Promise<void> {
  if (action === "forget") return forget(engine, before);
  const kind = action === "keep" ? "used" : "unused";
  if (kind === before.kind && after.again === before.again && before.marks.length === 1) return;
  // What a user has written meanwhile is newer, whatever it is.
  const current = candidateIn(await marksOn(engine, before.image));
  if (current && isDeepStrictEqual(current.marks.map(nameIn), before.marks.map(nameIn)))
    await rewrite(engine, { ...after, kind }, before);
}
const nameIn = ({ name }: Marked) => name;

/** Judges every image that longshore's tasks used on an engine, and removes what is due. */
export async function sweep(
  engine: Engine,
  { dryRun = false, stalledMs, askMs }: SweepOptions = {},
): Promise<readonly Swept[]> {
  const marks = Map.groupBy(await marksOn(engine), ({ image }) => image);
  const found = [...marks.values()]
    .flatMap((own) => candidateIn(own) ?? [])
    .toSorted((a, b) => (a.names[0] ?? "").localeCompare(b.names[0] ?? "") || a.image.localeCompare(b.image));
  if (found.length === 0) return [];
  const [clock, containers] = await Promise.all([now(engine), engine.listContainers([])]);
  const registries = new LaterAsking(engine, { askMs });
  const swept: Swept[] = [];
  for (const one of found) {
    const own = marks.get(one.image) ?? [];
    if (!dryRun) await clearStalled(engine, own, clock, { stalledMs });
    const image = await engine.tryInspectImage(one.image);
    const { verdict: first, candidate } = await judged(one, { image, marks: own, containers, now: clock }, registries);
    const isDue = first.action === "remove" && !dryRun;
    // What was learnt is written first: a removal goes by what is on the engine.
    const written = isDue && candidate.again !== one.again ? await rewrite(engine, candidate, one) : one;
    const verdict = isDue ? await remove(engine, one.image) : first;
    const removed = isDue && verdict.action === "remove";
    // What waits although it was due is in the hands of another.
    const isAnothers = isDue && verdict.action === "wait";
    if (!dryRun && !removed && !isAnothers) await remember(engine, written, candidate, verdict);
    swept.push({ image: one.image, names: one.names, size: image?.Size, verdict, removed });
  }
  return swept;
}

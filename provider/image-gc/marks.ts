/**
 * What is written on an engine about its images, so that any later run from any machine knows it. A mark is a volume
 * that holds nothing and says all in its labels: the one thing that every engine keeps for us, makes at once or not at all, and
 * stamps with its own clock. See docs/adr/0011.
 */
import { randomUUID } from "node:crypto";
import { hashOf } from "../canonical";
import type { Engine } from "../engine/engine";
import type { VolumeInfo } from "../engine/types";

const imageLabel = "longshore.image";
const kindLabel = "longshore.image_mark";
const keyLabel = "longshore.image_key";
const tokenLabel = "longshore.image_token";
const namesLabel = "longshore.image_names";
const delayLabel = "longshore.image_delay_ms";
const againLabel = "longshore.image_again";

const places = ["registry", "archive", "any", "unknown"] as const;

/** Where an image can be had again from; `any`: its operator does not ask. `unknown`: its registry did not answer. */
export type Again = (typeof places)[number];

/** Somebody's image: a resource of a stack has it, with or without a container. */
export interface Use {
  readonly kind: "use";
  readonly image: string;
  /** As the resource names it. */
  readonly names: readonly string[];
  /** The resource's key, `project/stack/…`. */
  readonly key: string;
  /** Of the resource's last create: what it owes of earlier lives takes nothing from it. */
  readonly token: string;
}

/** An image that goes when nobody has used it for a while. */
export interface Candidate {
  /** `unused`: since the mark was made. `used`: when it was made, something used the image that does not say when it ends. */
  readonly kind: "unused" | "used";
  readonly image: string;
  /** The names by which longshore's tasks used it. Whoever gave it another one wants it to stay. */
  readonly names: readonly string[];
  readonly delayMs: number;
  readonly again: Again;
}

/** Somebody removes the image just now. */
export interface Removing {
  readonly kind: "removing";
  readonly image: string;
  readonly token: string;
}

/** What this version does not understand: a newer one's, or damaged. Whatever it means, the image stays. */
export interface Foreign {
  readonly kind: "foreign";
  readonly image: string;
}

export type Mark = Use | Candidate | Removing;

/** A mark as it is on the engine. */
export type Marked<M extends Mark | Foreign = Mark | Foreign> = M & {
  readonly name: string;
  /** An invalid date where the engine does not tell. */
  readonly made: Date;
};

const idPart = (image: string) => image.replace(/^sha256:/, "").slice(0, 24);

/** A resource has one use of an image. Of the other kinds any number may be made at once: each goes by its own name only. */
function nameOf(mark: Mark): string {
  const stem = `longshore-image-${idPart(mark.image)}`;
  return mark.kind === "use" ? `${stem}-use-${hashOf(mark.key)}` : `${stem}-${mark.kind}-${randomUUID()}`;
}

const labelsOf = (mark: Mark): Readonly<Record<string, string>> => ({
  [imageLabel]: mark.image,
  [kindLabel]: mark.kind,
  ...("key" in mark && { [keyLabel]: mark.key }),
  ...("token" in mark && { [tokenLabel]: mark.token }),
  ...("names" in mark && { [namesLabel]: JSON.stringify(mark.names) }),
  ...("delayMs" in mark && { [delayLabel]: String(mark.delayMs), [againLabel]: mark.again }),
});

function namesIn(text: string): readonly string[] | undefined {
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) && names.every((name) => typeof name === "string") ? names : undefined;
  } catch {
    return undefined;
  }
}

function markOf({ Name: name, Labels, CreatedAt = "" }: VolumeInfo): Marked {
  const label = (key: string) => Labels?.[key] ?? "";
  const common = { name, image: label(imageLabel), made: new Date(CreatedAt) };
  const kind = label(kindLabel);
  const names = namesIn(label(namesLabel));
  const token = label(tokenLabel);
  if (kind === "use") return { ...common, kind, names: names ?? [], key: label(keyLabel), token };
  if (kind === "removing") return { ...common, kind, token };
  const delayMs = label(delayLabel) === "" ? NaN : Number(label(delayLabel));
  const again = places.find((place) => place === label(againLabel));
  if ((kind === "unused" || kind === "used") && names && again && delayMs >= 0)
    return { ...common, kind, names, delayMs, again };
  return { ...common, kind: "foreign" };
}

/** All marks of an engine, or those of one image. */
export async function marksOn(engine: Engine, image?: string): Promise<readonly Marked[]> {
  const label = image === undefined ? imageLabel : `${imageLabel}=${image}`;
  const marks = (await engine.listVolumes([label])).map(markOf);
  return marks.filter((mark) => mark.image !== "" && (image === undefined || mark.image === image));
}

/** Writes a mark. A resource's earlier use of the same image is forgotten. */
export async function mark(engine: Engine, wanted: Mark): Promise<{ readonly name: string }> {
  const name = nameOf(wanted);
  if (wanted.kind === "use") await engine.removeVolume(name);
  await engine.createVolume(name, labelsOf(wanted));
  return { name };
}

export const unmark = (engine: Engine, { name }: Pick<Marked, "name">): Promise<boolean> => engine.removeVolume(name);

export const isUse = (mark: Marked): mark is Marked<Use> => mark.kind === "use";
export const isRemoving = (mark: Marked): mark is Marked<Removing> => mark.kind === "removing";
export const isForeign = (mark: Marked): mark is Marked<Foreign> => mark.kind === "foreign";
const isCandidate = (mark: Marked): mark is Marked<Candidate> => mark.kind === "unused" || mark.kind === "used";

/** What a candidate was written as; more than one mark where two wrote at the same time, or one was interrupted. */
export interface Known extends Candidate {
  readonly made: Date;
  readonly marks: readonly Marked<Candidate>[];
}

/** What is known of one image that goes when nobody uses it; undefined where it does not go. The last word counts. */
export function candidateIn(marks: readonly Marked[]): Known | undefined {
  const all = marks.filter(isCandidate).toSorted((a, b) => a.made.getTime() - b.made.getTime());
  const last = all.at(-1);
  if (!last) return undefined;
  const { image, kind, again, made } = last;
  const names = [...new Set(all.flatMap((one) => one.names))];
  // The engine's clock counts in seconds: of those that seem to be made at once, the longest.
  const delayMs = Math.max(...all.filter((one) => one.made.getTime() === made.getTime()).map((one) => one.delayMs));
  return { image, kind, again, made, names, delayMs: Math.max(delayMs, last.delayMs), marks: all };
}

/** Takes an image off the list of those that go. */
export async function forget(engine: Engine, { marks }: Pick<Known, "marks">): Promise<void> {
  for (const one of marks) await unmark(engine, one);
}

/** Writes anew what is known of an image. At no time is it unknown. */
export async function rewrite(engine: Engine, wanted: Candidate, earlier: Known | undefined): Promise<Known> {
  const { image, kind, names, delayMs, again } = wanted;
  const { name } = await mark(engine, { image, kind, names, delayMs, again });
  if (earlier) await forget(engine, earlier);
  const made = new Date(NaN);
  return { ...wanted, made, marks: [{ image, kind, names, delayMs, again, name, made }] };
}

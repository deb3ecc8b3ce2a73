/**
 * What is written on an engine about its images, so that any later run from any machine knows it. A mark is a volume
 * that holds nothing and says all in its labels: the one thing that every engine keeps for us, makes at once or not at all, and
 * stamps with its own clock. See docs/adr/0011.
 */
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

/** Where an image can be had again from; `any`: its operator does not ask. `unknown`: its registry did not answer. */
export type Again = "registry" | "archive" | "any" | "unknown";

/** Somebody's image: a resource of a stack has it, with or without a container. */
export interface Use {
  readonly kind: "use";
  readonly image: string;
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

export type Mark = Use | Candidate | Removing;

/** A mark as it is on the engine. */
export type Marked<M extends Mark = Mark> = M & { readonly name: string; readonly made: Date };

const idPart = (image: string) => image.replace(/^sha256:/, "").slice(0, 24);

function nameOf(mark: Mark): string {
  const stem = `longshore-image-${idPart(mark.image)}`;
  if (mark.kind === "use") return `${stem}-use-${hashOf(mark.key)}`;
  return mark.kind === "removing" ? `${stem}-removing` : stem;
}

const labelsOf = (mark: Mark): Readonly<Record<string, string>> => ({
  [imageLabel]: mark.image,
  [kindLabel]: mark.kind,
  ...("key" in mark && { [keyLabel]: mark.key }),
  ...("token" in mark && { [tokenLabel]: mark.token }),
  ...("names" in mark && {
    [namesLabel]: JSON.stringify(mark.names),
    [delayLabel]: String(mark.delayMs),
    [againLabel]: mark.again,
  }),
});

function markOf({ Name: name, Labels, CreatedAt = "" }: VolumeInfo): Marked | undefined {
  const label = (key: string) => Labels?.[key] ?? "";
  const common = { name, image: label(imageLabel), made: new Date(CreatedAt) };
  const kind = label(kindLabel);
  switch (kind) {
    case "use":
      return { ...common, kind, key: label(keyLabel), token: label(tokenLabel) };
    case "removing":
      return { ...common, kind, token: label(tokenLabel) };
    case "unused":
    case "used":
      return {
        ...common,
        kind,
        names: JSON.parse(label(namesLabel) || "[]") as readonly string[],
        delayMs: Number(label(delayLabel)),
        again: label(againLabel) as Again,
      };
    default:
      // A newer version's.
      return undefined;
  }
}

/** All marks of an engine, or those of one image. */
export async function marksOn(engine: Engine, image?: string): Promise<readonly Marked[]> {
  const label = image === undefined ? imageLabel : `${imageLabel}=${image}`;
  return (await engine.listVolumes([label])).flatMap((volume) => markOf(volume) ?? []);
}

/** Writes a mark; what was there of the same name is forgotten. */
export async function mark(engine: Engine, wanted: Use | Candidate): Promise<void> {
  await engine.removeVolume(nameOf(wanted));
  await engine.createVolume(nameOf(wanted), labelsOf(wanted));
}

/** Writes a mark where there is none of its name, and tells whether there is this one now. */
export async function tryMark(engine: Engine, wanted: Removing): Promise<boolean> {
  const made = await engine.createVolume(nameOf(wanted), labelsOf(wanted));
  return made.Labels?.[tokenLabel] === wanted.token;
}

export const unmark = (engine: Engine, { name }: Pick<Marked, "name">): Promise<boolean> => engine.removeVolume(name);

export const isUse = (mark: Marked): mark is Marked<Use> => mark.kind === "use";
export const isRemoving = (mark: Marked): mark is Marked<Removing> => mark.kind === "removing";
export const isCandidate = (mark: Marked): mark is Marked<Candidate> => mark.kind === "unused" || mark.kind === "used";

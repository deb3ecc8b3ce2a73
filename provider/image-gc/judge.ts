/** What is to become of an image that was used. Pure. */
import type { ContainerRow, ImageInfo } from "../engine/types";
import { fullName } from "../image-reference";
import { type Candidate, type Marked, isUse } from "./marks";

/** What holds for one image, and why. */
export type Verdict =
  /** Its time is over. */
  | { readonly action: "remove"; readonly because: string }
  /** Its time runs. */
  | { readonly action: "wait"; readonly until: Date; readonly because: string }
  /** It stays. */
  | { readonly action: "keep"; readonly because: string }
  /** It is no more. */
  | { readonly action: "forget"; readonly because: string };

/** What an engine says about an image. */
export interface Situation {
  /** Undefined when it is gone. */
  readonly image: ImageInfo | undefined;
  /** All marks of the image. */
  readonly marks: readonly Marked[];
  /** All containers of the engine, in whatever state, of whatever owner. */
  readonly containers: readonly ContainerRow[];
  /** The engine's clock. */
  readonly now: Date;
}

/** Who uses an image, as a text; undefined when nobody does. */
export function userOf(id: string, { marks, containers }: Pick<Situation, "marks" | "containers">): string | undefined {
  const container = containers.find(({ ImageID }) => ImageID === id);
  const use = marks.find(isUse);
  const more = marks.filter(isUse).length + containers.filter(({ ImageID }) => ImageID === id).length - 1;
  const first = container
    ? `container ${(container.Names[0] ?? container.Id.slice(0, 12)).replace(/^\//, "")}`
    : use?.key;
  return first && `${first}${more > 0 ? ` and ${more} more` : ""}`;
}

const seconds = (ms: number) => `${Math.ceil(ms / 1000)} s`;

export function judge(candidate: Marked<Candidate>, situation: Situation): Verdict {
  const { image, now } = situation;
  const { names, delayMs, again } = candidate;
  if (!image) return { action: "forget", because: "it is no more on the engine" };
  const user = userOf(candidate.image, situation);
  if (user !== undefined) return { action: "keep", because: `used by ${user}` };
  const own = new Set(names.map(fullName));
  const other = image.RepoTags?.find((name) => !own.has(fullName(name)));
  if (other !== undefined) return { action: "keep", because: `it has another name, ${other}` };
  if (again === "unknown") return { action: "keep", because: "its registry did not say whether it can be had again" };
  // The clock begins when an image is first seen unused.
  const since = candidate.kind === "unused" ? candidate.made : now;
  const until = new Date(since.getTime() + delayMs);
  if (until > now)
    return {
      action: "wait",
      until,
      because: `unused, and may be used again for ${seconds(until.getTime() - now.getTime())}`,
    };
  return { action: "remove", because: `unused since ${since.toISOString()}` };
}

/** What is to become of an image that was used. Pure. */
import type { ContainerRow, ImageInfo } from "../engine/types";
import { fullName, repositoryOf, tryParseImage } from "../image-reference";
import { spoken } from "../spoken";
import { type Candidate, type Known, type Marked, isForeign, isUse } from "./marks";

/** What holds for one image, and why. */
export type Verdict =
  /** Its time is over. */
  | { readonly action: "remove"; readonly because: string }
  /** Its time runs. */
  | { readonly action: "wait"; readonly until: Date; readonly forMs: number; readonly because: string }
  /** It stays for now. */
  | { readonly action: "keep"; readonly because: string }
  /** It is no more, or stays for good. */
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
  const inContainers = containers
    .filter(({ ImageID }) => ImageID === id)
    .map(({ Id, Names }) => `container ${(Names[0] ?? Id.slice(0, 12)).replace(/^\//, "")}`);
  // A container is easier to find than the stack that has it.
  const [first, ...others] = [
    ...inContainers,
    ...new Set(marks.filter(isUse).map(({ key }) => `stack ${key.split("/").slice(0, 2).join("/")}`)),
    ...marks.filter(isForeign).map(({ name }) => `what this version does not know (volume ${name})`),
  ];
  return first && first + (others.length > 0 ? ` and ${others.length} more` : "");
}

/** A name that no task of longshore's gave it. Images that were pulled by digest have one in its place. */
function otherName({ RepoTags, RepoDigests }: ImageInfo, { names }: Pick<Candidate, "names">): string | undefined {
  const own = new Set(names.map(fullName));
  const repositories = new Set(names.map(repositoryOf));
  return [...(RepoTags ?? []), ...(RepoDigests ?? [])].find((name) =>
    tryParseImage(name)?.digest === undefined ? !own.has(fullName(name)) : !repositories.has(repositoryOf(name)),
  );
}

export function judge(candidate: Known, situation: Situation): Verdict {
  const { image, now } = situation;
  const { delayMs, again, kind, made } = candidate;
  if (!image) return { action: "forget", because: "it is not on the engine any more" };
  const user = userOf(candidate.image, situation);
  if (user !== undefined) return { action: "keep", because: `used by ${user}` };
  const other = otherName(image, candidate);
  if (other !== undefined) return { action: "keep", because: `it has a name that no task gave it, ${other}` };
  if (again === "unknown")
    return { action: "keep", because: "its registry does not say whether it can be pulled again" };
  if (kind === "unused" && Number.isNaN(made.getTime()))
    return { action: "keep", because: "the engine does not tell since when it is unused" };
  // The clock begins when an image is first seen unused.
  const since = kind === "unused" ? made : now;
  const forMs = since.getTime() + delayMs - now.getTime();
  const because = `unused for ${spoken(Math.max(0, now.getTime() - since.getTime()))}`;
  if (forMs <= 0) return { action: "remove", because };
  return {
    action: "wait",
    until: new Date(now.getTime() + forMs),
    forMs,
    because: `${because}; goes in ${spoken(forMs)}`,
  };
}

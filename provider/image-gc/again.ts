/** Whether an image that goes can be had again. What cannot is never removed. */
import { digestOf, fileKind } from "../archive";
import { isContainerdStore } from "../connection";
import type { Engine } from "../engine/engine";
import type { ImageInfo } from "../engine/types";
import { digestsIn, tryParseImage } from "../image-reference";
import { type Asking, RegistryError, asking } from "../registry/asking";
import { registryDigest } from "../registry/digest";
import { registryFailureOf } from "../registry/failures";
import type { Again, Candidate } from "./marks";

/** What a registry says of a content. `denied`: it may be there for others. */
type Answer = "has" | "absent" | "denied" | "silent";

/** By which the registry knows what the engine has. */
async function contentsOf(engine: Engine, image: ImageInfo, name: string): Promise<readonly string[]> {
  const known = digestsIn(name, image.RepoDigests);
  if (known.length > 0) return known;
  // In containerd's store an image loses its digests with its last name: when its tag moves. But its id is one.
  const isLost = (image.RepoDigests ?? []).length === 0 && (image.RepoTags ?? []).length === 0;
  return isLost && isContainerdStore((await engine.info()).DriverStatus) ? [image.Id] : [];
}

async function answerFor(engine: Engine, content: string, how: Asking): Promise<Answer> {
  const reference = `${tryParseImage(how.image)?.repository ?? how.image}@${content}`;
  try {
    await asking(how, (auth) => registryDigest(engine, reference, auth));
    return "has";
  } catch (error) {
    if (!(error instanceof RegistryError)) return "silent";
    const failure = registryFailureOf(error.cause);
    return failure === "absent" || failure === "denied" ? failure : "silent";
  }
}

const order: readonly Answer[] = ["has", "silent", "denied", "absent"];

/** The best answer that any of a content's digests gets; `absent` too when no registry gave it. */
async function askRegistry(engine: Engine, image: ImageInfo, how: Asking): Promise<Answer> {
  const answers = new Set<Answer>();
  for (const content of await contentsOf(engine, image, how.image)) {
    answers.add(await answerFor(engine, content, how));
    if (answers.has("has")) break;
  }
  return order.find((answer) => answers.has(answer)) ?? "absent";
}

/** An archive from which an image was loaded. */
export interface Loaded {
  readonly load?: string | undefined;
  /** What was in it. */
  readonly archive?: string | undefined;
}

async function isInArchive({ load, archive }: Loaded): Promise<boolean> {
  if (load === undefined || archive === undefined || fileKind(load) !== "archive") return false;
  return (await digestOf(load).catch(() => undefined)) === archive;
}

/** A registry that has not answered by then has not. */
function inTime(ms: number, asked: Promise<Answer>): Promise<Answer> {
  if (ms === Infinity) return asked;
  asked.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer>((resolve) => (timer = setTimeout(() => resolve("silent"), Math.max(0, ms))));
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}

/** A destroy waits for no registry longer than that. */
const destroyMs = 5_000;

/** Where an image can be had again from; undefined where it cannot. */
export async function whereAgain(
  engine: Engine,
  image: ImageInfo,
  { load, archive, ...how }: Asking & Loaded,
): Promise<Again | undefined> {
  if (await isInArchive({ load, archive })) return "archive";
  const answer = await inTime(destroyMs, askRegistry(engine, image, how));
  if (answer === "has") return "registry";
  // With the credentials of its task at hand, a refusal is an answer.
  return answer === "silent" ? "unknown" : undefined;
}

/** Registries that are asked later, when the credentials of the tasks are not at hand: the Docker CLI's own are used. */
export interface Patience {
  /** How long they are waited for in all. */
  readonly askMs?: number | undefined;
}

/** Asks later, again, for each name in turn. */
export class LaterAsking {
  private readonly end: number;
  constructor(
    private readonly engine: Engine,
    { askMs = Infinity }: Patience,
  ) {
    this.end = Date.now() + askMs;
  }

  async answer(image: ImageInfo, { names }: Pick<Candidate, "names">): Promise<Answer> {
    const answers = new Set<Answer>();
    for (const name of names) {
      const asked = askRegistry(this.engine, image, { image: name, pluginAuth: undefined });
      answers.add(await inTime(this.end - Date.now(), asked));
      if (answers.has("has")) break;
    }
    return order.find((answer) => answers.has(answer)) ?? "absent";
  }
}

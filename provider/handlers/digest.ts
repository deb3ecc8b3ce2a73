/** What a preview shows of the content behind a name. */
import { canonicalJson } from "../canonical";
import type { Connection } from "../connection";
import { CredentialsError } from "../credentials/credentials";
import { digestsIn, fullName, imageName, tryParseImage } from "../image-reference";
import type { ImageInputs } from "../inputs";
import { note, warn } from "../note";
import { hasUnknown } from "../options/folds";
import type { Failure } from "../options/folds";
import { RegistryError, asking } from "../registry/asking";
import { registryDigest } from "../registry/digest";
import { ifReachable } from "./engine-of";
import { isUnknown } from "./handler";
import { mustAsk } from "./obtain";
import { askingFor } from "./pull";

export interface Shown {
  /** What the name means; undefined where nobody says. */
  readonly digest?: string | undefined;
  readonly failures: readonly Failure[];
}

const none: Shown = { failures: [] };

/** The digest that the last run saw behind the same name. */
const kept = (olds: Partial<ImageInputs>, { image }: ImageInputs): string | undefined =>
  olds.image !== undefined && fullName(olds.image) === fullName(image) ? olds.digest : undefined;

/** Asked once in a process: Pulumi checks a resource several times, and what it was shown is what it gets. */
function askOnce({ engine, digests }: Connection, news: ImageInputs): Promise<string> {
  const how = askingFor(news);
  const key = canonicalJson(how);
  const answer = digests.get(key) ?? asking(how, (auth) => registryDigest(engine, news.image, auth));
  digests.set(key, answer);
  return answer;
}

const said = new Set<string>();
const once = (say: (text: string) => void, text: string) => {
  if (!said.has(text)) say(text);
  said.add(text);
};

const short = (digest: string) => digest.slice(0, "sha256:".length + 12);

/** What is asked for an image that may have to come from its registry. */
async function ask(connection: Connection, olds: Partial<ImageInputs>, news: ImageInputs): Promise<Shown> {
  const old = kept(olds, news);
  const name = imageName(news.image);
  try {
    const digest = await askOnce(connection, news);
    if (old !== undefined && old !== digest) once(note, `${name}: ${short(old)} → ${short(digest)} in its registry`);
    return { digest, failures: [] };
  } catch (error) {
    if (error instanceof CredentialsError)
      return { failures: [{ property: news.auth ? "auth" : "plugin.auth", reason: error.message }] };
    if (!(error instanceof RegistryError)) throw error;
    const planned = old === undefined ? "without its digest" : `with ${short(old)}, which it was at the last run`;
    once(warn, `${name}: its registry does not tell what it is now: ${error.message}. Planned ${planned}.`);
    return { digest: old, failures: [] };
  }
}

/**
 * The digest behind the name of an image: from its registry, when that would be asked for it; else as it is on the
 * engine. For a name that says the digest itself, and for an archive, there is nothing to show.
 */
export async function digestShown(olds: Partial<ImageInputs>, news: ImageInputs): Promise<Shown> {
  const { image, load, auth, authSoftFail, forcePull, plugin } = news;
  if (hasUnknown([image, load, auth, authSoftFail, forcePull, plugin.auth], isUnknown)) return none;
  const { digest } = tryParseImage(image) ?? {};
  if (load !== undefined || digest !== undefined || fullName(image) === undefined) return none;
  const isSame = olds.image !== undefined && fullName(olds.image) === fullName(image);
  if (isSame && !mustAsk(news)) return { digest: olds.digest, failures: [] };
  const shown = await ifReachable(plugin, async (connection) => {
    const there = mustAsk(news) ? undefined : await connection.image(imageName(image));
    return there ? { digest: digestsIn(image, there.RepoDigests)[0], failures: [] } : ask(connection, olds, news);
  });
  return shown ?? { digest: kept(olds, news), failures: [] };
}

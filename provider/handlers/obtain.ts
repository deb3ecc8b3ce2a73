/** Makes sure that an engine has the image that was announced, with as little as that takes. */
import type { Connection } from "../connection";
import type { ImageInfo } from "../engine/types";
import { alwaysAsked, fullName, imageName, tryParseImage } from "../image-reference";
import type { ImageInputs } from "../inputs";
import { load, pull } from "./pull";

/** Whether the registry is asked whatever the engine has. */
export const mustAsk = ({ image, forcePull }: ImageInputs): boolean => forcePull === true || alwaysAsked(image);

const byDigest = ({ image, digest }: ImageInputs): string | undefined =>
  digest === undefined ? undefined : `${tryParseImage(image)?.repository ?? imageName(image)}@${digest}`;

/** In containerd's store an image loses its name with its tag, and its id is the digest. Elsewhere no id is one. */
const byContent = async (engine: Connection["engine"], announced: string, { digest = "" }: ImageInputs) =>
  (await engine.tryInspectImage(announced)) ?? engine.tryInspectImage(digest);

export async function obtain(connection: Connection, inputs: ImageInputs): Promise<ImageInfo> {
  const { engine } = connection;
  const name = imageName(inputs.image);
  // What is in the archive is what the preview showed, whatever bears the name on the engine.
  if (inputs.load !== undefined) {
    await load(connection, inputs.image, inputs.load);
    return engine.inspectImage(name);
  }
  const announced = byDigest(inputs);
  const find = async (): Promise<ImageInfo | undefined> =>
    (announced === undefined ? undefined : await byContent(engine, announced, inputs)) ??
    (mustAsk(inputs) ? undefined : await engine.tryInspectImage(name));
  const there = await find();
  if (there) return named(connection, inputs, there);
  await pull(connection, inputs, { isThere: async () => (await find()) !== undefined });
  if (announced === undefined) return engine.inspectImage(name);
  const arrived = await byContent(engine, announced, inputs);
  if (arrived) return named(connection, inputs, arrived);
  // The tag moved after it was announced what it means.
  await pull(connection, inputs, { reference: announced });
  return engine.inspectImage(announced);
}

/** The registry says that the name means this image now: so it does on the engine. */
async function named({ engine }: Connection, { image }: ImageInputs, there: ImageInfo): Promise<ImageInfo> {
  const { repository, tag = "latest", digest } = tryParseImage(image) ?? { repository: imageName(image) };
  const isNamed = there.RepoTags?.some((one) => fullName(one) === fullName(image));
  if (digest === undefined && !isNamed) await engine.tagImage(there.Id, repository, tag);
  return there;
}

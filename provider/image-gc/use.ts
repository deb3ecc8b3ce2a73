/** Takes images into use, and gives them back: what stacks say of their images on an engine. */
import { durationMs } from "../duration";
import type { Engine } from "../engine/engine";
import type { ImageInfo } from "../engine/types";
import { imageName } from "../image-reference";
import type { ImageOutputs } from "../inputs";
import { newToken } from "../ownership";
import { pluginSpec } from "../plugin-spec";
import { whereAgain } from "./again";
import { isCandidate, isUse, mark, marksOn, unmark } from "./marks";
import { untilNobodyRemoves } from "./sweep";

export interface InUse {
  readonly image: ImageInfo;
  /** By which the resource gives it back. */
  readonly token: string;
}

/** How often an image is got again that somebody removed meanwhile. */
const mostTries = 3;

/**
 * Makes sure that an engine has an image, and that it keeps it.
 * @param obtain gets the image
 */
export async function takeIntoUse(engine: Engine, key: string, obtain: () => Promise<ImageInfo>): Promise<InUse> {
  for (let tries = 1; ; tries++) {
    const image = await obtain();
    const token = newToken();
    await mark(engine, { kind: "use", image: image.Id, key, token });
    await untilNobodyRemoves(engine, image.Id);
    if (await engine.tryInspectImage(image.Id)) return { image, token };
    if (tries === mostTries)
      throw new Error(`image ${image.RepoTags?.[0] ?? image.Id} is removed by somebody else as soon as it is there`);
  }
}

/**
 * Ends a resource's use of an image. From then on, or from when its last other user has gone, its time runs: so it does
 * when the answer is true. What cannot be had again stays.
 */
export async function giveBack(engine: Engine, id: string, props: ImageOutputs): Promise<boolean> {
  const marks = await marksOn(engine, id);
  const use = marks.filter(isUse).find(({ key }) => key === props.key);
  // A later life of the resource has it.
  if (use && use.token !== props.token) return false;
  if (use) await unmark(engine, use);
  const image = await engine.tryInspectImage(id);
  if (!image) return false;
  const { gc, auth: pluginAuth } = pluginSpec(props.plugin);
  const earlier = marks.find(isCandidate);
  if (gc.image === false) {
    if (earlier) await unmark(engine, earlier);
    return false;
  }
  const again = gc.image === "all" ? "any" : await whereAgain(engine, image, { ...props, pluginAuth });
  if (again === undefined) return false;
  await mark(engine, {
    kind: "unused",
    image: id,
    names: [...new Set([...(earlier?.names ?? []), imageName(props.image)])],
    delayMs: durationMs(gc.imageDelay),
    again,
  });
  return true;
}

/** Takes images into use, and gives them back: what stacks say of their images on an engine. */
import { durationMs } from "../duration";
import type { Engine } from "../engine/engine";
import type { ImageInfo } from "../engine/types";
import { imageName } from "../image-reference";
import type { ImageOutputs } from "../inputs";
import { newToken } from "../ownership";
import { pluginSpec } from "../plugin-spec";
import { whereAgain } from "./again";
import { userOf } from "./judge";
import { type Use, candidateIn, forget, isUse, mark, marksOn, rewrite, unmark } from "./marks";
import { untilNobodyRemoves } from "./sweep";

export interface InUse {
  readonly image: ImageInfo;
  /** By which the resource gives it back. */
  readonly token: string;
}

/** How often an image is got again that somebody removed meanwhile. */
const mostTries = 5;

/**
 * Makes sure that an engine has an image, and that it keeps it.
 * @param name as the resource names it
 * @param obtain gets the image
 */
export async function takeIntoUse(
  engine: Engine,
  { key, image: name }: Pick<ImageOutputs, "key" | "image">,
  obtain: () => Promise<ImageInfo>,
): Promise<InUse> {
  for (let tries = 1; ; tries++) {
    const image = await obtain();
    const token = newToken();
    const use: Use = { kind: "use", image: image.Id, names: [imageName(name)], key, token };
    const written = await mark(engine, use);
    await untilNobodyRemoves(engine, image.Id);
    const there = await engine.tryInspectImage(image.Id);
    if (there) return { image: there, token };
    await unmark(engine, written);
    if (tries === mostTries)
      throw new Error(`image ${imageName(name)} is removed by somebody else as soon as it is there`);
  }
}

/** A resource goes on under another key: so does its use of an image. */
export async function renameUse(engine: Engine, id: string, olds: ImageOutputs, key: string): Promise<void> {
  const use = (await marksOn(engine, id)).filter(isUse).find((one) => one.key === olds.key);
  if (!use || use.token !== olds.token) return;
  await mark(engine, { kind: "use", image: id, names: use.names, key, token: use.token });
  await unmark(engine, use);
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
  const goes = await announce(engine, id, props, marks);
  // Last: who ends a use meanwhile knows all names.
  if (use) await unmark(engine, use);
  return goes;
}

/** Says on the engine what is to become of an image. True when it may go. */
async function announce(
  engine: Engine,
  id: string,
  props: ImageOutputs,
  marks: Awaited<ReturnType<typeof marksOn>>,
): Promise<boolean> {
  const earlier = candidateIn(marks);
  const { gc, auth: pluginAuth } = pluginSpec(props.plugin);
  const image = gc.image === false ? undefined : await engine.tryInspectImage(id);
  const again = image && (gc.image === "all" ? "any" : await whereAgain(engine, image, { ...props, pluginAuth }));
  if (again === undefined) {
    if (earlier) await forget(engine, earlier);
    return false;
  }
  const others = marks.filter((one) => !(isUse(one) && one.key === props.key));
  const isUsed = userOf(id, { marks: others, containers: await engine.listContainers([]) }) !== undefined;
  const uses = marks.filter(isUse).flatMap(({ names }) => names);
  await rewrite(
    engine,
    {
      kind: isUsed ? "used" : "unused",
      image: id,
      names: [...new Set([...(earlier?.names ?? []), ...uses, imageName(props.image)])],
      delayMs: durationMs(gc.imageDelay),
      again,
    },
    earlier,
  );
  return true;
}

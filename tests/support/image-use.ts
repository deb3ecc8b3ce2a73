/** Images of test registries as resources, through the provider's handlers and without Pulumi; and what becomes of them. */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { connectionOf } from "../../provider/connection";
import { imageHandler } from "../../provider/handlers/image";
import type { ImageInputs, ImageOutputs } from "../../provider/inputs";
import type { Verdict } from "../../provider/image-gc/judge";
import { marksOn, unmark } from "../../provider/image-gc/marks";
import { sweep } from "../../provider/image-gc/sweep";
import { engine } from "./engine";
import { until } from "./processes";

export const docker = (...args: readonly string[]): string =>
  execFileSync("docker", args, { stdio: ["ignore", "pipe", "pipe"] })
    .toString()
    .trim();

type Bag = Readonly<Record<string, unknown>>;

export interface ImageUse {
  readonly id: string;
  readonly outs: ImageOutputs;
  readonly key: string;
  destroy(): Promise<void>;
}

/** Takes an image into use, as a stack does. Its time is over at once, unless the options of `gc` say otherwise. */
export async function useImage(
  image: string,
  {
    gc = {},
    key = `use-${randomUUID().slice(0, 8)}/test/job/group[0]/web`,
    ...options
  }: { gc?: Bag; key?: string } & Bag = {},
): Promise<ImageUse> {
  const news = { kind: "Image", key, plugin: { gc: { imageDelay: "0s", ...gc } }, image, ...options } as ImageInputs;
  const { inputs, failures } = await imageHandler.check({}, news);
  if (failures.length > 0) throw new Error(JSON.stringify(failures));
  const { id, outs } = await imageHandler.create(inputs);
  // The next run is another process, to which no answer is known.
  const connection = connectionOf(inputs.plugin);
  connection.forgetImages();
  connection.digests.clear();
  return { id, outs, key, destroy: () => imageHandler.delete(id, outs) };
}

export const isThere = async (id: string): Promise<boolean> => (await engine.tryInspectImage(id)) !== undefined;

/** What would become of an image now; undefined when it is not on the list. */
export const verdictOn = async (id: string): Promise<Verdict | undefined> =>
  (await sweep(engine, { dryRun: true })).find(({ image }) => image === id)?.verdict;

/** The kinds of the marks of an image. */
export const kindsOf = async (id: string): Promise<readonly string[]> =>
  (await marksOn(engine, id)).map(({ kind }) => kind).toSorted();

/** Waits until an image and all marks of it are gone. Whoever else looks through the engine may be the one who removes it. */
export const gone = (id: string): Promise<void> =>
  until(`${id} is gone`, async () => !(await isThere(id)) && (await kindsOf(id)).length === 0);

/** Whatever a test wrote about an image, and the image. */
export async function wipeImage(id: string): Promise<void> {
  for (const one of await marksOn(engine, id)) await unmark(engine, one);
  if (await isThere(id)) docker("rmi", "-f", id);
}

/** Runs or makes a container that is nobody's. Its removal is the answer. */
export function foreignContainer(verb: "create" | "run", image: string): () => void {
  const id = verb === "create" ? docker("create", image) : docker("run", "-d", image);
  return () => void docker("rm", "-f", id);
}

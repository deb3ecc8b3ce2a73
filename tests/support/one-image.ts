/** One image through the provider's handler and without Pulumi: planned, got, and given back. */
import { randomUUID } from "node:crypto";
import { imageHandler } from "../../provider/handlers/image";
import type { ImageInputs } from "../../provider/inputs";

export interface Got {
  /** The image's id, where it came. */
  readonly id?: string;
  /** Why not, where it did not. */
  readonly error: string;
  /** What the plan showed. */
  readonly digest: string | undefined;
  readonly checkMs: number;
  readonly createMs: number;
  /** What the user read meanwhile about this image. */
  readonly said: readonly string[];
}

const heard: string[] = [];

/** For `beforeAll`: keeps what is said to the user. */
export function listen(): void {
  for (const stream of ["log", "error"] as const)
    jest.spyOn(console, stream).mockImplementation((...texts: readonly unknown[]) => void heard.push(texts.join(" ")));
}

/** All that was said since {@link listen}. */
export const allHeard = (): readonly string[] => heard;

/** The keys of the images that {@link get} asks for begin so. */
export const keyPrefix = `one-image-${randomUUID().slice(0, 8)}`;

export async function get(image: string, options: Partial<ImageInputs> = {}): Promise<Got> {
  const { plugin = {}, ...more } = options;
  const news: ImageInputs = {
    kind: "Image",
    key: `${keyPrefix}/${randomUUID()}`,
    // Neither a mark nor a process stays behind.
    plugin: { gc: { image: false }, ...plugin },
    image,
    ...more,
  };
  const from = heard.length;
  const began = Date.now();
  const { inputs, failures } = await imageHandler.check({}, news);
  const checked = Date.now();
  const got = (outcome: { readonly id: string } | { readonly error: string }): Got => ({
    error: "",
    ...outcome,
    digest: inputs.digest,
    checkMs: checked - began,
    createMs: Date.now() - checked,
    said: heard.slice(from).filter((text) => text.includes(image)),
  });
  if (failures.length > 0) return got({ error: failures.map(({ reason }) => reason).join("\n") });
  try {
    const { id, outs } = await imageHandler.create(inputs);
    const answer = got({ id });
    await imageHandler.delete(id, outs);
    return answer;
  } catch (error) {
    return got({ error: (error as Error).message });
  }
}

/** What images of a test's registry are made of. */
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";

export const digestOf = (data: Buffer | string) => `sha256:${createHash("sha256").update(data).digest("hex")}`;

interface Config {
  readonly config: object;
  readonly rootfs: { readonly type: "layers"; readonly diff_ids: readonly string[] };
  readonly history?: readonly object[];
}

export interface Content {
  /** The image's configuration, as JSON. */
  readonly config: Buffer;
  /** Each gzipped. */
  readonly layers: readonly Buffer[];
}

/** The content of longshore/pause:3.1, taken from the engine: tests' images are made by the set-up. */
export const pauseImage = () => {
  const out = mkdtempSync(join(tmpdir(), "longshore-saved-"));
  try {
    execFileSync("sh", ["-c", `docker save longshore/pause:3.1 | tar -x -C ${out}`]);
    const [saved] = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8")) as [
      { Config: string; Layers: string[] },
    ];
    return {
      config: JSON.parse(readFileSync(join(out, saved.Config), "utf8")) as Config,
      layers: saved.Layers.map((layer) => gzipSync(readFileSync(join(out, layer)), { level: 1 })),
    };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
};

/** A layer of bytes that no compression makes fewer, and that no other layer has. */
const filler = async (name: string, bytes: number) => {
  const tar = pack();
  tar.entry({ name }, randomBytes(bytes));
  tar.finalize();
  return buffer(tar);
};

/** Another image of the same base: labelled, and with so many layers more. */
export async function another(
  base: ReturnType<typeof pauseImage>,
  labels: Readonly<Record<string, string>>,
  sizes: readonly number[],
): Promise<Content> {
  const added = await Promise.all(sizes.map((bytes, index) => filler(`filler-${index}`, bytes)));
  const { config, rootfs, history = [] } = base.config;
  const whole: Config = {
    ...base.config,
    config: { ...config, Labels: labels },
    rootfs: { ...rootfs, diff_ids: [...rootfs.diff_ids, ...added.map(digestOf)] },
    history: [...history, ...added.map(() => ({ created_by: "filler" }))],
  };
  return {
    config: Buffer.from(JSON.stringify(whole)),
    layers: [...base.layers, ...added.map((layer) => gzipSync(layer, { level: 1 }))],
  };
}

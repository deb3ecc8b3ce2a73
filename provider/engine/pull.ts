import type { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { EngineError } from "../errors";

/** How far a pull has come. */
export interface Progress {
  readonly layers: number;
  readonly layersDone: number;
  readonly bytes: number;
  readonly bytesTotal: number;
}

interface Line {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  /** What a load says. */
  readonly stream?: string;
}

/** Reads the stream of a load to its end, and tells the images that it brought: by name, or by id where one has no name. */
export async function followLoad(answer: IncomingMessage): Promise<readonly string[]> {
  const loaded: string[] = [];
  for await (const text of createInterface({ input: answer })) {
    if (text.trim() === "") continue;
    const { stream = "", error } = JSON.parse(text) as Line;
    if (error !== undefined) throw new EngineError("refused", error);
    const [, image] = /^Loaded image(?: ID)?: (\S+)/.exec(stream) ?? [];
    if (image !== undefined) loaded.push(image);
  }
  return loaded;
}

/** Reads the stream of a pull to its end. An engine that fails after it began says so in the stream, under a 200. */
export async function followPull(answer: IncomingMessage, onProgress?: (progress: Progress) => void): Promise<void> {
  const layers = new Map<string, { current: number; total: number; done: boolean }>();
  for await (const text of createInterface({ input: answer })) {
    if (text.trim() === "") continue;
    const { id, status = "", progressDetail, error } = JSON.parse(text) as Line;
    if (error !== undefined) throw new EngineError("refused", error);
    if (id === undefined || !/^[0-9a-f]{12}$/.test(id)) continue;
    const layer = layers.get(id) ?? { current: 0, total: 0, done: false };
    if (status === "Downloading")
      Object.assign(layer, {
        current: progressDetail?.current ?? layer.current,
        total: progressDetail?.total ?? layer.total,
      });
    if (/^(?:Pull complete|Already exists)$/.test(status)) Object.assign(layer, { current: layer.total, done: true });
    layers.set(id, layer);
    const all = [...layers.values()];
    onProgress?.({
      layers: all.length,
      layersDone: all.filter(({ done }) => done).length,
      bytes: all.reduce((sum, { current }) => sum + current, 0),
      bytesTotal: all.reduce((sum, { total }) => sum + total, 0),
    });
  }
}

import type { IncomingMessage } from "node:http";
import { EngineError } from "../errors";
import { objectsIn } from "./objects-in";

/** How far a pull has come. */
export interface Progress {
  readonly layers: number;
  readonly layersDone: number;
  readonly bytes: number;
  /** Of the layers whose size is known by now. */
  readonly bytesTotal: number;
  /** All is there, and layers are still unpacked. */
  readonly isUnpacking: boolean;
  /** No layer is on its way: each that is left waits for its turn among all that the engine pulls, or for its registry. */
  readonly isWaiting: boolean;
}

interface Line {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  /** What a load says. */
  readonly stream?: string;
}

/** The lines of an answer. An engine that fails after it began says so in one of them, under a 200. */
async function* linesOf(answer: IncomingMessage): AsyncGenerator<Line> {
  for await (const line of objectsIn<Line>(answer)) {
    if (line.error !== undefined) throw new EngineError("refused", line.error);
    yield line;
  }
}

/** Reads the stream of a load to its end, and tells the images that it brought: by name, or by id where one has no name. */
export async function followLoad(answer: IncomingMessage): Promise<readonly string[]> {
  const loaded: string[] = [];
  for await (const { stream = "" } of linesOf(answer)) {
    const [, image] = /^Loaded image(?: ID)?: (\S+)/.exec(stream) ?? [];
    if (image !== undefined) loaded.push(image);
  }
  return loaded;
}

interface Layer {
  readonly current: number;
  readonly total: number;
  readonly state: "waiting" | "downloading" | "unpacking" | "done";
}

/** What is known of a layer after one more line about it. */
function advanced(layer: Layer, { status = "", progressDetail: { current, total } = {} }: Line): Layer {
  switch (status) {
    case "Downloading":
      return { current: current ?? layer.current, total: total ?? layer.total, state: "downloading" };
    case "Verifying Checksum":
    case "Download complete":
    case "Extracting":
      return { ...layer, current: layer.total, state: "unpacking" };
    case "Pull complete":
    case "Already exists":
      return { ...layer, current: layer.total, state: "done" };
    default:
      return layer;
  }
}

/** Reads the stream of a pull to its end. */
export async function followPull(answer: IncomingMessage, onProgress?: (progress: Progress) => void): Promise<void> {
  const layers = new Map<string, Layer>();
  for await (const line of linesOf(answer)) {
    const { id } = line;
    if (id !== undefined && /^[0-9a-f]{12}$/.test(id))
      layers.set(id, advanced(layers.get(id) ?? { current: 0, total: 0, state: "waiting" }, line));
    const all = [...layers.values()];
    const left = all.filter(({ state }) => state !== "done");
    onProgress?.({
      layers: all.length,
      layersDone: all.length - left.length,
      bytes: all.reduce((sum, { current }) => sum + current, 0),
      bytesTotal: all.reduce((sum, { total }) => sum + total, 0),
      isUnpacking: left.length > 0 && left.every(({ state }) => state === "unpacking"),
      isWaiting: left.length > 0 && left.every(({ state }) => state === "waiting"),
    });
  }
}

/** `longshore graph`: what there is, and what would change, as a picture. */
import { writeFileSync } from "node:fs";
import { FileError, readJson } from "../constructs/json-file";
import { SynthesisError } from "../constructs/validation";
import { CommandError } from "./command";
import { fromJob } from "./graph/from-job";
import { fromPreview } from "./graph/from-preview";
import { type Found, SourceError, fromState } from "./graph/from-state";
import { toMermaid } from "./graph/mermaid";
import { toGraph } from "./graph/model";
import { toSvg } from "./graph/svg";

const formats = { svg: toSvg, mermaid: toMermaid } as const;
export type Format = keyof typeof formats;

/** Where to read from; `-` is the standard input. */
export interface GraphSources {
  readonly state?: string | undefined;
  readonly preview?: string | undefined;
  readonly job?: string | undefined;
  readonly plugin?: string | undefined;
}

export interface GraphOptions extends GraphSources {
  readonly format: Format;
  readonly title: string | undefined;
}

type Read = (path: string) => unknown;

/** Reads a file, or what is piped in. */
export async function readerOf(stdin: NodeJS.ReadStream, sources: GraphSources): Promise<Read> {
  if (!Object.values(sources).includes("-")) return readJson;
  let text = "";
  for await (const part of stdin.setEncoding("utf8")) text += String(part);
  return (path) => {
    if (path !== "-") return readJson(path);
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      throw new FileError(`the standard input is not JSON: ${(error as Error).message}`);
    }
  };
}

function found(path: string | undefined, what: string, read: Read, from: (read: unknown) => Found): Found | undefined {
  if (path === undefined) return undefined;
  try {
    return from(read(path));
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new FileError(`${path === "-" ? "the standard input" : path} is not a ${what}: ${error.message}`);
  }
}

function graphText({ state, preview, job, plugin, format, title }: GraphOptions, read: Read): string {
  const draw = formats[format];
  if (job !== undefined) {
    const { job: name, items } = fromJob(read(job), plugin === undefined ? undefined : read(plugin));
    return draw(toGraph(title ?? name, items));
  }
  const there = found(state, "state", read, fromState);
  const coming = found(preview, "preview", read, fromPreview);
  const stacks = new Set([there?.stack, coming?.stack].filter((one) => one !== undefined));
  if (stacks.size > 1)
    throw new CommandError(`the state and the preview are of two stacks, ${[...stacks].join(" and ")}; give one's`);
  // What a preview says of a resource is newer; of what stays it says nothing.
  const items = new Map([...(there?.items ?? []), ...(coming?.items ?? [])]);
  return draw(toGraph(title ?? [...stacks][0] ?? "no resources", [...items.values()], there !== undefined));
}

/** What to print, or all that is wrong with a job file. */
export function graphed(options: GraphOptions, read: Read): { readonly text: string } | { readonly refused: string } {
  try {
    return { text: graphText(options, read) };
  } catch (error) {
    if (error instanceof SynthesisError) return { refused: error.message };
    throw error;
  }
}

export function writeOut(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new FileError(`${path} cannot be written: ${(error as Error).message}`);
  }
}

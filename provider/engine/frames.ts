/** The two outputs of a program in one stream, as the engine frames them: eight bytes of head, then that many of text. */
import { EngineError } from "../errors";

/** A piece of what a program wrote. */
export interface Piece {
  readonly stream: "stdout" | "stderr";
  readonly data: Buffer;
}

const headSize = 8;
/** The engine's own words, in a stream that it began and cannot go on with. */
const systemError = 3;

/** Takes frames apart as they come, each whole. */
export class Frames {
  private rest: Buffer = Buffer.alloc(0);

  add(chunk: Buffer): readonly Piece[] {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const pieces: Piece[] = [];
    for (;;) {
      const size = this.rest.length < headSize ? Infinity : headSize + this.rest.readUInt32BE(4);
      if (this.rest.length < size) return pieces;
      const [kind] = this.rest;
      const data = this.rest.subarray(headSize, size);
      this.rest = this.rest.subarray(size);
      if (kind === systemError) throw new EngineError("internal", data.toString("utf8").trim());
      pieces.push({ stream: kind === 2 ? "stderr" : "stdout", data });
    }
  }
}

/** The pieces of a stream: in frames, or of a terminal, which has one output. */
export async function* piecesOf(source: AsyncIterable<Buffer>, isTerminal: boolean): AsyncGenerator<Piece> {
  const frames = new Frames();
  try {
    for await (const chunk of source)
      if (isTerminal) yield { stream: "stdout", data: chunk };
      else yield* frames.add(chunk);
  } catch (error) {
    if (error instanceof EngineError || (error as Error).name === "AbortError") throw error;
    throw new EngineError("lost", `the connection to the engine broke: ${(error as Error).message}`);
  }
}

/** All text of a log, whether it is framed or not. */
export const unframed = (log: Buffer): Buffer =>
  (log[0] ?? 0) > 2 || log[1] !== 0 ? log : Buffer.concat(new Frames().add(log).map(({ data }) => data));

/** Two outputs in one stream, however it is cut. */
import { Frames, piecesOf, unframed } from "../../provider/engine/frames";

function frame(kind: number, text: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = kind;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

const all = Buffer.concat([frame(1, "out\n"), frame(2, "err ä\n"), frame(1, ""), frame(1, "x".repeat(70_000))]);

test.each([1, 3, 7, 8, 9, 1000, 1_000_000])("in chunks of %d bytes", (size) => {
  const frames = new Frames();
  const pieces = Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    frames.add(all.subarray(index * size, (index + 1) * size)),
  ).flat();
  expect(pieces.map(({ stream, data }) => [stream, data.toString().slice(0, 10)])).toEqual([
    ["stdout", "out\n"],
    ["stderr", "err ä\n"],
    ["stdout", ""],
    ["stdout", "x".repeat(10)],
  ]);
});

test("what the engine itself says in it is its failure", () =>
  expect(() => new Frames().add(frame(3, "no more"))).toThrow("no more"));

test("a connection that breaks is the engine's", async () => {
  async function* broken() {
    yield await Promise.resolve(frame(1, "out"));
    throw new Error("read ECONNRESET");
  }
  const read = async () => {
    for await (const _ of piecesOf(broken(), false));
  };
  await expect(read()).rejects.toMatchObject({ name: "EngineError", kind: "lost" });
});

test("a log with frames and one without", () => {
  expect(unframed(Buffer.concat([frame(1, "a\n"), frame(2, "b\n")])).toString()).toBe("a\nb\n");
  expect(unframed(Buffer.from("as it is\n")).toString()).toBe("as it is\n");
  expect(unframed(Buffer.alloc(0)).toString()).toBe("");
});

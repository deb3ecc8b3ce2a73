/** The lines of an answer, each of them JSON. Not by node:readline, for which a connection that breaks is an end like any other. */
export async function* objectsIn<T>(answer: AsyncIterable<Buffer>): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  const read = (text: string) => (text.trim() === "" ? [] : [JSON.parse(text) as T]);
  let rest = "";
  for await (const chunk of answer) {
    const texts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = texts.pop() ?? "";
    yield* texts.flatMap(read);
  }
  yield* read(rest);
}

/** What is said of an engine's address before anything is sent to it. */
import { ifReachable } from "../../provider/handlers/engine-of";

const saidOf = async (endpoint: string, tls?: object): Promise<readonly string[]> => {
  const said = jest.spyOn(console, "error").mockImplementation(() => undefined);
  await ifReachable({ endpoint, tls }, () => Promise.resolve(true));
  const texts = said.mock.calls.map(([text]) => String(text));
  said.mockRestore();
  return texts;
};

test("an engine that a network reaches without TLS is warned of, once", async () => {
  expect(await saidOf("tcp://192.0.2.1:2375")).toEqual([
    expect.stringMatching(
      /^warning: the engine at tcp:\/\/192.0.2.1:2375 .* without TLS: whoever reaches that address is root/,
    ),
  ]);
  expect(await saidOf("tcp://192.0.2.1:2375")).toEqual([]);
});

test.each([
  ["tcp://127.0.0.1:2375", undefined],
  ["tcp://[::1]:2375", undefined],
  ["tcp://192.0.2.2:2376", { ca: "ca.pem" }],
  ["https://192.0.2.3", undefined],
  ["ssh://192.0.2.4", undefined],
])("%s with %j is not", async (endpoint, tls) => expect(await saidOf(endpoint, tls)).toEqual([]));

/** A proxy in front of the engine that counts the calls of one command after another. */
import { Agent, createServer, request } from "node:http";
import { rmSync } from "node:fs";
import { target } from "./engine.mjs";

/** A path without what differs from object to object. */
const shape = (url) =>
  url
    .replace(/\?.*/, "")
    .replace(/^\/v\d+\.\d+/, "")
    .replace(/^\/(containers|networks|volumes|exec)\/(?!json\b|create\b|prune\b)[^/]+/, "/$1/*")
    .replace(/^\/(images|distribution)\/(?!json$|create\b|load\b).+?(?=\/json$|\/push$|$)/, "/$1/*");

/** Calls by kind: how many, how many refused, and milliseconds in all. */
function summed(calls) {
  const kinds = {};
  for (const { kind, ms, refused } of calls) {
    const sum = (kinds[kind] ??= { calls: 0, refused: 0, ms: 0 });
    sum.calls++;
    sum.refused += refused;
    sum.ms += ms;
  }
  return kinds;
}

export async function startProxy(socket) {
  const agent = new Agent({ keepAlive: true });
  let calls = [];
  let open = 0;
  let mostOpen = 0;
  const server = createServer((asked, answer) => {
    const began = performance.now();
    const call = { kind: `${asked.method} ${shape(asked.url)}`, ms: 0, refused: 0 };
    calls.push(call);
    mostOpen = Math.max(mostOpen, ++open);
    const { method, url: path, headers } = asked;
    const passed = request({ ...target, agent, method, path, headers }, (answered) => {
      call.refused = Number(answered.statusCode >= 400);
      answer.writeHead(answered.statusCode, answered.headers);
      answered.pipe(answer);
    });
    passed.on("error", (error) => answer.destroy(error));
    answer.on("close", () => {
      open--;
      call.ms = performance.now() - began;
      if (!answer.writableFinished) passed.destroy();
    });
    asked.pipe(passed);
  });
  rmSync(socket, { force: true });
  await new Promise((done) => server.listen(socket, done));
  return {
    endpoint: `unix://${socket}`,
    /** What was called since the last time. */
    take() {
      const taken = { calls: calls.length, mostOpen, kinds: summed(calls) };
      calls = [];
      mostOpen = open;
      return taken;
    },
    close() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}

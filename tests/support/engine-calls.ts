/** In front of the engine: hands on all calls, and tells what was asked. */
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engine } from "./engine";

export interface Call {
  readonly method: string;
  /** Without the version, with its query. */
  readonly path: string;
  readonly status: number;
  /** What `X-Registry-Auth` says. */
  readonly auth?: Readonly<Record<string, string>>;
}

export interface EngineCalls {
  /** The plugin option. */
  readonly endpoint: string;
  /** What was answered since the last time. */
  take(): readonly Call[];
  stop(): void;
}

/** @param hides calls that this engine does not know */
export async function startEngineCalls(hides: (path: string) => boolean = () => false): Promise<EngineCalls> {
  const socketPath = engine.endpoint.url.replace(/^unix:\/\//, "");
  const path = join(tmpdir(), `longshore-calls-${randomUUID().slice(0, 8)}.sock`);
  let calls: Call[] = [];
  const server = createServer((asked, answer) => {
    const { method = "", url = "", headers } = asked;
    const plain = url.replace(/^\/v\d+\.\d+/, "");
    if (hides(plain)) return void answer.writeHead(404, { "content-type": "text/plain" }).end("404 page not found");
    const passed = request({ socketPath, method, path: url, headers }, (answered) => {
      const header = headers["x-registry-auth"];
      const auth =
        typeof header === "string"
          ? (JSON.parse(Buffer.from(header, "base64url").toString()) as Call["auth"])
          : undefined;
      calls.push({ method, path: plain, status: answered.statusCode ?? 0, ...(auth && { auth }) });
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    answer.on("close", () => passed.destroy());
    asked.pipe(passed);
  });
  await new Promise<void>((listening) => server.listen(path, listening));
  return {
    endpoint: `unix://${path}`,
    take() {
      const taken = calls;
      calls = [];
      return taken;
    },
    stop() {
      server.closeAllConnections();
      server.close();
      rmSync(path, { force: true });
    },
  };
}

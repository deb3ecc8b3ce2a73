/** In front of the tests' engine, in the test's process: hands on what is asked, or does as other engines and proxies do. */
import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingMessage, type ServerResponse, createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engine } from "./engine";

export interface EngineFault {
  /** Of the path, without the version: `/images/create` */
  readonly at: RegExp;
  /** How often; the next ones pass. @default always */
  readonly times?: number;
  /** `broken`: ends the connection with the first part of its answer. */
  readonly what: "broken" | { readonly status: number; readonly body: string };
}

/** What an engine was asked. */
export interface Call {
  readonly method: string;
  /** With its query, and without the version. */
  readonly path: string;
  /** What `X-Registry-Auth` says. */
  readonly auth?: Readonly<Record<string, string>>;
}

export interface EngineFront {
  /** `unix:///tmp/…` */
  readonly endpoint: string;
  readonly calls: readonly Call[];
  set(...faults: readonly EngineFault[]): void;
  /** Nobody listens for a while. */
  away(ms: number): Promise<void>;
  stop(): void;
}

const callOf = ({ method = "", url = "/", headers: { "x-registry-auth": header } }: IncomingMessage): Call => ({
  method,
  path: url.replace(/^\/v\d+\.\d+/, ""),
  ...(typeof header === "string" && {
    auth: JSON.parse(Buffer.from(header, "base64url").toString()) as Readonly<Record<string, string>>,
  }),
});

export async function startEngineFront(): Promise<EngineFront> {
  const dir = mkdtempSync(join(tmpdir(), "longshore-front-"));
  const path = join(dir, "engine.sock");
  const behind = engine.endpoint.url.replace(/^unix:\/\//, "");
  const calls: Call[] = [];
  let faults: { readonly fault: EngineFault; left: number }[] = [];

  const server = createServer((incoming: IncomingMessage, answer: ServerResponse) => {
    const { method, url = "/", headers } = incoming;
    const call = callOf(incoming);
    calls.push(call);
    const found = faults.find(({ fault, left }) => left > 0 && fault.at.test(call.path));
    if (found) found.left--;
    const what = found?.fault.what;
    if (typeof what === "object") {
      answer.writeHead(what.status, { "content-type": "text/plain" }).end(what.body);
      return;
    }
    const onward = request({ socketPath: behind, method, path: url, headers, agent: false }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      if (what === "broken") answered.once("data", (part) => answer.write(part, () => answer.destroy()));
      else answered.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    answer.on("close", () => onward.destroy());
    incoming.pipe(onward);
  });
  const listen = () => new Promise<void>((listening) => server.listen(path, listening));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  await listen();
  return {
    endpoint: `unix://${path}`,
    calls,
    set: (...wanted) => (faults = wanted.map((fault) => ({ fault, left: fault.times ?? Infinity }))),
    async away(ms) {
      close();
      await new Promise((next) => setTimeout(next, ms));
      await listen();
    },
    stop() {
      close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

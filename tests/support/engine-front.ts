/** In front of the tests' engine, in the test's process: hands on what is asked, or does as other engines and proxies do. */
import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingMessage, type ServerResponse, createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engine } from "./engine";

/** What goes wrong with a call. */
export type Wrong =
  /** The connection ends with the first part of the engine's answer. */
  | "broken"
  /** The connection ends before the engine hears of it. */
  | "cut before"
  /** The engine does it, and the connection ends without an answer. */
  | "cut after"
  /** The engine never hears of it, and nobody answers. */
  | "silent before"
  /** The engine does it, and nobody answers. */
  | "silent after"
  /** An answer that is not the engine's; `after` the engine did what was asked. */
  | { readonly status: number; readonly body: string; readonly after?: true };

export interface EngineFault {
  /** Of the method and the path, without the version: `POST /images/create` */
  readonly at: RegExp;
  /** How often; the next ones pass. @default always */
  readonly times?: number;
  /** How many pass before. @default 0 */
  readonly skip?: number;
  readonly what: Wrong;
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
  /** How many calls a fault was done to. */
  readonly hits: number;
  set(...faults: readonly EngineFault[]): void;
  /** Nobody listens from now on. */
  leave(): void;
  /** Listens again. */
  back(): Promise<void>;
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
  let faults: { readonly fault: EngineFault; skip: number; left: number }[] = [];
  let hits = 0;

  const wrongOf = ({ method, path: asked }: Call): Wrong | undefined => {
    const found = faults.find(({ fault, left }) => left > 0 && fault.at.test(`${method} ${asked}`));
    if (!found || found.skip-- > 0) return undefined;
    found.left--;
    hits++;
    return found.fault.what;
  };
  const say = (answer: ServerResponse, { status, body }: { readonly status: number; readonly body: string }) =>
    answer.writeHead(status, { "content-type": "text/plain" }).end(body);

  const server = createServer((incoming: IncomingMessage, answer: ServerResponse) => {
    const { method, url = "/", headers } = incoming;
    const call = callOf(incoming);
    calls.push(call);
    const what = wrongOf(call);
    if (what === "silent before") return void incoming.resume();
    if (what === "cut before") return void incoming.socket.destroy();
    if (typeof what === "object" && !what.after) return void say(answer, what);
    const onward = request({ socketPath: behind, method, path: url, headers, agent: false }, (answered) => {
      if (what === "cut after" || what === "silent after" || typeof what === "object") {
        answered.resume().once("end", () => {
          if (what === "cut after") incoming.socket.destroy();
          else if (typeof what === "object") say(answer, what);
        });
        return;
      }
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
    get hits() {
      return hits;
    },
    set(...wanted) {
      faults = wanted.map((fault) => ({ fault, skip: fault.skip ?? 0, left: fault.times ?? Infinity }));
    },
    leave: close,
    back: listen,
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

/** In front of a registry, in the test's process: hands on what is asked, or fails as registries and networks do. */
import { type IncomingMessage, type ServerResponse, createServer, request as httpRequest } from "node:http";
import { createServer as createTlsServer, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import type { Registry } from "./registry";

/** What is asked of a registry; `other` is its greeting, `/v2/`. */
export type Asked = "manifest" | "config" | "layer" | "other";

/** What happens to an answer. */
export type Fault = {
  /** What it happens to. @default manifests; layers for slow, stall, cut and corrupt */
  readonly on?: Asked | readonly Asked[];
  /** How often; the next ones pass. @default always */
  readonly times?: number;
} & (
  | {
      readonly what: "status";
      readonly status: number;
      /** In seconds: the header Retry-After. */
      readonly retryAfter?: number;
      /** As registries name it. @default what the status means */
      readonly code?: string;
      readonly message?: string;
    }
  /** To the same path elsewhere: `http://127.0.0.1:40123`. */
  | { readonly what: "redirect"; readonly to: string }
  | { readonly what: "slow"; readonly bytesPerSecond: number }
  /** Takes the request, and never answers. */
  | { readonly what: "silent" }
  /** Stops in the middle, and stays open. */
  | { readonly what: "stall" }
  /** Ends the connection in the middle. */
  | { readonly what: "cut" }
  /** Turns the bits of one byte. */
  | { readonly what: "corrupt" }
  /** Another manifest than its digest says. Engines look at that when they pull by digest. */
  | { readonly what: "wrongDigest" }
  /** Does not say the digest of a manifest. */
  | { readonly what: "noDigest" }
  /** Nobody listens; whatever is asked. */
  | { readonly what: "refuse" }
);

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly asked: Asked;
  readonly authorization: string | undefined;
  readonly fault: Fault["what"] | undefined;
}

export interface FaultyRegistry {
  /** `127.0.0.1:40124` */
  readonly host: string;
  readonly requests: readonly Seen[];
  /** From now on these, and none of before. Of several that fit, the first happens. */
  set(...faults: readonly Fault[]): Promise<void>;
  /** No faults any more. What is silent or stalled by then stays so. */
  clear(): Promise<void>;
  stop(): void;
}

const codes: Readonly<Record<number, string>> = { 401: "UNAUTHORIZED", 403: "DENIED", 429: "TOOMANYREQUESTS" };

const ofLayers: readonly Fault["what"][] = ["slow", "stall", "cut", "corrupt"];

const fits = ({ on, what }: Fault, asked: Asked) =>
  [on ?? (ofLayers.includes(what) ? "layer" : "manifest")].flat().includes(asked);

/** Sends a body with one of the faults that happen to bodies. */
async function sendBody(fault: Fault | undefined, answered: IncomingMessage, answer: ServerResponse): Promise<void> {
  const head = { ...answered.headers };
  if (fault?.what === "wrongDigest" || fault?.what === "noDigest") delete head["docker-content-digest"];
  const { statusCode: status = 502 } = answered;
  // 206: an engine goes on where it was cut.
  if (fault === undefined || (status !== 200 && status !== 206)) {
    answer.writeHead(status, head);
    answered.pipe(answer);
    return;
  }
  const body = await buffer(answered);
  const middle = Math.floor(body.length / 2);
  if (fault.what === "wrongDigest" && body.length > 0) {
    answer
      .writeHead(status, { ...head, "content-length": body.length + 1 })
      .end(Buffer.concat([body, Buffer.from("\n")]));
    return;
  }
  answer.writeHead(status, head);
  if (fault.what === "stall") answer.write(body.subarray(0, middle));
  else if (fault.what === "cut") answer.write(body.subarray(0, middle), () => answer.destroy());
  else if (fault.what === "slow") {
    const step = Math.max(1, Math.ceil(fault.bytesPerSecond / 20));
    for (let sent = 0; sent < body.length && !answer.destroyed; sent += step) {
      answer.write(body.subarray(sent, sent + step));
      await wait(50);
    }
    answer.end();
  } else {
    if (fault.what === "corrupt" && body.length > 0) body.writeUInt8(body.readUInt8(middle) ^ 0xff, middle);
    answer.end(body);
  }
}

/** @param tls the key and certificate with which it speaks TLS; without, plain HTTP */
export async function startFaultyRegistry(
  registry: Pick<Registry, "url" | "isConfig">,
  tls?: { readonly key: Buffer; readonly cert: Buffer },
): Promise<FaultyRegistry> {
  const requests: Seen[] = [];
  let faults: { readonly fault: Fault; left: number }[] = [];
  const take = (asked: Asked): Fault | undefined => {
    const found = faults.find(({ fault, left }) => left > 0 && fits(fault, asked));
    if (found) found.left--;
    return found?.fault;
  };
  const askedOf = (path: string): Asked => {
    if (path.includes("/manifests/")) return "manifest";
    const [, digest] = /\/blobs\/(sha256:\w+)/.exec(path) ?? [];
    return digest === undefined ? "other" : registry.isConfig(digest) ? "config" : "layer";
  };

  const answerTo = (incoming: IncomingMessage, answer: ServerResponse) => {
    const { method = "GET", url: path = "/", headers } = incoming;
    const asked = askedOf(path);
    const fault = take(asked);
    requests.push({ method, path, asked, authorization: headers.authorization, fault: fault?.what });
    if (fault?.what === "silent") return;
    if (fault?.what === "redirect") return void answer.writeHead(307, { location: `${fault.to}${path}` }).end();
    if (fault?.what === "status") {
      const { code = codes[fault.status] ?? "FAULT", message = `the test's fault ${fault.status}` } = fault;
      const text = JSON.stringify({ errors: [{ code, message }] });
      const more = {
        ...(fault.retryAfter !== undefined && { "retry-after": String(fault.retryAfter) }),
        ...(fault.status === 401 && { "www-authenticate": 'Basic realm="test"' }),
      };
      return void answer.writeHead(fault.status, { "content-type": "application/json", ...more }).end(text);
    }
    const behind = (registry.url.startsWith("https:") ? httpsRequest : httpRequest)(
      new URL(path, registry.url),
      { method, headers, agent: false, rejectUnauthorized: false },
      (answered) => void sendBody(fault, answered, answer).catch(() => answer.destroy()),
    );
    behind.on("error", () => answer.destroy());
    answer.on("close", () => behind.destroy());
    incoming.pipe(behind);
  };
  const server = tls ? createTlsServer(tls, answerTo) : createServer(answerTo);
  // What is silent is so for as long as the test wants.
  server.requestTimeout = 0;
  const listen = (port: number) => new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
  await listen(0);
  const { port } = server.address() as AddressInfo;

  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  const set: FaultyRegistry["set"] = async (...wanted) => {
    faults = wanted.map((fault) => ({ fault, left: fault.times ?? Infinity }));
    const refuses = wanted.some(({ what }) => what === "refuse");
    if (refuses && server.listening) close();
    if (!refuses && !server.listening) await listen(port);
  };
  return {
    host: `127.0.0.1:${port}`,
    requests,
    set,
    clear: () => set(),
    stop: close,
  };
}

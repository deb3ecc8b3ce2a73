/** HTTP to an engine, over any transport: versions negotiated, errors in one shape. */
import { createReadStream, statSync } from "node:fs";
import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import type { Duplex } from "node:stream";
import { EngineError, failureOf } from "../errors";
import type { Endpoint } from "./endpoint";
import { firstSilenceMs, silenceMs } from "./limits";
import { SshError } from "./ssh";
import { timeLimitSignal } from "./time-limit";
import { tlsWanted, wantsTls } from "./tls";
import { type Transport, transportTo } from "./transport";
import { elsewhere, unreachable, whereabouts } from "./unreachable";

/** The newest API that longshore is tested with; an older engine is spoken to in its own. */
const newest = "1.47";

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
  /** `/containers/create` */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** A body that is not JSON. */
  readonly raw?: { readonly type: string; readonly data: Buffer };
  /** A body that is a file: sent as it is read. */
  readonly file?: {
    readonly type: string;
    readonly path: string;
    /** Is told how many bytes are on the way. */
    readonly onSent?: ((bytes: number) => void) | undefined;
  };
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the engine may be silent. @default 5 minutes */
  readonly silenceMs?: number;
  readonly signal?: AbortSignal;
}

export interface Http {
  readonly endpoint: Endpoint;
  /** The answer's JSON, or its text, or undefined when it is empty. */
  json<T>(call: Call): Promise<T>;
  /** The answer itself, for streams. */
  stream(call: Call): Promise<IncomingMessage>;
  /** The connection itself, once the engine has taken the call: from then on it is a program's input and output. */
  hijack(call: Call): Promise<Duplex>;
  /** Whether the engine has answered anything yet. */
  hasAnswered(): boolean;
  close(): void;
}

const older = (a: string, b: string): string => {
  const [aMajor = 0, aMinor = 0] = a.split(".").map(Number);
  const [bMajor = 0, bMinor = 0] = b.split(".").map(Number);
  return aMajor < bMajor || (aMajor === bMajor && aMinor < bMinor) ? a : b;
};

/** The user's own bound, as the docker command takes it. */
function newestWanted(): string {
  const wanted = process.env.DOCKER_API_VERSION?.replace(/^v/, "");
  if (!wanted) return newest;
  if (/^\d+\.\d+$/.test(wanted)) return older(wanted, newest);
  throw new EngineError(
    "unreachable",
    `DOCKER_API_VERSION is "${wanted}", which is no version; write 1.41, or unset it`,
  );
}

const queryText = (query: Call["query"] = {}) => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0
    ? ""
    : `?${new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)])).toString()}`;
};

const readAll = async (answer: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
};

const messageOf = (text: string): string => {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text.trim();
  }
};

export function http(endpoint: Endpoint): Http {
  let opened: Transport | undefined;
  // The engine has answered something: from then on a failure may come after what was asked was done.
  let answered = false;
  const at = whereabouts(endpoint);

  const send = (prefix: string, call: Call, began?: (request: ClientRequest) => void) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const { agent, obstacle } = (opened ??= transportTo(endpoint));
      const body = call.raw?.data ?? (call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body)));
      const signals = [call.signal, timeLimitSignal()].filter((signal) => signal !== undefined);
      const signal = signals.length > 0 ? AbortSignal.any(signals) : undefined;
      const request = httpRequest({
        agent,
        method: call.method,
        path: `${prefix}${call.path}${queryText(call.query)}`,
        headers: {
          host: "docker",
          ...(body && { "content-type": call.raw?.type ?? "application/json", "content-length": body.length }),
          ...(call.file && { "content-type": call.file.type, "content-length": statSync(call.file.path).size }),
          ...call.headers,
        },
        ...(signal && { signal }),
      });
      let connected = false;
      request.on("socket", (socket) => {
        if (socket.connecting) socket.once("connect", () => (connected = true));
        else connected = true;
      });
      request.setTimeout(call.silenceMs ?? silenceMs, () =>
        request.destroy(
          new EngineError("lost", `the engine at ${at} said nothing for too long to ${call.method} ${call.path}`),
        ),
      );
      request.on("error", (error) =>
        reject(
          error instanceof EngineError || signal?.aborted
            ? error
            : connected && answered && !(error instanceof SshError)
              ? new EngineError(
                  "lost",
                  `the connection to the engine at ${at} broke in ${call.method} ${call.path}: ${error.message}`,
                )
              : unreachable(endpoint, obstacle(error)),
        ),
      );
      request.on("response", resolve);
      began?.(request);
      if (!call.file) return void request.end(body);
      const { path, onSent } = call.file;
      const file = createReadStream(path);
      if (onSent) {
        let sent = 0;
        file.on("data", (chunk) => onSent((sent += chunk.length)));
      }
      file.on("error", (error) => request.destroy(error));
      request.on("close", () => file.destroy());
      file.pipe(request);
    });

  /** The engine's version, or ours, whichever is older. */
  async function negotiate(): Promise<string> {
    const most = newestWanted();
    const answer = await send("", { method: "GET", path: "/_ping", silenceMs: firstSilenceMs });
    const text = await readAll(answer);
    const version = answer.headers["api-version"];
    if (wantsTls(text)) throw unreachable(endpoint, tlsWanted);
    if (version === undefined && answer.statusCode !== 200)
      throw unreachable(endpoint, {
        reason: `what answers there is no Docker engine (${answer.statusCode} ${text.trim().slice(0, 80)})`,
        wayOut: elsewhere,
      });
    answered = true;
    return `/v${older(String(version ?? newest), most)}`;
  }

  let negotiated: Promise<string> | undefined;
  const prefix = () =>
    (negotiated ??= negotiate().catch((error: unknown) => {
      negotiated = undefined;
      throw error;
    }));

  const stream = async (call: Call, began?: (request: ClientRequest) => void): Promise<IncomingMessage> => {
    const answer = await send(await prefix(), call, began);
    const status = answer.statusCode ?? 500;
    if (status < 400) return answer;
    const message = messageOf(await readAll(answer));
    const kind = failureOf(status, message);
    // What a registry said through the engine tells by itself what it is about.
    const isRegistrys = /^\/(?:images\/create|distribution\/)/.test(call.path);
    throw new EngineError(
      kind,
      kind === "internal" && !isRegistrys
        ? `the engine at ${at} failed in ${call.method} ${call.path}: ${message}`
        : message,
    );
  };

  const hijack = (call: Call) =>
    new Promise<Duplex>((resolve, reject) => {
      const headers = { ...call.headers, connection: "Upgrade", upgrade: "tcp" };
      stream({ ...call, headers }, (request) =>
        request.on("upgrade", (_, socket: Duplex, head: Buffer) => {
          // From here on silence means nothing.
          request.setTimeout(0);
          if (head.length > 0) socket.unshift(head);
          resolve(socket);
        }),
      ).then(
        (answer) => {
          answer.destroy();
          reject(
            new EngineError(
              "internal",
              `the engine at ${at} answered ${call.path} without handing its connection over; something between takes Upgrade away`,
            ),
          );
        },
        (error: unknown) => reject(error as Error),
      );
    });

  return {
    endpoint,
    stream: (call) => stream(call),
    hijack,
    hasAnswered: () => answered,
    async json<T>(call: Call) {
      const answer = await stream(call);
      try {
        const text = await readAll(answer);
        return (
          text === "" ? undefined : answer.headers["content-type"]?.includes("json") ? JSON.parse(text) : text
        ) as T;
      } catch (error) {
        throw new EngineError(
          "lost",
          `the connection to the engine at ${at} broke in ${call.method} ${call.path}: ${String(error)}`,
        );
      }
    },
    close: () => opened?.close(),
  };
}

/** HTTP to an engine: one keep-alive connection pool, versions negotiated, errors in one shape. */
import { Agent, type IncomingMessage, request as httpRequest, type RequestOptions } from "node:http";
import { createReadStream, statSync } from "node:fs";
import { EngineError, failureOf } from "../errors";
import type { Endpoint } from "./endpoint";

/** The newest API that longshore is tested with; an older engine is spoken to in its own. */
const newest = "1.47";
const minutes = 60_000;

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
  /** `/containers/create` */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** A body that is not JSON. */
  readonly raw?: { readonly type: string; readonly data: Buffer };
  /** A body that is a file: sent as it is read. */
  readonly file?: { readonly type: string; readonly path: string };
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
  close(): void;
}

const older = (a: string, b: string): string => {
  const [aMajor = 0, aMinor = 0] = a.split(".").map(Number);
  const [bMajor = 0, bMinor = 0] = b.split(".").map(Number);
  return aMajor < bMajor || (aMajor === bMajor && aMinor < bMinor) ? a : b;
};

function target({ url, saidBy }: Endpoint): RequestOptions {
  const unix = /^unix:\/\/(.+)$/.exec(url);
  if (unix?.[1]) return { socketPath: unix[1] };
  const pipe = /^npipe:\/\/(.+)$/.exec(url);
  if (pipe?.[1]) return { socketPath: pipe[1].replace(/\//g, "\\") };
  const tcp = /^(?:tcp|http):\/\/(\[[^\]]+\]|[^/:]+)(?::(\d+))?\/?$/.exec(url);
  if (tcp?.[1]) return { host: tcp[1].replace(/^\[(.*)\]$/, "$1"), port: Number(tcp[2] ?? 2375) };
  throw new Error(
    `${saidBy} is "${url}", which is no endpoint longshore can reach; write unix:///path, npipe:////./pipe/name or tcp://host:port`,
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
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const where = target(endpoint);
  const at = `${endpoint.url} (from ${endpoint.saidBy})`;

  const send = (prefix: string, call: Call) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const body = call.raw?.data ?? (call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body)));
      const request = httpRequest({
        ...where,
        agent,
        method: call.method,
        path: `${prefix}${call.path}${queryText(call.query)}`,
        headers: {
          ...(body && { "content-type": call.raw?.type ?? "application/json", "content-length": body.length }),
          ...(call.file && { "content-type": call.file.type, "content-length": statSync(call.file.path).size }),
          ...call.headers,
        },
        ...(call.signal && { signal: call.signal }),
      });
      let connected = false;
      request.on("socket", (socket) => {
        if (socket.connecting) socket.once("connect", () => (connected = true));
        else connected = true;
      });
      request.setTimeout(call.silenceMs ?? 5 * minutes, () =>
        request.destroy(
          new EngineError("lost", `the engine at ${at} said nothing for too long to ${call.method} ${call.path}`),
        ),
      );
      request.on("error", (error) =>
        reject(
          error instanceof EngineError || call.signal?.aborted
            ? error
            : connected
              ? new EngineError(
                  "lost",
                  `the connection to the engine at ${at} broke in ${call.method} ${call.path}: ${error.message}`,
                )
              : new EngineError(
                  "unreachable",
                  `no engine answers at ${at}: ${error.message}; start it, or say where it is with DOCKER_HOST or the plugin option endpoint`,
                ),
        ),
      );
      request.on("response", resolve);
      if (!call.file) return void request.end(body);
      const file = createReadStream(call.file.path);
      file.on("error", (error) => request.destroy(error));
      request.on("close", () => file.destroy());
      file.pipe(request);
    });

  let negotiated: Promise<string> | undefined;
  const prefix = () =>
    (negotiated ??= send("", { method: "GET", path: "/_ping", silenceMs: 30_000 }).then(
      async (answer) => {
        await readAll(answer);
        return `/v${older(String(answer.headers["api-version"] ?? newest), newest)}`;
      },
      (error: unknown) => {
        negotiated = undefined;
        throw error;
      },
    ));

  const stream = async (call: Call): Promise<IncomingMessage> => {
    const answer = await send(await prefix(), call);
    const status = answer.statusCode ?? 500;
    if (status < 400) return answer;
    const message = messageOf(await readAll(answer));
    throw new EngineError(failureOf(status, message), message);
  };

  return {
    endpoint,
    stream,
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
    close: () => agent.destroy(),
  };
}

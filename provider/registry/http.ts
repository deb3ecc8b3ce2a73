/** HTTP to a registry, and to who gives its tokens: bounded in time and size, and careful with whom it tells credentials. */
import { type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isLoopback } from "../engine-address";
import { EngineError } from "../errors";

const most = { ms: 15_000, bytes: 4 * 1024 * 1024, redirects: 5 };

export interface Question {
  readonly method: "HEAD" | "GET" | "POST";
  readonly url: URL;
  readonly authorization?: string | undefined;
  readonly accept?: string;
  readonly form?: Readonly<Record<string, string>>;
}

export interface RegistryAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Who answered: redirects lead elsewhere. */
  readonly url: URL;
}

/** What answers speaks no TLS. */
export class NoTls extends EngineError {}

export const isNear = ({ hostname }: URL): boolean => isLoopback(hostname.replace(/^\[(.*)\]$/, "$1"));

/**
 * Whether a registry may send us there. A registry of this machine may do without TLS and without a certificate that
 * anybody signed, as engines let it; no other may point at what this machine has.
 */
export const isSafe = (url: URL, registry: URL): boolean =>
  url.protocol === "https:" || (url.protocol === "http:" && isNear(url) && isNear(registry));

async function read(answer: IncomingMessage, host: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most.bytes) throw new EngineError("refused", `${host} answers with more than ${most.bytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const notReached = /^(?:ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)/;
const notTrusted = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)/;
/** What OpenSSL makes of an answer in plain text, and what a server does that ends the connection instead. */
const notTls = /wrong version number|packet length too long|before secure TLS connection was established/i;

function failureOf(error: Error, { host }: URL): EngineError {
  if (error instanceof EngineError) return error;
  const { code = "", message } = error as NodeJS.ErrnoException;
  if (notTls.test(message)) return new NoTls("unreachable", `${host} does not answer with TLS`);
  if (notTrusted.test(code))
    return new EngineError(
      "unreachable",
      `${host} shows a certificate that is not good here (${message.replace(/;.*/, "")}); name the file of its CA in NODE_EXTRA_CA_CERTS`,
    );
  // Of a name with several addresses the failure is a list, and has no text.
  return notReached.test(code)
    ? new EngineError("unreachable", `${host} does not answer: ${message || code}`)
    : new EngineError("lost", `the connection to ${host} broke: ${message || code}`);
}

const isTimeout = (reason: unknown) => reason instanceof DOMException && reason.name === "TimeoutError";

async function once(question: Question, registry: URL, signal: AbortSignal | undefined): Promise<RegistryAnswer> {
  const { method, url, authorization, accept, form } = question;
  const within = AbortSignal.any([AbortSignal.timeout(most.ms), ...(signal ? [signal] : [])]);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  try {
    within.throwIfAborted();
    return await new Promise((resolve, reject) => {
      const request = send(url, {
        method,
        agent: false,
        signal: within,
        rejectUnauthorized: !(isNear(url) && isNear(registry)),
        headers: {
          "user-agent": "longshore",
          ...(accept !== undefined && { accept }),
          ...(authorization !== undefined && { authorization }),
          ...(form && { "content-type": "application/x-www-form-urlencoded" }),
        },
      });
      request.on("error", reject);
      request.on("response", (answer) => {
        const { statusCode: status = 0, headers } = answer;
        read(answer, url.host).then((body) => resolve({ status, headers, body, url }), reject);
      });
      request.end(form && new URLSearchParams(form).toString());
    });
  } catch (error) {
    if (within.aborted && isTimeout(within.reason))
      throw new EngineError("lost", `${url.host} did not answer ${method} ${url.pathname} in time`);
    if (within.aborted) throw within.reason;
    throw failureOf(error as Error, url);
  }
}

/** Asks, and goes where it is sent; with credentials only as long as that is the same host. */
export async function ask(question: Question, registry: URL, signal?: AbortSignal): Promise<RegistryAnswer> {
  let { url } = question;
  for (let redirects = 0; ; redirects++) {
    const isThere = url.origin === question.url.origin;
    const answer = await once({ ...question, url, ...(!isThere && { authorization: undefined }) }, registry, signal);
    const { location } = answer.headers;
    const isRedirect = [301, 302, 303, 307, 308].includes(answer.status) && location !== undefined;
    if (!isRedirect || question.method === "POST" || redirects === most.redirects) return answer;
    const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    if (!next || !isSafe(next, registry)) return answer;
    url = next;
  }
}

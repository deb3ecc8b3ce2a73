/** How an engine's address is written, and what it says. Pure: the option and the client read it alike. */

export interface SocketAddress {
  readonly kind: "socket";
  readonly path: string;
}

export interface TcpAddress {
  readonly kind: "tcp";
  readonly host: string;
  readonly port: number | undefined;
  /** What the scheme says of TLS; `tcp://` leaves it to the certificates. */
  readonly tls: boolean | undefined;
}

export interface SshAddress {
  readonly kind: "ssh";
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
  /** The engine's socket on that host; its docker command's default when unset. */
  readonly path: string | undefined;
}

export type EngineAddress = SocketAddress | TcpAddress | SshAddress;

const forms = "unix:///path, npipe:////./pipe/name, tcp://host:port, https://host:port or ssh://user@host";

/** Why a text is no address; completes "…, which". */
class NoAddress extends Error {}
const no = (reason: string): never => {
  throw new NoAddress(reason);
};

const withoutScheme = (text: string): never => {
  if (text.startsWith("/")) return no(`has no scheme; did you mean unix://${text}?`);
  if (text.startsWith("\\\\")) return no(`has no scheme; did you mean npipe://${text.replace(/\\/g, "/")}?`);
  if (/^[\w.-]+:\d+$/.test(text)) return no(`has no scheme; did you mean tcp://${text}?`);
  return no(`has no scheme; write ${forms}`);
};

function authorityOf(text: string) {
  const [, login, name = "", portText, path = ""] =
    /^(?:([^@/]*)@)?(\[[^\]]*\]|[^:/]*)(?::([^/]*))?(\/.*)?$/.exec(text) ?? no(`is no address; write ${forms}`);
  const host = name.replace(/^\[(.*)\]$/, "$1");
  if (host === "") return no("names no host; write it after the two slashes");
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && !(/^\d+$/.test(portText ?? "") && port > 0 && port < 65_536))
    return no("has a port that is no number from 1 to 65535");
  return { login, host, port, path: path === "/" ? "" : path };
}

function tcp(text: string, tls: boolean | undefined): TcpAddress {
  const { login, host, port, path } = authorityOf(text);
  if (login !== undefined) return no("names a user; only ssh:// takes one");
  if (path !== "") return no(`has a path, "${path}", after the host; take it off`);
  return { kind: "tcp", host, port, tls };
}

function ssh(text: string): SshAddress {
  const { login, host, port, path } = authorityOf(text);
  if (login?.includes(":")) return no("holds a password; ssh uses your keys: take the password out");
  // Else they would be options of the command ssh, and can be made to run anything.
  if (login?.startsWith("-") || host.startsWith("-")) return no('has a name that begins with "-"');
  return { kind: "ssh", user: login || undefined, host, port, path: path || undefined };
}

function socket(path: string): SocketAddress {
  if (path.startsWith("/")) return { kind: "socket", path };
  return no(path === "" ? "has no path; write unix:///path" : `has no absolute path; did you mean unix:///${path}?`);
}

const schemes: Readonly<Record<string, (rest: string) => EngineAddress>> = {
  unix: socket,
  npipe: (rest) => ({ kind: "socket", path: rest.replace(/\//g, "\\") }),
  tcp: (rest) => tcp(rest, undefined),
  http: (rest) => tcp(rest, false),
  https: (rest) => tcp(rest, true),
  ssh,
};

function parse(text: string): EngineAddress {
  const [, scheme, rest = ""] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/.exec(text) ?? [];
  if (scheme === undefined) return withoutScheme(text);
  const read = schemes[scheme.toLowerCase()] ?? no(`has a scheme that no engine is reached by; write ${forms}`);
  return read(rest);
}

/** The address that a text means, or why it means none: a text that completes "…, which". */
export function engineAddress(text: string): EngineAddress | string {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof NoAddress) return error.message;
    throw error;
  }
}

/** The text without what somebody may have taken for the place of a password. */
export const printable = (text: string): string =>
  text
    .replace(/(ssh:\/\/[^/:@]*):.*@/, "$1:…@")
    .replace(/(:\/\/[^/:@]*):[^/]*@/, "$1:…@")
    // A name alone may be a token.
    .replace(/((?:https?|tcp):\/\/)[^/:@]*@/, "$1…@");

/** Whether only this machine reaches an address. */
export const isLoopback = (host: string): boolean => /^(?:localhost|127(?:\.\d+){3}|::1)$/i.test(host);

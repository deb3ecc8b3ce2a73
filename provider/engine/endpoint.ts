/** Where the engine is, and what it is shown to let us in: looked for as the docker command does. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type EngineAddress, engineAddress, printable } from "../engine-address";
import { EngineError } from "../errors";

/** A file of certificates, and what named it. */
export interface TlsFile {
  readonly path: string;
  readonly saidBy: string;
}

/** What TLS is spoken with. */
export interface Tls {
  /** Who signed the engine's certificate. @default whom this machine trusts */
  readonly ca?: TlsFile | undefined;
  readonly cert?: TlsFile | undefined;
  readonly key?: TlsFile | undefined;
  /** A context of the docker command may say so; nobody then knows who answers. */
  readonly skipVerify?: true;
}

export interface Endpoint {
  /** `unix:///path`, `npipe:////./pipe/name`, `tcp://host:port`, `https://host:port` or `ssh://user@host`. */
  readonly url: string;
  readonly address: EngineAddress;
  /** For messages: `the plugin option endpoint`, `DOCKER_HOST`, … */
  readonly saidBy: string;
  readonly tls?: Tls | undefined;
}

/** What a plugin says of where its engine is; unread, as it is in a state. */
export interface Written {
  readonly endpoint?: unknown;
  readonly tls?: unknown;
}

type Env = Readonly<Record<string, string | undefined>>;
type Found = Omit<Endpoint, "address">;

const platformDefault = process.platform === "win32" ? "npipe:////./pipe/docker_engine" : "unix:///var/run/docker.sock";
const roles = ["ca", "cert", "key"] as const;

const filesOf = (file: (role: (typeof roles)[number]) => TlsFile | undefined): Tls =>
  Object.fromEntries(roles.map((role) => [role, file(role)]));

/** Paths are relative to the program's directory, which is where Pulumi runs a provider. */
function ofPlugin({ endpoint, tls }: Written): Found | undefined {
  if (typeof endpoint !== "string" || endpoint === "") return undefined;
  const written = tls as Readonly<Record<string, unknown>> | undefined;
  return {
    url: endpoint,
    saidBy: "the plugin option endpoint",
    tls:
      written &&
      filesOf((role) => {
        const path = written[role];
        return typeof path === "string" ? { path: resolve(path), saidBy: `the plugin option tls.${role}` } : undefined;
      }),
  };
}

/** Where the docker command keeps its configuration. */
export const configDir = (env: Env): string => env.DOCKER_CONFIG || join(homedir(), ".docker");

function ofEnvironment(env: Env): Found | undefined {
  if (!env.DOCKER_HOST) return undefined;
  const dir = env.DOCKER_CERT_PATH || configDir(env);
  const saidBy = env.DOCKER_CERT_PATH ? "DOCKER_CERT_PATH" : "DOCKER_TLS_VERIFY";
  const file = (role: string) => ({ path: join(dir, `${role}.pem`), saidBy });
  return {
    url: env.DOCKER_HOST,
    saidBy: "DOCKER_HOST",
    // As the docker command does: a client's certificate is shown when there is one.
    tls: env.DOCKER_TLS_VERIFY
      ? filesOf((role) => (role === "ca" || existsSync(file(role).path) ? file(role) : undefined))
      : undefined,
  };
}

function readJson(file: string): Record<string, unknown> | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  } catch (error) {
    throw new EngineError("unreachable", `the docker command's file ${file} cannot be read: ${String(error)}; mend it`);
  }
}

interface ContextEndpoint {
  readonly Host?: string;
  readonly SkipTLSVerify?: boolean;
}

/** The endpoint of a context of the docker command; contexts are plain files, named by a hash. */
function ofContext(env: Env): Found | undefined {
  const config = configDir(env);
  const name = env.DOCKER_CONTEXT || readJson(join(config, "config.json"))?.currentContext;
  if (typeof name !== "string" || name === "" || name === "default") return undefined;
  const saidBy = `the docker context "${name}"`;
  const hash = createHash("sha256").update(name).digest("hex");
  const meta = readJson(join(config, "contexts", "meta", hash, "meta.json"));
  const { Host, SkipTLSVerify } = (meta?.Endpoints as { docker?: ContextEndpoint } | undefined)?.docker ?? {};
  if (!Host)
    throw new EngineError(
      "unreachable",
      `${saidBy} (from ${env.DOCKER_CONTEXT ? "DOCKER_CONTEXT" : join(config, "config.json")}) is not known here; ` +
        `choose another with "docker context use", or set DOCKER_HOST`,
    );
  const file = (role: string) => join(config, "contexts", "tls", hash, "docker", `${role}.pem`);
  const files = filesOf((role) => (existsSync(file(role)) ? { path: file(role), saidBy } : undefined));
  const hasTls = SkipTLSVerify === true || roles.some((role) => files[role]);
  return {
    url: Host,
    saidBy,
    tls: hasTls ? { ...files, ...(SkipTLSVerify === true && { skipVerify: true }) } : undefined,
  };
}

/** Where the engine is: the first of these that says so. */
export function endpointOf(plugin: Written = {}, env: Env = process.env): Endpoint {
  const found = ofPlugin(plugin) ??
    ofEnvironment(env) ??
    ofContext(env) ?? { url: platformDefault, saidBy: "the platform's default" };
  const address = engineAddress(found.url);
  if (typeof address !== "string") return { ...found, address };
  throw new EngineError("unreachable", `${found.saidBy} is "${printable(found.url)}", which ${address}`);
}

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where an engine listens, and what said so. */
export interface Endpoint {
  /** `unix:///path`, `npipe:////./pipe/name`, `tcp://host:port` or `http://host:port`. */
  readonly url: string;
  /** For messages: `the plugin option endpoint`, `DOCKER_HOST`, … */
  readonly saidBy: string;
}

type Env = Readonly<Record<string, string | undefined>>;

const platformDefault = process.platform === "win32" ? "npipe:////./pipe/docker_engine" : "unix:///var/run/docker.sock";

const readJson = (file: string): Record<string, unknown> | undefined =>
  existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>) : undefined;

/** The endpoint of a context of the docker command; contexts are plain files, named by a hash. */
function ofContext(env: Env): Endpoint | undefined {
  const config = env.DOCKER_CONFIG ?? join(homedir(), ".docker");
  const name = env.DOCKER_CONTEXT || readJson(join(config, "config.json"))?.currentContext;
  if (typeof name !== "string" || name === "" || name === "default") return undefined;
  const hash = createHash("sha256").update(name).digest("hex");
  const meta = readJson(join(config, "contexts", "meta", hash, "meta.json"));
  const host = (meta?.Endpoints as { docker?: { Host?: string } } | undefined)?.docker?.Host;
  if (!host)
    throw new Error(
      `the docker context "${name}" is not known here; choose another with "docker context use", or set DOCKER_HOST`,
    );
  return { url: host, saidBy: `the docker context "${name}"` };
}

/** Where the engine is: the first of these that says so, as the docker command looks for it. */
export const endpointOf = (option: string | undefined, env: Env = process.env): Endpoint => {
  const sources = [
    () => (option ? { url: option, saidBy: "the plugin option endpoint" } : undefined),
    () => (env.DOCKER_HOST ? { url: env.DOCKER_HOST, saidBy: "DOCKER_HOST" } : undefined),
    () => ofContext(env),
  ];
  for (const source of sources) {
    const found = source();
    if (found) return found;
  }
  return { url: platformDefault, saidBy: "the platform's default" };
};

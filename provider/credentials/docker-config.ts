/** The part of the docker command's config.json that leads to credentials. */
import * as z from "zod";
import type { RegistryAuth } from "../engine/types";
import { readLocalFile } from "../local-files";
import { Obstacle } from "./credentials-error";
import { keyOf, tryFindKey } from "./registry-key";

// To Go's decoder, null is what is left out.
const text = z.string().nullish();
const entry = z.object({ auth: text, username: text, password: text, identitytoken: text, registrytoken: text });
const shape = z.object({
  auths: z.record(z.string(), entry.nullish()).nullish(),
  credHelpers: z.record(z.string(), text).nullish(),
  credsStore: text,
});

export type DockerConfig = z.output<typeof shape>;
type Entry = z.output<typeof entry>;

/** The config in a text; a key of it that is of another kind than Docker's is named, its content is not. */
function parseDockerConfig(written: string): DockerConfig {
  let json: unknown;
  try {
    json = JSON.parse(written);
  } catch {
    // The parser's words quote the text.
    throw new Obstacle("it is no JSON");
  }
  const parsed = shape.safeParse(json);
  if (parsed.success) return parsed.data;
  const [key] = parsed.error.issues[0]?.path ?? [];
  throw new Obstacle(
    key === undefined ? "it is no JSON object" : `its ${String(key)} has not the form that the docker command writes`,
  );
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EACCES: "it may not be read",
  EPERM: "it may not be read",
  EISDIR: "it is a directory",
};

/** Why a file cannot be read. The error's own words repeat its path. */
const whyUnread = ({ code, message }: NodeJS.ErrnoException): string =>
  code === undefined ? message : (reasons[code] ?? `it cannot be read (${code})`);

const read = (path: string): string => {
  try {
    return readLocalFile(path);
  } catch (error) {
    throw new Obstacle(whyUnread(error as NodeJS.ErrnoException), { cause: error });
  }
};

/** Reads a config, or says why it cannot be read. */
export const readDockerConfig = (path: string): DockerConfig => parseDockerConfig(read(path));

/** The same of one that may not be there, or be empty, as the docker command takes it. */
export function tryReadDockerConfig(path: string): DockerConfig | undefined {
  try {
    const written = read(path);
    return written.trim() === "" ? undefined : parseDockerConfig(written);
  } catch (error) {
    const { code = "" } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR"].includes(code)) return undefined;
    throw error;
  }
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** `user:password` in base64. The password may have colons, and Docker's own old files end it in zeros. */
function decoded(auth: string) {
  const clean = auth.replace(/[\r\n]/g, "");
  const login = base64.test(clean) ? Buffer.from(clean, "base64").toString("utf8") : "";
  const colon = login.indexOf(":");
  if (colon < 1) throw new Obstacle("the registry's auth in it is not the base64 of user:password");
  return { username: login.slice(0, colon), password: login.slice(colon + 1).replace(/^\0+|\0+$/g, "") };
}

const authOf = ({ auth, username, password, identitytoken, registrytoken }: Entry): RegistryAuth => ({
  ...(auth ? decoded(auth) : { ...(username && { username }), ...(password && { password }) }),
  ...(identitytoken && { identityToken: identitytoken }),
  ...(registrytoken && { registryToken: registrytoken }),
});

const findIn = <T>(map: Readonly<Record<string, T>> | null | undefined, registry: string): T | undefined => {
  const key = tryFindKey(Object.keys(map ?? {}), registry);
  return key === undefined ? undefined : map?.[key];
};

/** What the file itself holds for a registry. */
export function storedIn({ auths }: DockerConfig, registry: string): RegistryAuth | undefined {
  const found = findIn(auths, registry);
  const auth = found && authOf(found);
  return auth && Object.keys(auth).length > 0 ? { ...auth, serverAddress: keyOf(registry) } : undefined;
}

/** The helper for this registry alone. `""` and null say: none, whatever `credsStore` says. */
export const ownHelper = ({ credHelpers }: DockerConfig, registry: string): string | null | undefined =>
  findIn(credHelpers, registry);

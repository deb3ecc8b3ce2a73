/** Asks a registry itself what a tag means: for engines that cannot be asked to. */
import { createHash } from "node:crypto";
import type { RegistryAuth } from "../engine/types";
import { EngineError } from "../errors";
import { dockerHub, placeOf, tryParseImage } from "../image-reference";
import { authorizationFor } from "./authorization";
import { NoTls, type RegistryAnswer, ask, isNear } from "./http";
import { failed, isPassing } from "./refusal";

/** Docker Hub's registry has another name than its images. */
const hostOf = (registry: string) => (registry === dockerHub ? "registry-1.docker.io" : registry);

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Where a registry answers. One of this machine may do without TLS. */
async function originOf(host: string, signal: AbortSignal | undefined): Promise<URL> {
  if (!URL.canParse(`https://${host}`)) throw new EngineError("refused", `"${host}" is no host of a registry`);
  const url = new URL(`https://${host}`);
  if (!isNear(url)) return url;
  try {
    await ask({ method: "GET", url: new URL("/v2/", url) }, url, signal);
    return url;
  } catch (error) {
    if (error instanceof NoTls) return new URL(`http://${host}`);
    throw error;
  }
}

const digestSaid = ({ status, headers }: RegistryAnswer): string | undefined => {
  const said = headers["docker-content-digest"];
  return status === 200 && typeof said === "string" && /^[a-z0-9+._-]+:[0-9a-f]{32,}$/.test(said) ? said : undefined;
};

/**
 * The digest that a tag means in its registry; of a reference with a digest that one, if the registry has it.
 * Throws what an engine would: `notFound`; `refused` (401 and 403, in the registry's words); `internal` (429 and from 500 on);
 * `unreachable`; `lost`.
 * @param written the image as a program writes it
 */
export async function manifestDigest(written: string, auth: RegistryAuth = {}, signal?: AbortSignal): Promise<string> {
  const reference = tryParseImage(written);
  if (!reference) throw new EngineError("refused", `"${written}" is no image`);
  const { registry: name, path } = placeOf(written);
  const wanted = reference.digest ?? reference.tag ?? "latest";
  const registry = await originOf(hostOf(name), signal);
  const url = new URL(`/v2/${path}/manifests/${wanted}`, registry);

  let authorization = auth.registryToken ? `Bearer ${auth.registryToken}` : undefined;
  const askFor = async (method: "HEAD" | "GET") => {
    const question = { method, url, accept: manifestTypes };
    const answer = await ask({ ...question, authorization }, registry, signal);
    // Only the registry itself may ask who one is.
    if (answer.status !== 401 || authorization !== undefined || answer.url.origin !== registry.origin) return answer;
    const challenge = answer.headers["www-authenticate"] ?? "";
    authorization = await authorizationFor(challenge, { registry, path, auth, signal });
    return authorization === undefined ? answer : ask({ ...question, authorization }, registry, signal);
  };
  let answer = await askFor("HEAD");
  // A HEAD has no words to say why not. Docker Hub counts a GET as a pull, and none that is in haste gets a second.
  if (digestSaid(answer) === undefined && !isPassing(answer)) answer = await askFor("GET");
  if (answer.status !== 200)
    throw failed(registry.host, `a request for ${path}, ${wanted}`, answer, auth, authorization);
  const found = digestSaid(answer) ?? `sha256:${createHash("sha256").update(answer.body).digest("hex")}`;
  if (reference.digest !== undefined && found !== reference.digest)
    throw new EngineError("refused", `${registry.host} answers with ${found} to a request for ${path}, ${wanted}`);
  return found;
}

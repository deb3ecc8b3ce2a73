/** What Docker's files and helpers call a registry. */
import { dockerHub } from "../image-reference";

/** What Docker calls its own registry: an address that has not been asked for images for long. */
const hubKey = "https://index.docker.io/v1/";
const hubHosts: readonly string[] = ["index.docker.io", dockerHub, "registry-1.docker.io"];

/** The key under which the docker command stores a registry's credentials. */
export const keyOf = (registry: string): string => (registry === dockerHub ? hubKey : registry);

const hostOf = (key: string) => key.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\//, "").replace(/\/.*$/s, "");

/** The key that means a registry: Docker's own, else the first whose host (with its port) is the registry's. */
export function tryFindKey(keys: readonly string[], registry: string): string | undefined {
  const exact = keyOf(registry);
  const hosts = registry === dockerHub ? hubHosts : [registry];
  return keys.find((key) => key === exact) ?? keys.find((key) => hosts.includes(hostOf(key)));
}

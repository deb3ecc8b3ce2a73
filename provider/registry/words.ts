/** What may be shown of what registries and engines say. */
import type { RegistryAuth } from "../engine/types";
import { visible } from "../visible";

/** A proxy may answer with a page of its own. */
const mostCharacters = 500;

export const basicOf = ({ username, password }: RegistryAuth) =>
  username || password ? Buffer.from(`${username ?? ""}:${password ?? ""}`).toString("base64") : undefined;

const shortened = (text: string) => (text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text);

/**
 * A text of somebody else on one line, of bounded length, in which nothing steers a terminal. Who was told secrets may
 * repeat them: they are left out.
 */
export function wordsOf(text: string, auth: RegistryAuth = {}, ...told: readonly (string | undefined)[]): string {
  const { password, identityToken, registryToken } = auth;
  const secrets = [basicOf(auth), password, identityToken, registryToken, ...told]
    .flatMap((secret) => (secret ? [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)] : []))
    .sort((a, b) => b.length - a.length);
  const shown = secrets.reduce((left, secret) => left.replaceAll(secret, "…"), text);
  return visible(shortened(shown.replace(/\s+/g, " ").trim()));
}

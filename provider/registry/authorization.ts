/** What to say to a registry that asks who one is: a password, or a token from where it says that it gives them. */
import type { RegistryAuth } from "../engine/types";
import { EngineError } from "../errors";
import { ask, isSafe } from "./http";
import { failed } from "./refusal";
import { basicOf, wordsOf } from "./words";

export interface Session {
  readonly registry: URL;
  readonly path: string;
  readonly auth: RegistryAuth;
  readonly signal: AbortSignal | undefined;
}

/** A token from where the registry says that it gives them. */
async function tokenFrom(parameters: string, session: Session): Promise<string> {
  const { registry, path, auth, signal } = session;
  const said = new Map([...parameters.matchAll(/(\w+)="([^"]*)"/g)].reverse().map(([, key, value]) => [key, value]));
  const realm = said.get("realm") ?? "";
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (!url || !isSafe(url, registry))
    throw new EngineError(
      "refused",
      `${registry.host} sends whoever asks to "${wordsOf(realm)}" for a token, where credentials are not safe`,
    );
  const service = said.get("service");
  const scope = said.get("scope") ?? `repository:${path}:pull`;
  const { identityToken } = auth;
  const basic = basicOf(auth);
  if (!identityToken) {
    if (service !== undefined) url.searchParams.set("service", service);
    for (const one of scope.split(" ")) url.searchParams.append("scope", one);
  }
  const answer = await ask(
    identityToken
      ? {
          method: "POST",
          url,
          form: {
            grant_type: "refresh_token",
            refresh_token: identityToken,
            client_id: "longshore",
            scope,
            ...(service !== undefined && { service }),
          },
        }
      : { method: "GET", url, authorization: basic && `Basic ${basic}` },
    registry,
    signal,
  );
  const who = `${url.host}, which gives the tokens of ${registry.host},`;
  if (answer.status !== 200) throw failed(who, "a request for a token", answer, auth);
  try {
    const { token, access_token: other } = JSON.parse(answer.body.toString("utf8")) as Record<string, unknown>;
    if (typeof (token ?? other) === "string") return String(token ?? other);
  } catch {
    // What is no JSON holds no token either.
  }
  throw new EngineError("refused", `${who} gives none`);
}

/** What to say to its challenge; nothing when there is nothing to say. */
export async function authorizationFor(challenge: string, session: Session): Promise<string | undefined> {
  const [, parameters] = /\bBearer\s+(.*)/i.exec(challenge) ?? [];
  if (parameters !== undefined) return `Bearer ${await tokenFrom(parameters, session)}`;
  const basic = basicOf(session.auth);
  return basic && /\bBasic\b/i.test(challenge) ? `Basic ${basic}` : undefined;
}

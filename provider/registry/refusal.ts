/** What a registry or its token server refuses, in its own words. */
import { STATUS_CODES } from "node:http";
import type { RegistryAuth } from "../engine/types";
import { EngineError, type FailureKind, failureOf } from "../errors";
import type { RegistryAnswer } from "./http";

/** A registry asks for less haste with 429: that passes. */
const kindOf = (status: number): FailureKind => (status === 429 ? "internal" : failureOf(status, ""));

export const isPassing = ({ status }: RegistryAnswer) => kindOf(status) === "internal";

/** A registry's or token server's own words, of the shapes that they have. */
function wordsIn(body: Buffer): string {
  const text = body.toString("utf8");
  try {
    const said = JSON.parse(text) as Record<string, unknown> & { readonly errors?: readonly Record<string, unknown>[] };
    const { code, message } = said.errors?.[0] ?? {};
    const isText = (word: unknown) => typeof word === "string" && word !== "";
    const error = [typeof code === "string" ? code.toLowerCase().replaceAll("_", " ") : undefined, message]
      .filter(isText)
      .join(": ");
    return [error, said.details, said.error_description, said.message].filter(isText).map(String)[0] ?? "";
  } catch {
    return text;
  }
}

export const basicOf = ({ username, password }: RegistryAuth) =>
  username || password ? Buffer.from(`${username ?? ""}:${password ?? ""}`).toString("base64") : undefined;

/** What a registry or token server refuses. It may repeat what it was told; what is secret of that is left out. */
export function failed(
  who: string,
  what: string,
  { status, body }: RegistryAnswer,
  auth: RegistryAuth,
  authorization = "",
) {
  const secrets = [auth.password, auth.identityToken, auth.registryToken, basicOf(auth), authorization.split(" ")[1]];
  const words = secrets.reduce<string>((text, secret) => (secret ? text.replaceAll(secret, "…") : text), wordsIn(body));
  const text = words.replace(/\p{Cc}+/gu, " ").trim();
  return new EngineError(
    kindOf(status),
    `${who} answers ${status} ${STATUS_CODES[status] ?? ""} to ${what}${text && `: ${text.slice(0, 300)}`}`,
  );
}

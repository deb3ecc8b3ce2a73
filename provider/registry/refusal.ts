/** What a registry or its token server refuses, in its own words. */
import { STATUS_CODES } from "node:http";
import type { RegistryAuth } from "../engine/types";
import { EngineError, type FailureKind, failureOf } from "../errors";
import type { RegistryAnswer } from "./http";
import { wordsOf } from "./words";

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

/** What a registry or token server refuses. It may repeat what it was told; what is secret of that is left out. */
export function failed(
  who: string,
  what: string,
  { status, body }: RegistryAnswer,
  auth: RegistryAuth,
  authorization = "",
) {
  const words = wordsOf(wordsIn(body), auth, authorization.split(" ")[1]);
  return new EngineError(
    kindOf(status),
    `${who} answers ${status} ${STATUS_CODES[status] ?? ""} to ${what}${words && `: ${words}`}`,
  );
}

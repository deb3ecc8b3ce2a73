/** Secrets that are written where everybody can read them. No message shows one. */
import * as z from "zod";
import { taskOptions } from "../../provider/options";
import type { AnyRow } from "../../provider/options/option";
import { type Finding, rule } from "../rule";
import type { Path } from "../subject";

const secretWord = "PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|SECRETS?|TOKENS?|CREDENTIALS?|API_?KEY|ACCESS_?KEY|AUTH_?KEY";
const secretName = new RegExp(
  `(?:^|_)(?:${secretWord}|(?:PRIVATE|SECRET|SIGNING|ENCRYPTION|MASTER|SHARED)_?KEY)$|(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|APIKEY)$`,
);
/** The directory in which a shell is. */
const workingDir = "PWD";

const isSecretName = (name: string): boolean => {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .toUpperCase();
  return words !== workingDir && secretName.test(words);
};

/** A switch, a path, or what is filled in from elsewhere is no secret, whatever its name. */
const isHarmless = (value: string): boolean =>
  value === "" || /^(?:true|false|yes|no|on|off|none|null)$/i.test(value) || /^\/\S*$|^\$\{[^}]+\}$/.test(value);

/** Forms that only secrets have. */
const secretForms: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
  [/\b[A-Za-z][\w+.-]*:\/\/[^\s/:@]*:(?!\$\{)[^\s/@]+@/, "a URL with a password"],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, "a key of AWS"],
  [/\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,})/, "a token of GitHub"],
  [/\bglpat-[\w-]{20,}/, "a token of GitLab"],
  [/\bxox[abeoprs]-[\w-]{10,}/, "a token of Slack"],
  [/\bAIza[\w-]{35}\b/, "a key of Google"],
  [/\b[rs]k_live_[A-Za-z0-9]{16,}/, "a key of Stripe"],
  [/\bpul-[0-9a-f]{40}\b/, "a token of Pulumi"],
  [/\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/, "a signed token (JWT)"],
];

/** All texts in a value, each with its path. */
const textsIn = (path: Path, value: unknown): readonly (readonly [Path, string])[] => {
  if (typeof value === "string") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([key, part]) => textsIn([...path, isList ? Number(key) : key], part));
};

/** Why a text looks like a secret. Names speak only in maps of the author's own words. */
const looksLike = (path: Path, text: string, isOfAuthor: boolean): string | undefined => {
  const form = secretForms.find(([pattern]) => pattern.test(text));
  if (form) return `holds ${form[1]}`;
  const name = path.at(-1);
  return isOfAuthor && path.length > 1 && typeof name === "string" && isSecretName(name) && !isHarmless(text)
    ? "looks like a secret by its name"
    : undefined;
};

const untold =
  ", unless it is marked, which cannot be told here, for the rule marked-secrets does not run (its level has to be remediate)";

export const plainSecrets = rule({
  refuses: "secrets in plain text, by their names in env and labels and by their form anywhere in a task",
  level: "mandatory",
  config: z.strictObject({
    allow: z
      .array(z.string().min(1))
      .default([])
      .describe("Names that are no secrets, whatever they sound like: NEXT_TOKEN."),
    names: z.array(z.string().min(1)).default([]).describe("More names that are secrets."),
  }),
  judge: (subject, { allow, names }) =>
    Object.entries<AnyRow>(taskOptions).flatMap(([option, { unprinted }]) =>
      textsIn([option], subject.options[option]).flatMap(([path, text]): readonly Finding[] => {
        const name = String(path.at(-1));
        if (subject.isSecret(path) === true || allow.includes(name)) return [];
        const why =
          looksLike(path, text, unprinted === true) ??
          (names.includes(name) && path.length > 1 && text !== "" ? "is the name of a secret" : undefined);
        return why === undefined
          ? []
          : [
              {
                at: path,
                reason: `${why} and is in plain text, for all who see the state or a preview${
                  subject.isSecret(path) === undefined ? untold : ""
                }`,
                wayOut: "mark it with pulumi.secret, or take it from config.requireSecret",
                ...(path.length > 1 && typeof path.at(-1) === "string" && { allow: `"${name}"` }),
              },
            ];
      }),
    ),
});

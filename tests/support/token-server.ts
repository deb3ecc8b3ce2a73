/** Who gives tokens for a registry: Docker's token authentication, GET with a password or POST with an identity token. */
import { execFileSync } from "node:child_process";
import { randomUUID, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { type IncomingMessage, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";

interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

export interface TokenServer {
  /** The registry's `auth.token`. */
  readonly config: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    rootcertbundle: string;
  };
  /** A token for a registry, as the server would give it. */
  tokenFor(access: readonly Access[]): string;
  stop(): void;
}

export interface TokenRules {
  /** Where its key and certificate are made. */
  readonly dir: string;
  readonly account: { readonly username: string; readonly password: string };
  readonly identityToken: string;
  /** Repositories that anybody may pull. */
  readonly open: readonly string[];
}

const service = "longshore-test";
const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");

/** `repository:name:pull,push` */
const accessOf = (scope: string): Access => {
  const [type = "", ...rest] = scope.split(":");
  return { type, name: rest.slice(0, -1).join(":"), actions: rest.at(-1)?.split(",") ?? [] };
};

/** It runs in the test's process: what asks it must not block that. */
export async function startTokenServer({ dir, account, identityToken, open }: TokenRules): Promise<TokenServer> {
  const files = { key: join(dir, "token-key.pem"), certificate: join(dir, "token.pem") };
  const kind = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", `/CN=${service}`];
  execFileSync("openssl", [...kind, "-keyout", files.key, "-out", files.certificate], { stdio: "ignore" });
  const key = readFileSync(files.key);
  const x5c = [readFileSync(files.certificate, "utf8").replace(/-----[^-]+-----|\s/g, "")];
  const basic = `Basic ${Buffer.from(`${account.username}:${account.password}`).toString("base64")}`;

  const tokenFor: TokenServer["tokenFor"] = (access) => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: service, sub: account.username, aud: service, exp: now + 300, nbf: now - 10, iat: now };
    const signed = `${encoded({ typ: "JWT", alg: "RS256", x5c })}.${encoded({ ...claims, jti: randomUUID(), access })}`;
    return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), key).toString("base64url")}`;
  };

  /** What is asked for, and by whom. */
  const read = async (asked: IncomingMessage) => {
    const { authorization } = asked.headers;
    if (asked.method !== "POST")
      return {
        scopes: new URL(asked.url ?? "", "http://here").searchParams.getAll("scope"),
        by: authorization === undefined ? "anybody" : authorization === basic ? "account" : "wrong",
      };
    const form = new URLSearchParams(await text(asked));
    const isRight =
      form.get("grant_type") === "refresh_token"
        ? form.get("refresh_token") === identityToken
        : form.get("username") === account.username && form.get("password") === account.password;
    return { scopes: (form.get("scope") ?? "").split(" ").filter(Boolean), by: isRight ? "account" : "wrong" };
  };

  const server = createServer((asked, answer) => {
    void read(asked).then(({ scopes, by }) => {
      answer.writeHead(by === "wrong" ? 401 : 200, { "content-type": "application/json" });
      if (by === "wrong") return answer.end(JSON.stringify({ details: "incorrect username or password" }));
      const access = scopes.map(accessOf);
      const token = tokenFor(
        by === "account"
          ? access
          : access.filter(({ name }) => open.includes(name)).map((one) => ({ ...one, actions: ["pull"] })),
      );
      return answer.end(JSON.stringify({ token, access_token: token, expires_in: 300 }));
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    config: {
      realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
      service,
      issuer: service,
      rootcertbundle: files.certificate,
    },
    tokenFor,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

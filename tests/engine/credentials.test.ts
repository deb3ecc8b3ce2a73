/** Tokens in place of passwords, and what a config or a helper gives: registries let the engine in with it. */
import { randomUUID } from "node:crypto";
import { connectionOf } from "../../provider/connection";
import { credentialsFor } from "../../provider/credentials/credentials";
import type { RegistryAuth } from "../../provider/engine/types";
import { imageHandler } from "../../provider/handlers/image";
import { placeOf, pullParameters } from "../../provider/image-reference";
import { type Helpers, answering, helpersOnPath } from "../support/credential-helpers";
import { type Registry, account, identityToken, startRegistry } from "../support/registry";

let registry: Registry;
let withPassword: Registry;
let helpers: Helpers;
beforeAll(async () => {
  registry = await startRegistry({ auth: "token" });
  withPassword = await startRegistry({ auth: "htpasswd" });
  // A content of its own: what is alike in two registries is one image to the engine, and goes with either.
  for (const { push } of [registry, withPassword]) await push("longshore/pause", "1", randomUUID());
  helpers = helpersOnPath();
}, 120_000);
afterAll(async () => {
  helpers.remove();
  await registry.stop();
  await withPassword.stop();
}, 60_000);

/** A token for the registry itself, as its token server gives it to who has the password. */
async function registryToken(): Promise<string> {
  const challenge = (await fetch(`${registry.url}/v2/`)).headers.get("www-authenticate") ?? "";
  const [realm, service] = ["realm", "service"].map((name) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1]);
  const url = new URL(realm ?? "");
  url.search = new URLSearchParams({ service: service ?? "", scope: "repository:longshore/pause:pull" }).toString();
  const authorization = `Basic ${Buffer.from(`${account.username}:${account.password}`).toString("base64")}`;
  return ((await (await fetch(url, { headers: { authorization } })).json()) as { token: string }).token;
}

const get = async (auth: RegistryAuth) => {
  const news = {
    kind: "Image",
    key: "credentials-test",
    plugin: {},
    image: registry.image,
    forcePull: true,
    auth,
  } as const;
  const { inputs, failures } = await imageHandler.check({}, news);
  expect(failures).toEqual([]);
  return (await imageHandler.create(inputs)).id;
};

describe("the task's own", () => {
  test("an identity token, with and without its name", async () => {
    expect(await get({ identityToken })).toMatch(/^sha256:/);
    expect(await get({ username: account.username, identityToken })).toMatch(/^sha256:/);
  });

  test("a registry token", async () => expect(await get({ registryToken: await registryToken() })).toMatch(/^sha256:/));

  test.each(["identityToken", "registryToken"])("a wrong %s is refused, and not shown", async (kind) => {
    const wrong = "Sesam-lukk-deg";
    const text = await get({ [kind]: wrong }).catch((error: unknown) => (error as Error).message);
    expect(text).toMatch(/could not be pulled/);
    expect(text).not.toContain(wrong);
  });
});

describe("of the plugin", () => {
  const login = Buffer.from(`${account.username}:${account.password}`).toString("base64");
  const pull = async (image: string, plugin: { config?: string; helper?: string }) => {
    const { credentials } = await credentialsFor(placeOf(image).registry, { plugin });
    await connectionOf({}).engine.pullImage(pullParameters(image), {
      signal: AbortSignal.timeout(60_000),
      silenceMs: 60_000,
      auth: credentials?.auth,
    });
    return credentials?.from;
  };

  test("a config: a password for one registry, an identity token for the other", async () => {
    const config = helpers.write("registries.json", {
      auths: {
        [`http://${withPassword.host}/v1/`]: { auth: login },
        [registry.host]: { identitytoken: identityToken },
      },
    });
    for (const { image } of [withPassword, registry])
      expect(await pull(image, { config })).toBe(`the plugin's auth.config (${config})`);
    await expect(pull(registry.image, { config: helpers.write("empty.json", {}) })).rejects.toThrow(/./);
  });

  test("helpers: a password from one, an identity token from the other", async () => {
    helpers.add("live-password", answering(account.username, account.password));
    helpers.add("live-token", answering("<token>", identityToken));
    const config = helpers.write("helpers.json", { credHelpers: { [registry.host]: "live-token" } });
    expect(await pull(withPassword.image, { config, helper: "live-password" })).toContain("the plugin's auth.helper");
    expect(await pull(registry.image, { config, helper: "live-password" })).toContain("credHelpers of");
    expect([helpers.asked("live-password"), helpers.asked("live-token")]).toEqual([
      [withPassword.host],
      [registry.host],
    ]);
  });
});

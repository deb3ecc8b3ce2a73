/** Pulls through an engine that breaks off, or knows fewer calls; and registries that would have more than is theirs. */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Helpers, answering, helpersOnPath } from "../support/credential-helpers";
import { type EngineFront, startEngineFront } from "../support/engine-front";
import { startFaultyRegistry } from "../support/faulty-registry";
import { get, listen } from "../support/one-image";
import { type Registry, account, startRegistry } from "../support/registry";

let plain: Registry;
let withPassword: Registry;
let withTokens: Registry;
let helpers: Helpers;
const stops: (() => void)[] = [];
const basic = Buffer.from(`${account.username}:${account.password}`).toString("base64");

beforeAll(async () => {
  listen();
  plain = await startRegistry();
  withPassword = await startRegistry({ auth: "htpasswd" });
  withTokens = await startRegistry({ auth: "token" });
  helpers = helpersOnPath();
}, 120_000);

afterAll(async () => {
  for (const stop of stops) stop();
  helpers.remove();
  for (const registry of [plain, withPassword, withTokens]) await registry.stop();
}, 60_000);

async function front(): Promise<EngineFront> {
  const started = await startEngineFront();
  stops.push(started.stop);
  return started;
}

/** An image that the engine has nothing of. */
async function fresh({ push, host }: Registry): Promise<{ readonly image: string; readonly digest: string }> {
  const repository = `broken/${randomUUID().slice(0, 8)}`;
  const digest = await push(repository, "1", randomUUID(), { layerBytes: 50_000 });
  return { image: `${host}/${repository}:1`, digest };
}

describe("an engine", () => {
  test("whose answer breaks off once: the pull is tried again", async () => {
    const { endpoint, set } = await front();
    const { image } = await fresh(plain);
    set({ at: /\/images\/create/, what: "broken", times: 1 });
    const { said, error } = await get(image, { plugin: { endpoint } });
    expect(error).toBe("");
    expect(said.join("\n")).toMatch(
      /the engine's answer to the pull broke off \((?:Error: )?aborted\); trying again in 1 s/,
    );
  });

  test("that is started again in mid-pull is waited for", async () => {
    const { endpoint, set, away } = await front();
    const { image } = await fresh(plain);
    set({ at: /\/images\/create/, what: "broken", times: 1 });
    const got = get(image, { plugin: { endpoint } });
    await new Promise((next) => setTimeout(next, 500));
    await away(2_000);
    const { said, error } = await got;
    expect(error).toBe("");
    expect(said.filter((line) => line.includes("trying again")).length).toBeGreaterThan(1);
  });

  test("that ends in mid-pull and stays away: it is the engine of which is spoken, not the registry", async () => {
    const { endpoint, set, stop } = await front();
    const { image } = await fresh(plain);
    set({ at: /\/images\/create/, what: "broken", times: 1 });
    const got = get(image, { plugin: { endpoint } });
    await new Promise((next) => setTimeout(next, 500));
    stop();
    const { error } = await got;
    expect(error).toMatch(/could not be pulled.*the engine/);
    expect(error).not.toMatch(/asked without|check that the engine reaches the registry/);
  }, 60_000);

  test("whose answer is not readable is asked again, and then said to be so", async () => {
    const { endpoint, set } = await front();
    const { image } = await fresh(plain);
    set({ at: /\/images\/create/, what: { status: 200, body: "<html>\u001b[2J not the engine </html>\n" } });
    const { error } = await get(image, { plugin: { endpoint }, imagePullTimeout: "3s" });
    expect(error).toMatch(/the engine's answer to the pull broke off \(.*, and so for \d times/);
    expect(error).not.toContain("\u001b");
  });
});

describe("an engine without the call that asks a registry, as Podman", () => {
  const hidden = { status: 404, body: "page not found" };
  const others = [
    { status: 405, body: "Method Not Allowed" },
    { status: 501, body: "not implemented" },
  ];

  test.each([hidden, ...others])("$status: the registry is asked directly, and the digest is shown", async (what) => {
    const { endpoint, set } = await front();
    set({ at: /\/distribution\//, what });
    for (const registry of [plain, withPassword, withTokens]) {
      const { image, digest } = await fresh(registry);
      const auth = registry === plain ? {} : { auth: account };
      expect(await get(image, { plugin: { endpoint }, ...auth })).toMatchObject({ error: "", digest });
    }
  });

  test("a registry that is down then is a warning of the plan, and no word of the engine", async () => {
    const { endpoint, set } = await front();
    set({ at: /\/distribution\//, what: hidden });
    const { image } = await fresh(plain);
    const down = await startFaultyRegistry(plain);
    stops.push(down.stop);
    await down.set({ what: "refuse" });
    const { said } = await get(image.replace(plain.host, down.host), {
      plugin: { endpoint },
      imagePullTimeout: "1s",
    });
    expect(said.join("\n")).toMatch(
      /its registry does not tell what it is now: .* does not answer.*Planned without its digest/,
    );
  });

  test("a registry that sends for a token to where credentials are not safe is not followed", async () => {
    const realm = `http://realm.invalid/\u009b31m`;
    const registry = createServer((_, answer) =>
      answer.writeHead(401, { "www-authenticate": `Bearer realm="${realm}",service="x"` }).end("{}"),
    );
    await new Promise<void>((listening) => registry.listen(0, "127.0.0.1", listening));
    stops.push(() => registry.close());
    const { endpoint, set } = await front();
    set({ at: /\/distribution\//, what: hidden });
    const { port } = registry.address() as AddressInfo;
    const { said, error } = await get(`127.0.0.1:${port}/a/b:1`, {
      plugin: { endpoint },
      auth: account,
      imagePullTimeout: "1s",
    });
    expect(said.join(" ")).toContain('sends whoever asks to "http://realm.invalid/\\u009b31m" for a token');
    expect(said.join(" ")).toContain("where credentials are not safe");
    expect(said.join(" ") + error).not.toMatch(/\p{Cc}/u);
  });
});

describe("a registry that says what it likes", () => {
  const evil = `\u001b[2J\u202e\r\nupdated: all is well ${account.password} ${basic}`;

  test.each([
    [401, "UNAUTHORIZED"],
    [403, "X\u009b31m"],
    [404, "MANIFEST_UNKNOWN"],
    [429, "TOOMANYREQUESTS"],
  ])("%d: steers no terminal, forges no line, and shows no secret", async (status, code) => {
    const lying = await startFaultyRegistry(plain);
    stops.push(lying.stop);
    await lying.set({ what: "status", status, code, message: evil });
    const { error, said } = await get(`${lying.host}/longshore/pause:1`, { auth: account, imagePullTimeout: "2s" });
    expect(error).toContain("could not be pulled");
    for (const text of [error, ...said]) {
      expect(text).not.toMatch(/[\p{Cc}\u202e]/u);
      for (const secret of [account.password, basic]) expect(text).not.toContain(secret);
    }
  });
});

test("a helper that answers slowly is asked once for twenty images of its registry", async () => {
  helpers.add("slow", `sleep 2\n${answering(account.username, account.password)}`);
  const images = await Promise.all(Array.from({ length: 20 }, () => fresh(withPassword)));
  const began = Date.now();
  const got = await Promise.all(images.map(({ image }) => get(image, { plugin: { auth: { helper: "slow" } } })));
  expect(got.map(({ error }) => error).filter(Boolean)).toEqual([]);
  expect(got.map(({ digest }) => digest)).toEqual(images.map(({ digest }) => digest));
  expect(helpers.asked("slow")).toEqual([withPassword.host]);
  expect(Math.max(...got.map(({ checkMs }) => checkMs))).toBeLessThan(10_000);
  expect(Date.now() - began).toBeLessThan(40_000);
}, 60_000);

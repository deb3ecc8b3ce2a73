/** What longshore asks a registry itself, against real ones, and beside what the engine says of the same. */
import { authHeader } from "../../provider/engine/auth-header";
import { endpointOf } from "../../provider/engine/endpoint";
import { http } from "../../provider/engine/http";
import type { RegistryAuth } from "../../provider/engine/types";
import { EngineError } from "../../provider/errors";
import { manifestDigest } from "../../provider/registry/client";
import { type FaultyRegistry, startFaultyRegistry } from "../support/faulty-registry";
import { type Registry, account, identityToken, startRegistry } from "../support/registry";

const kinds = ["plain", "htpasswd", "token", "tls", "tlsAndPassword"] as const;
const registries = {} as Record<(typeof kinds)[number], Registry>;
const fronts = {} as Record<"plain" | "htpasswd" | "token", FaultyRegistry>;
const engine = http(endpointOf());

beforeAll(async () => {
  registries.plain = await startRegistry();
  registries.htpasswd = await startRegistry({ auth: "htpasswd" });
  registries.token = await startRegistry({ auth: "token", open: ["open/pause"] });
  registries.tls = await startRegistry({ tls: true });
  registries.tlsAndPassword = await startRegistry({ tls: true, auth: "htpasswd" });
  await registries.token.push("open/pause", "1", "for anybody");
  for (const kind of ["plain", "htpasswd", "token"] as const)
    fronts[kind] = await startFaultyRegistry(registries[kind]);
}, 120_000);

afterEach(() => Promise.all(Object.values(fronts).map((front) => front.clear())));

afterAll(async () => {
  engine.close();
  for (const front of Object.values(fronts)) front.stop();
  for (const registry of Object.values(registries)) await registry.stop();
}, 60_000);

const wrong = { username: account.username, password: "Sesam-lukk-deg" };
const failure = async (image: string, auth?: RegistryAuth, signal?: AbortSignal): Promise<EngineError> => {
  const error = await manifestDigest(image, auth, signal).then(
    (digest) => new Error(`there was no failure, but ${digest}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof EngineError)) throw error;
  for (const secret of [account.password, wrong.password, identityToken]) expect(error.message).not.toContain(secret);
  return error;
};

describe.each(kinds)("a registry: %s", (kind) => {
  const auth = account;

  test("a tag means what the registry says, and what the engine says", async () => {
    const { image, digest } = registries[kind];
    const found = await manifestDigest(image, auth);
    expect(found).toBe(await digest("longshore/pause", "1"));
    const { Descriptor } = await engine.json<{ Descriptor: { digest: string } }>({
      method: "GET",
      path: `/distribution/${image}/json`,
      headers: authHeader(auth),
    });
    expect(found).toBe(Descriptor.digest);
  });

  test("a digest is told when it is there, and with a tag beside it too", async () => {
    const { host, digest } = registries[kind];
    const known = await digest("longshore/pause", "1");
    expect(await manifestDigest(`${host}/longshore/pause@${known}`, auth)).toBe(known);
    expect(await manifestDigest(`https://${host}/longshore/pause:other@${known}`, auth)).toBe(known);
  });

  test("a tag that was moved means the new content; one that was removed is not found", async () => {
    const { host, push, removeTag } = registries[kind];
    const image = `${host}/client/moved`;
    const [first, second] = [await push("client/moved", "latest", "a"), await push("client/moved", "latest", "b")];
    expect(first).not.toBe(second);
    expect(await manifestDigest(image, auth)).toBe(second);
    await removeTag("client/moved", "latest");
    expect(await failure(image, auth)).toMatchObject({
      kind: "notFound",
      message: expect.stringMatching(
        /404 Not Found to a request for client\/moved, latest: manifest unknown/,
      ) as string,
    });
  });

  test("a digest that nobody pushed is not found", async () => {
    const image = `${registries[kind].host}/longshore/pause@sha256:${"0".repeat(64)}`;
    expect(await failure(image, auth)).toMatchObject({ kind: "notFound" });
  });
});

test.each([
  ["htpasswd", "none", undefined],
  ["htpasswd", "empty ones", { username: "", password: "" }],
  ["htpasswd", "wrong ones", wrong],
  ["htpasswd", "a token that it does not take", { identityToken }],
  ["tlsAndPassword", "none", undefined],
  ["tlsAndPassword", "wrong ones", wrong],
  ["token", "none", undefined],
  ["token", "wrong ones", wrong],
  ["token", "a wrong identity token", { identityToken: "idtoken-of-another" }],
  ["token", "a wrong registry token", { registryToken: "a.b.c" }],
] as const)("%s, credentials: %s: refused, in the registry's words", async (kind, _, auth) =>
  expect(await failure(registries[kind].image, auth)).toMatchObject({
    kind: "refused",
    message: expect.stringMatching(
      /40[13] \w+ to a request for .*: (?:unauthorized|denied|incorrect username)/,
    ) as string,
  }),
);

test("token: anybody gets what is open to anybody; wrong credentials do not", async () => {
  const { host, digest } = registries.token;
  const image = `${host}/open/pause:1`;
  expect(await manifestDigest(image, undefined)).toBe(await digest("open/pause", "1"));
  expect(await failure(image, wrong)).toMatchObject({ kind: "refused" });
});

test("token: an identity token is as good as the password", async () => {
  const { image, digest } = registries.token;
  expect(await manifestDigest(image, { identityToken })).toBe(await digest("longshore/pause", "1"));
});

test("token: a registry's own token is shown as it is", async () => {
  const { image, tokenFor, digest } = registries.token;
  const registryToken = tokenFor("longshore/pause");
  expect(await manifestDigest(image, { registryToken })).toBe(await digest("longshore/pause", "1"));
});

test.each([
  [401, "refused"],
  [403, "refused"],
  [429, "internal"],
  [500, "internal"],
  [502, "internal"],
  [503, "internal"],
] as const)("%d: %s, and when that is over the digest comes", async (status, kind) => {
  const image = `${fronts.plain.host}/longshore/pause:1`;
  await fronts.plain.set({ what: "status", status });
  const error = await failure(image);
  expect(error).toMatchObject({
    kind,
    message: expect.stringContaining(`${fronts.plain.host} answers ${status} `) as string,
  });
  if (kind === "refused") expect(error.message).toContain(`the test's fault ${status}`);
  await fronts.plain.clear();
  expect(await manifestDigest(image, undefined)).toMatch(/^sha256:/);
});

test("429: the registry is not asked a second time at once", async () => {
  await fronts.plain.set({ what: "status", status: 429 });
  const before = fronts.plain.requests.length;
  await failure(`${fronts.plain.host}/longshore/pause:1`);
  expect(fronts.plain.requests.slice(before).filter(({ asked }) => asked === "manifest")).toHaveLength(1);
});

test("a registry that says no digest: it is that of the manifest", async () => {
  const image = `${fronts.plain.host}/longshore/pause`;
  const known = await registries.plain.digest("longshore/pause", "1");
  await fronts.plain.set({ what: "noDigest" });
  expect(await manifestDigest(`${image}:1`, undefined)).toBe(known);
  expect(await manifestDigest(`${image}@${known}`, undefined)).toBe(known);
});

test("another manifest than that of the digest asked for is refused", async () => {
  const known = await registries.plain.digest("longshore/pause", "1");
  await fronts.plain.set({ what: "wrongDigest" });
  expect(await failure(`${fronts.plain.host}/longshore/pause@${known}`)).toMatchObject({ kind: "refused" });
});

test("nobody listens: unreachable", async () => {
  await fronts.plain.set({ what: "refuse" });
  expect(await failure(`${fronts.plain.host}/longshore/pause:1`)).toMatchObject({
    kind: "unreachable",
    message: expect.stringContaining("ECONNREFUSED") as string,
  });
});

test("a registry that is silent is waited for within limits: its own, and the caller's", async () => {
  const image = `${fronts.plain.host}/longshore/pause:1`;
  await fronts.plain.set({ what: "silent" });
  const lost = { kind: "lost", message: expect.stringContaining("did not answer HEAD") as string };
  const own = failure(image);
  expect(await failure(image, undefined, AbortSignal.timeout(300))).toMatchObject(lost);
  const giveUp = new AbortController();
  const given = manifestDigest(image, undefined, giveUp.signal);
  setTimeout(() => giveUp.abort(new Error("the run was cancelled")), 100);
  await expect(given).rejects.toThrow("the run was cancelled");
  expect(await own).toMatchObject(lost);
}, 30_000);

test("no host, no image: refused before anybody is asked", async () => {
  expect(await failure("127.0.0.1:99999/longshore/pause")).toMatchObject({ kind: "refused" });
  expect(await failure("Not An Image")).toMatchObject({ kind: "refused" });
});

describe("who is told credentials", () => {
  const image = () => `${fronts.htpasswd.host}/longshore/pause:1`;
  const seen = (front: FaultyRegistry) => front.requests.filter(({ asked }) => asked === "manifest");

  test("the registry, when it asks, and not before", async () => {
    await manifestDigest(image(), account);
    expect(seen(fronts.htpasswd).map(({ authorization }) => authorization?.split(" ")[0])).toEqual([
      undefined,
      "Basic",
    ]);
  });

  test("not another host that it sends to", async () => {
    const elsewhere = `http://${fronts.plain.host}`;
    await fronts.htpasswd.set({ what: "status", status: 401, times: 1 }, { what: "redirect", to: elsewhere });
    const before = [seen(fronts.htpasswd).length, seen(fronts.plain).length];
    expect(await manifestDigest(image(), account)).toMatch(/^sha256:/);
    const told = [seen(fronts.htpasswd).slice(before[0]), seen(fronts.plain).slice(before[1])];
    expect(told.map((list) => list.map(({ authorization }) => authorization !== undefined))).toEqual([
      [false, true],
      [false],
    ]);
  });

  test("not another host that it sends to and that asks for them itself", async () => {
    const elsewhere = `http://${fronts.htpasswd.host}`;
    await fronts.plain.set({ what: "redirect", to: elsewhere });
    const before = seen(fronts.htpasswd).length;
    expect(await failure(`${fronts.plain.host}/longshore/pause:1`, account)).toMatchObject({ kind: "refused" });
    const told = seen(fronts.htpasswd).slice(before);
    expect(told.length).toBeGreaterThan(0);
    expect(told.every(({ authorization }) => authorization === undefined)).toBe(true);
  });
});

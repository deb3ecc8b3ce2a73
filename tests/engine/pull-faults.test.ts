/** What goes wrong with registries and on the way to them: the right words, in bounded time, and nothing stays behind. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { marksOn } from "../../provider/image-gc/marks";
import { pullParameters } from "../../provider/image-reference";
import type { ImageInputs } from "../../provider/inputs";
import { engine } from "../support/engine";
import { type Asked, type Fault, type FaultyRegistry, startFaultyRegistry } from "../support/faulty-registry";
import { type Got, get, keyPrefix, listen } from "../support/one-image";
import { type Registry, account, identityToken, startRegistry } from "../support/registry";
import { until } from "../support/processes";
import { makeCertificates } from "../testbed/certificates";

type Kind = "plain" | "htpasswd" | "token" | "tls";

const registries = {} as Record<Kind, Registry>;
const fronts: FaultyRegistry[] = [];
const dir = mkdtempSync(join(tmpdir(), "longshore-faults-"));
const wrong = { username: account.username, password: "Sesam-lukk-deg" };

beforeAll(async () => {
  listen();
  registries.plain = await startRegistry();
  registries.htpasswd = await startRegistry({ auth: "htpasswd" });
  registries.token = await startRegistry({ auth: "token" });
  registries.tls = await startRegistry({ auth: "htpasswd", tls: true });
  makeCertificates(dir);
}, 120_000);

afterAll(async () => {
  for (const front of fronts) front.stop();
  for (const registry of Object.values(registries)) await registry.stop();
  rmSync(dir, { recursive: true, force: true });
}, 60_000);

interface Fresh {
  readonly front: FaultyRegistry;
  readonly image: string;
  readonly digest: string;
}

/** An image that the engine has nothing of, behind a front of its own. */
async function fresh(kind: Kind, layers = 1): Promise<Fresh> {
  const cert = (file: string) => readFileSync(join(dir, file));
  const tls = kind === "tls" ? { key: cert("server-key.pem"), cert: cert("server.pem") } : undefined;
  const front = await startFaultyRegistry(registries[kind], tls);
  fronts.push(front);
  const repository = `faults/${randomUUID().slice(0, 8)}`;
  const digest = await registries[kind].push(repository, "1", randomUUID(), { layers, layerBytes: 300_000 });
  return { front, image: `${front.host}/${repository}:1`, digest };
}

/** The engine, as if it were another: pulls of one engine wait for each other. */
function anotherEngine(): { readonly endpoint: string } {
  const path = join(dir, `${randomUUID().slice(0, 8)}.sock`);
  symlinkSync(engine.endpoint.url.replace(/^unix:\/\//, ""), path);
  return { endpoint: `unix://${path}` };
}

interface Case {
  readonly faults: readonly Fault[];
  readonly kind?: Kind;
  /** Asks for it by its digest. */
  readonly isPinned?: boolean;
  readonly options?: Partial<ImageInputs>;
  /** What the error says; without, the image comes. */
  readonly says?: RegExp;
  /** How often it is asked for: engines that try by themselves are asked less. @default once */
  readonly tries?: readonly number[];
  /** How long it may take, of which the plan has no more than 15 s. */
  readonly withinS: number;
}

interface Outcome extends Got {
  readonly image: string;
  readonly seen: (asked: Asked, method?: string) => number;
  /** The next one, when the fault is over. */
  readonly next: Got;
}

async function run({ faults, kind = "plain", isPinned = false, options = {} }: Case): Promise<Outcome> {
  const { front, image, digest } = await fresh(kind);
  const name = isPinned ? `${image.slice(0, -2)}@${digest}` : image;
  const plugin = { ...options.plugin, ...anotherEngine() };
  await front.set(...faults);
  const got = await get(name, { ...options, plugin });
  const requests = [...front.requests];
  await front.clear();
  const next = await get(name, { plugin, ...(kind !== "plain" && { auth: account }) });
  const seen = (asked: Asked, method = "GET") =>
    requests.filter((request) => request.asked === asked && request.method === method).length;
  return { ...got, image: name, seen, next };
}

const secrets = [account, wrong].flatMap(({ username, password }) => [
  password,
  Buffer.from(`${username}:${password}`).toString("base64"),
]);

function judge({ says, tries = [1], options, withinS }: Case, { image, error, next, said, ...got }: Outcome): void {
  const text = [error, ...said].join("\n");
  for (const secret of [...secrets, identityToken]) expect(text).not.toContain(secret);
  expect(text).not.toMatch(/[^\P{Cc}\n]|\baborted\b|undefined|\[object/u);
  expect(tries).toContain(1 + said.filter((line) => line.includes("trying again")).length);
  expect((got.checkMs + got.createMs) / 1000).toBeLessThan(withinS);
  if (says === undefined)
    expect({ id: got.id, error }).toEqual({ id: expect.stringMatching(/^sha256:/) as string, error: "" });
  else {
    expect(error).toContain(`image ${image} could not be pulled (the engine does not have it): `);
    expect(error).toContain(
      `(${image.split("/")[0] ?? ""}, asked ${options?.auth ? "with the credentials of the task's auth" : "without credentials"}); `,
    );
    expect(error).toMatch(says);
  }
  expect(next).toMatchObject({ id: expect.stringMatching(/^sha256:/) as string, error: "" });
}

const status = (code: number, more: Partial<Extract<Fault, { what: "status" }>> = {}): Fault => ({
  what: "status",
  status: code,
  ...more,
});
const hubLimit =
  "You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit";

describe("what no repetition helps is said at once", () => {
  const cases: Readonly<Record<string, Case>> = {
    "401, without credentials": {
      faults: [status(401)],
      says: /(?:unauthorized|authorization).*none were found \(looked in the task's auth, .*; give them in auth, or/,
      withinS: 10,
    },
    "401, with credentials": {
      faults: [status(401)],
      options: { auth: wrong },
      says: /the registry refuses the credentials of the task's auth; correct them, or set auth_soft_fail/,
      withinS: 10,
    },
    "403": {
      faults: [status(403, { message: "requested access to the resource is denied" })],
      options: { auth: wrong },
      says: /denied.*the registry refuses the credentials of the task's auth/,
      withinS: 10,
    },
    "429 of Docker Hub, whose limit does not pass soon": {
      // An engine that does not hand on the words tries.
      tries: [1, 5],
      faults: [status(429, { message: hubLimit })],
      says: /(?:toomanyrequests|Too Many Requests).*limit is reached; .* credentials that have a higher one$/i,
      withinS: 60,
    },
    "a tag that nobody pushed": {
      faults: [status(404, { code: "MANIFEST_UNKNOWN", message: "manifest unknown" })],
      says: /(?:manifest unknown|not found).*check the name and the tag$/,
      withinS: 10,
    },
    "htpasswd, without credentials": {
      faults: [],
      kind: "htpasswd",
      says: /give them in auth, or in the auth of the plugin/,
      withinS: 10,
    },
    "htpasswd, with wrong ones": {
      faults: [],
      kind: "htpasswd",
      options: { auth: wrong },
      says: /refuses the credentials of the task's auth/,
      withinS: 10,
    },
    "tokens, without credentials": {
      faults: [],
      kind: "token",
      says: /give them in auth, or in the auth of the plugin/,
      withinS: 10,
    },
    "tokens, with wrong ones": {
      faults: [],
      kind: "token",
      options: { auth: wrong },
      says: /refuses the credentials of the task's auth/,
      withinS: 10,
    },
    "TLS, with wrong ones": {
      faults: [],
      kind: "tls",
      options: { auth: wrong },
      says: /refuses the credentials of the task's auth/,
      withinS: 10,
    },
  };
  test.each(Object.entries(cases))("%s", async (_, one) => {
    const outcome = await run(one);
    judge(one, outcome);
    // A plan's question, and the pull's; some engines ask twice.
    if (!one.tries) expect(outcome.seen("manifest", "HEAD")).toBeLessThanOrEqual(6);
    expect(outcome.seen("layer")).toBe(0);
  });
});

test("TLS, without credentials", async () => {
  const { error, said } = await get(registries.tls.image);
  expect(error).toMatch(/give them in auth, or in the auth of the plugin$/);
  expect(said.filter((line) => line.includes("trying again"))).toEqual([]);
});

test("a tag that was taken away from the registry: not found, and once it is there again it comes", async () => {
  const { image, front } = await fresh("plain");
  const [, repository = ""] = /\/(.*):1$/.exec(image) ?? [];
  await registries.plain.removeTag(repository, "1");
  const { error } = await get(image);
  expect(error).toMatch(/could not be pulled.*(?:manifest unknown|not found).*check the name and the tag$/);
  await registries.plain.push(repository, "1", "again");
  expect(await get(image)).toMatchObject({ error: "" });
  expect(front.requests.length).toBeLessThan(30);
});

// They are run side by side: what they wait for is time.
describe("what can pass is tried again, for a bounded time", () => {
  const busy =
    "the registry has too much to do, or its limit is reached; try later, or with credentials that have a higher one";
  const down = "nothing answers there: check that the registry runs, and that the engine reaches it";
  const unreached = "check that the engine reaches the registry, and try again";
  const cases: Readonly<Record<string, Case>> = {
    "a stall in mid-layer ends with pull_activity_timeout": {
      faults: [{ what: "stall" }],
      options: { plugin: { pullActivityTimeout: "1m" } },
      says: /the engine said nothing for pull_activity_timeout \(1m\) .*; raise it in the plugin, or look at the registry$/,
      withinS: 75,
    },
    "a layer that is cut always: the engine tries, and then it is over": {
      faults: [{ what: "cut" }],
      tries: [1, 5],
      says: new RegExp(`${unreached}$`),
      withinS: 150,
    },
    "a registry that is silent ends with image_pull_timeout": {
      faults: [{ what: "silent" }],
      options: { imagePullTimeout: "5s" },
      says: /it was not done within image_pull_timeout \(5s\) .*; raise it, or look at the registry$/,
      withinS: 30,
    },
    "a layer that is slow ends with it too": {
      faults: [{ what: "slow", bytesPerSecond: 10_000 }],
      options: { imagePullTimeout: "5s" },
      says: /it was not done within image_pull_timeout \(5s\)/,
      withinS: 15,
    },
    "a layer that is cut once: it goes on": { faults: [{ what: "cut", times: 1 }], withinS: 30 },
    "a layer that is corrupt once": { faults: [{ what: "corrupt", times: 1 }], tries: [2], withinS: 30 },
    "a layer that is corrupt always": {
      faults: [{ what: "corrupt" }],
      tries: [5],
      says: /, and so for 5 times.*what came is not what its digest says/,
      withinS: 60,
    },
    "another manifest than its digest says": {
      faults: [{ what: "wrongDigest" }],
      isPinned: true,
      tries: [5],
      says: /, and so for 5 times.*; what came is not what its digest says; look at the registry/,
      withinS: 40,
    },
    "429 thrice: as long as the plan takes, and one more": {
      faults: [status(429, { times: 6 })],
      tries: [1, 2, 3],
      withinS: 30,
    },
    "429 always": {
      faults: [status(429)],
      tries: [5],
      says: new RegExp(`, and so for 5 times .*${busy}$`),
      withinS: 40,
    },
    "500 a few times": { faults: [status(500, { times: 6 })], tries: [1, 2, 3], withinS: 30 },
    "503 always": {
      faults: [status(503)],
      tries: [5],
      says: new RegExp(`503.*, and so for 5 times .*${unreached}$`),
      withinS: 40,
    },
    "nobody listens": {
      faults: [{ what: "refuse" }],
      tries: [5],
      says: new RegExp(`connection refused, and so for 5 times .*${down}$`),
      withinS: 40,
    },
    "TLS, and nobody listens": {
      faults: [{ what: "refuse" }],
      kind: "tls",
      options: { auth: account },
      tries: [5],
      says: new RegExp(`connection refused, and so for 5 times .*${down}$`),
      withinS: 40,
    },
    "a time too short for another try": {
      faults: [status(503)],
      options: { imagePullTimeout: "6s" },
      tries: [3],
      says: /503.*, and so for 3 times/,
      withinS: 20,
    },
    "a time longer than any timer": { faults: [], options: { imagePullTimeout: "1000h" }, withinS: 20 },
  };
  const outcomes = new Map<string, Promise<Outcome>>();
  beforeAll(() => {
    for (const [name, one] of Object.entries(cases)) outcomes.set(name, run(one));
    for (const outcome of outcomes.values()) outcome.catch(() => undefined);
  });
  test.each(Object.entries(cases))(
    "%s",
    async (name, one) => {
      const outcome = await outcomes.get(name);
      if (!outcome) throw new Error("it was not begun");
      judge(one, outcome);
    },
    200_000,
  );
});

test("an engine that is busy with other layers says so of those that wait", async () => {
  const [busy, waiting] = [await fresh("plain", 3), await fresh("plain")];
  // As many layers as an engine has on the way at once.
  await busy.front.set({ what: "slow", bytesPerSecond: 60_000 });
  const first = get(busy.image);
  await until("it pulls", () => busy.front.requests.filter(({ asked }) => asked === "layer").length === 3);
  const heard: boolean[] = [];
  await engine.pullImage(pullParameters(waiting.image), {
    signal: AbortSignal.timeout(30_000),
    silenceMs: 30_000,
    onProgress: ({ isWaiting }) => heard.push(isWaiting),
  });
  expect(heard).toContain(true);
  expect(heard.at(-1)).toBe(false);
  expect(await first).toMatchObject({ error: "" });
}, 60_000);

test("of many images of a registry that is down, not each is waited for anew", async () => {
  const plugin = anotherEngine();
  const { front } = await fresh("plain");
  await front.set({ what: "refuse" });
  const began = Date.now();
  const images = Array.from({ length: 12 }, (_, index) => `${front.host}/down/image-${index}:1`);
  const all = await Promise.all(images.map((image) => get(image, { plugin })));
  for (const { error } of all) expect(error).toMatch(/connection refused.*check that the registry runs/);
  // Four at a time, of 15 s, would be 45 s.
  expect((Date.now() - began) / 1000).toBeLessThan(30);
}, 90_000);

test("nothing of all that is left on the engine", async () => {
  const left = (await marksOn(engine)).filter((mark) => "key" in mark && mark.key.startsWith(keyPrefix));
  expect(left).toEqual([]);
});

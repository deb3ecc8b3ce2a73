/** Where credentials come from: the order, real files, real helpers, and what is never said. */
import { chmodSync } from "node:fs";
import { relative } from "node:path";
import { CredentialsError, type Sources, credentialsFor } from "../../../provider/credentials/credentials";
import { authHeader } from "../../../provider/engine/auth-header";
import type { RegistryAuth } from "../../../provider/engine/types";
import { placeOf } from "../../../provider/image-reference";
import { recordings, tasksOf } from "../../conformance/recording";
import { type Helpers, answering, helpersOnPath, knowingNothing } from "../../support/credential-helpers";

const secret = "Sesam:aapne:luken";
const registry = "127.0.0.1:5112";
const hub = "https://index.docker.io/v1/";
const base64 = (text: string) => Buffer.from(text).toString("base64");
const account = { username: "oracle", password: secret };
const stored = { auth: base64(`oracle:${secret}`) };

let helpers: Helpers;
let warnings: string[];
const variable = process.env.DOCKER_CONFIG;
beforeAll(() => (helpers = helpersOnPath()));
afterAll(() => {
  helpers.remove();
  process.env.DOCKER_CONFIG = variable;
  if (variable === undefined) delete process.env.DOCKER_CONFIG;
});
beforeEach(() => {
  process.env.DOCKER_CONFIG = `${helpers.dir}/docker-${++count}`;
  warnings = [];
  jest.spyOn(console, "error").mockImplementation((text: string) => void warnings.push(text));
});
afterEach(() => {
  jest.restoreAllMocks();
  for (const text of warnings) expectNoSecret(text);
});

let count = 0;
const helper = (script: string) => {
  const name = `c${++count}`;
  helpers.add(name, script);
  return name;
};
const config = (content: unknown) => helpers.write(`config-${++count}.json`, content);
const ofDockerCommand = (content: unknown) =>
  helpers.write(`${relative(helpers.dir, process.env.DOCKER_CONFIG ?? "")}/config.json`, content);
const none = () => helper(knowingNothing);
const some = (username = "oracle") => helper(answering(username, secret));

const expectNoSecret = (text: string) => {
  for (const form of [
    secret,
    ...secret.split(":"),
    base64(secret),
    base64(`oracle:${secret}`),
    base64(secret).slice(0, 12),
  ])
    expect(text).not.toContain(form);
};
const look = (sources: Partial<Sources>, at = registry) => credentialsFor(at, { plugin: undefined, ...sources });
const failure = async (sources: Partial<Sources>, at = registry) => {
  const error: unknown = await look(sources, at).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CredentialsError);
  const { message, cause, stack = "" } = error as Error;
  for (const text of [message, stack, String(cause)]) expectNoSecret(text);
  return message;
};

describe("the order", () => {
  test("the task's own before all else, and nothing else is looked into", async () => {
    const asked = some("other");
    const plugin = { config: "nowhere.json", helper: asked };
    const auth = { username: "oracle", password: secret, serverAddress: "another.example" };
    expect(await look({ auth, plugin })).toEqual({
      credentials: { auth, from: "the task's auth" },
      in: ["the task's auth"],
    });
    expect(helpers.asked(asked)).toEqual([]);
  });

  test.each([
    [{ email: "x@example.test" }],
    [{ serverAddress: "x" }],
    [{ identityToken: "x" }],
    [{ registryToken: "x" }],
  ])("%j is the task's own", async (auth) =>
    expect((await look({ auth, plugin: { config: "nowhere.json" } })).credentials?.auth).toBe(auth),
  );

  test("an empty one of the task is none", async () => {
    const auth = { username: "", password: "" };
    const path = config({ auths: { [registry]: stored } });
    expect((await look({ auth, plugin: { config: path } })).credentials?.from).toBe(
      `the plugin's auth.config (${path})`,
    );
  });

  test("a config: auths, then the registry's helper, then the store", async () => {
    const [own, store] = [some("own"), some("store")];
    const auths = { [registry]: stored };
    const [all, without, last] = [
      { auths, credHelpers: { [registry]: own }, credsStore: store },
      { auths: { [registry]: {} }, credHelpers: { [registry]: own }, credsStore: store },
      { auths: {}, credHelpers: { [registry]: none(), "other.example": own }, credsStore: store },
    ].map(config);
    const [first, second, third] = await Promise.all(
      [all, without, last].map((path) => look({ plugin: { config: path } })),
    );
    expect(first?.credentials).toEqual({
      auth: { ...account, serverAddress: registry },
      from: `the plugin's auth.config (${all})`,
    });
    expect(second?.credentials).toEqual({
      auth: { username: "own", password: secret },
      from: `docker-credential-${own} (credHelpers of the plugin's auth.config (${without}))`,
    });
    expect(third?.credentials?.from).toBe(
      `docker-credential-${store} (credsStore of the plugin's auth.config (${last}))`,
    );
    expect(third?.in).toHaveLength(4);
  });

  test("then the plugin's helper, when the config has none; then nothing", async () => {
    const path = config({ auths: { "other.example": stored } });
    const [asked, empty] = [some(), none()];
    expect((await look({ plugin: { config: path, helper: asked } })).credentials).toEqual({
      auth: account,
      from: `docker-credential-${asked} (the plugin's auth.helper)`,
    });
    expect(await look({ plugin: { config: path, helper: empty } })).toEqual({
      in: [
        "the task's auth",
        `the plugin's auth.config (${path})`,
        `docker-credential-${empty} (the plugin's auth.helper)`,
      ],
    });
  });

  test("the docker command's own config only when the plugin names no place", async () => {
    const path = ofDockerCommand({ auths: { [registry]: stored } });
    const from = `the docker command's config (${path})`;
    for (const plugin of [undefined, {}, { config: undefined, helper: "" }])
      expect((await look({ plugin })).credentials).toEqual({ auth: { ...account, serverAddress: registry }, from });
    expect(await look({ plugin: { helper: none() } })).not.toHaveProperty("credentials");
    expect(await look({ plugin: { config: config({}) } })).not.toHaveProperty("credentials");
  });

  test("a place is looked into for nobody who has had an answer", async () => {
    const asked = some();
    const path = config({ auths: { [registry]: stored } });
    await look({ plugin: { config: path, helper: asked } });
    expect(helpers.asked(asked)).toEqual([]);
  });
});

describe("what an entry holds", () => {
  test.each([
    ["a name and a password that has colons", stored, account],
    ["the same, ended by zeros", { auth: base64(`oracle:${secret}\0\0`) }, account],
    ["the same in lines", { auth: stored.auth.replace(/^(.{4})/, "$1\n") }, account],
    ["other letters than ASCII", { auth: base64("øre:blåbær") }, { username: "øre", password: "blåbær" }],
    ["an empty password", { auth: base64("oracle:") }, { username: "oracle", password: "" }],
    ["in plain", account, account],
    ["both: what docker login writes holds", { ...stored, username: "x", password: "y" }, account],
    [
      "an identity token",
      { auth: base64("oracle:"), identitytoken: secret },
      { username: "oracle", password: "", identityToken: secret },
    ],
    ["an identity token alone", { identitytoken: secret }, { identityToken: secret }],
    ["a registry token", { registrytoken: secret }, { registryToken: secret }],
    ["null is what is left out", { auth: stored.auth, identitytoken: null }, account],
  ])("%s", async (_, entry, auth) =>
    expect((await look({ plugin: { config: config({ auths: { [registry]: entry } }) } })).credentials?.auth).toEqual({
      ...auth,
      serverAddress: registry,
    }),
  );

  test.each([[{}], [{ email: "x@example.test" }], [{ auth: "" }], [{ username: "", password: "" }]])(
    "%j is nothing",
    async (entry) =>
      expect(await look({ plugin: { config: config({ auths: { [registry]: entry } }) } })).not.toHaveProperty(
        "credentials",
      ),
  );

  test("a name of JavaScript's own is no registry's", async () =>
    expect(
      await look({ plugin: { config: config('{"auths":{},"credHelpers":{}}') } }, "constructor"),
    ).not.toHaveProperty("credentials"));
});

describe("Docker's own registry", () => {
  const { registry: dockerHub } = placeOf("redis:7");

  test("an entry, by what docker login writes", async () =>
    expect(
      (await look({ plugin: { config: config({ auths: { [hub]: stored } }) } }, dockerHub)).credentials?.auth,
    ).toEqual({
      ...account,
      serverAddress: hub,
    }));

  test("a config's helper is asked for Docker's key", async () => {
    const [own, store] = [none(), some()];
    await look({ plugin: { config: config({ credHelpers: { [hub]: own }, credsStore: store }) } }, dockerHub);
    expect([helpers.asked(own), helpers.asked(store)]).toEqual([[hub], [hub]]);
  });

  test("the plugin's helper is asked for its domain, then for Docker's key", async () => {
    const byKey = helper(`[ "$server" = ${hub} ] || { ${knowingNothing}; }; ${answering("oracle", secret)}`);
    const byName = some();
    expect((await look({ plugin: { helper: byKey } }, dockerHub)).credentials?.auth).toEqual(account);
    await look({ plugin: { helper: byName } }, dockerHub);
    expect([helpers.asked(byKey), helpers.asked(byName)]).toEqual([["docker.io", hub], ["docker.io"]]);
  });

  test("the plugin's helper is asked for another registry once, by its host and port", async () => {
    const asked = none();
    await look({ plugin: { helper: asked } });
    expect(helpers.asked(asked)).toEqual([registry]);
  });
});

describe("a place of the plugin that cannot be looked into is said", () => {
  const wayOut =
    /; correct the file, or the plugin option auth\.config, a path relative to the program's directory; or take it out$/;
  test.each([
    ["no JSON", `{"auths": ${secret}}`, "it is no JSON"],
    ["an empty file", "", "it is no JSON"],
    ["another JSON", [secret], "it is no JSON object"],
    ["a text for auths", { auths: secret }, "its auths has not the form that the docker command writes"],
    [
      "a text for an entry",
      { auths: { [secret]: secret } },
      "its auths has not the form that the docker command writes",
    ],
    [
      "a number for a helper",
      { credHelpers: { [secret]: 1 } },
      "its credHelpers has not the form that the docker command writes",
    ],
    [
      "a list for the store",
      { credsStore: [secret] },
      "its credsStore has not the form that the docker command writes",
    ],
    [
      "an auth that is no base64",
      { auths: { [registry]: { auth: secret } } },
      "the registry's auth in it is not the base64 of user:password",
    ],
    [
      "an auth without a colon",
      { auths: { [registry]: { auth: base64(secret.replaceAll(":", "")) } } },
      "the registry's auth in it is not the base64 of user:password",
    ],
    [
      "an auth without a name",
      { auths: { [registry]: { auth: base64(`:${secret}`) } } },
      "the registry's auth in it is not the base64 of user:password",
    ],
  ])("%s", async (_, content, reason) => {
    const path = config(content);
    const text = await failure({ plugin: { config: path } });
    expect(text).toContain(
      `the plugin's auth.config (${path}) could not be looked into for credentials for ${registry}: ${reason}; `,
    );
    expect(text).toMatch(wayOut);
  });

  test("null in place of an entry or a helper is nothing", async () => {
    const path = config({ auths: { [registry]: null }, credHelpers: { [registry]: null }, credsStore: null });
    expect(await look({ plugin: { config: path } })).not.toHaveProperty("credentials");
  });

  test("an entry of another registry is not read", async () =>
    expect(
      await look({ plugin: { config: config({ auths: { "other.example": { auth: "?" } } }) } }),
    ).not.toHaveProperty("credentials"));

  test("no file, a directory, a device", async () => {
    const said = await Promise.all(
      ["nowhere.json", helpers.dir, "/dev/zero"].map((path) => failure({ plugin: { config: path } })),
    );
    expect(said.map((text) => /: ([^:;]*);/.exec(text)?.[1])).toEqual([
      "there is no such file",
      "it is a directory",
      "it is no plain file",
    ]);
    expect(said[0]).toMatch(wayOut);
  });

  test("a path is relative to where the program runs", async () => {
    const path = relative(process.cwd(), config({ auths: { [registry]: stored } }));
    expect((await look({ plugin: { config: path } })).credentials?.from).toBe(`the plugin's auth.config (${path})`);
  });

  test("its helper", async () => {
    const failing = helper(`echo '${secret}'; exit 3`);
    expect(await failure({ plugin: { helper: failing } })).toBe(
      `docker-credential-${failing} (the plugin's auth.helper) could not be looked into for credentials for ${registry}: ` +
        "it ended with exit code 3; see what it says when it is run by hand, or correct the plugin option auth.helper",
    );
    const path = config({ credsStore: failing });
    expect(await failure({ plugin: { config: path } })).toContain(
      `docker-credential-${failing} (credsStore of the plugin's auth.config (${path})) could not be looked into`,
    );
    const odd = config({ credHelpers: { [registry]: "../sh\u001b[2J" } });
    const text = await failure({ plugin: { config: odd, helper: some() } });
    expect(text).toContain("the name of a helper is no path");
    expect(text).not.toContain("\u001b");
  });
});

describe("the docker command's own config", () => {
  test("none there is nothing, and not worth a word", async () => {
    const { credentials, in: looked } = await look({});
    expect([credentials, looked, warnings]).toEqual([
      undefined,
      ["the task's auth", `the docker command's config (${process.env.DOCKER_CONFIG ?? ""}/config.json)`],
      [],
    ]);
    ofDockerCommand("");
    expect([await look({}), warnings]).toEqual([{ in: looked }, []]);
  });

  test("without DOCKER_CONFIG, in the home directory", async () => {
    delete process.env.DOCKER_CONFIG;
    expect((await look({}, "nobody-has-this.example")).in.at(-1)).toMatch(/\/\.docker\/config\.json\)+$/);
  });

  test("the registry's helper before the store, before what the file holds", async () => {
    const auths = { [registry]: stored };
    const [own, store] = [some("own"), some("store")];
    ofDockerCommand({ auths, credHelpers: { [registry]: own }, credsStore: store });
    expect((await look({})).credentials?.auth.username).toBe("own");
    ofDockerCommand({ auths, credHelpers: { "other.example": own }, credsStore: store });
    expect((await look({})).credentials?.auth.username).toBe("store");
    ofDockerCommand({ auths, credHelpers: { [registry]: "" }, credsStore: store });
    expect((await look({})).credentials?.auth.username).toBe("oracle");
  });

  test("a helper that has nothing: as to the docker command, there is nothing", async () => {
    const store = some();
    ofDockerCommand({ auths: { [registry]: stored }, credHelpers: { [registry]: none() }, credsStore: store });
    expect(await look({})).not.toHaveProperty("credentials");
    expect([helpers.asked(store), warnings]).toEqual([[], []]);
  });

  test("a helper that fails is told once, and what the file holds is used", async () => {
    ofDockerCommand({ auths: { [registry]: stored }, credsStore: helper(`echo ${secret}; exit 1`) });
    for (const at of [registry, registry])
      expect((await look({}, at)).credentials?.auth).toEqual({ ...account, serverAddress: registry });
    expect(await look({}, "other.example")).not.toHaveProperty("credentials");
    expect(warnings).toEqual([
      expect.stringMatching(
        /^warning: docker-credential-c\d+ \(credsStore of the docker command's config \(.*\)\) could not be looked into .*: it ended with exit code 1; .*; going on without$/,
      ),
    ]);
  });

  test.each([
    ["no JSON", secret],
    ["another form", { auths: secret }],
    ["a broken entry", { auths: { [registry]: { auth: secret } } }],
    ["a helper that is not there", { credsStore: "nobody-has-this" }],
  ])("%s is told once, and nothing more", async (_, content) => {
    ofDockerCommand(content);
    const found = await Promise.all([look({}), look({})]);
    expect(found.map(({ credentials }) => credentials)).toEqual([undefined, undefined]);
    expect(warnings).toEqual([expect.stringMatching(/^warning: .*; going on without$/)]);
  });

  test("a file that may not be read (not as root)", async () => {
    if (process.getuid?.() === 0) return;
    chmodSync(ofDockerCommand({ auths: { [registry]: stored } }), 0);
    expect(await look({})).not.toHaveProperty("credentials");
    expect(warnings).toEqual([expect.stringContaining("it may not be read")]);
  });
});

describe("as Nomad's driver was recorded: the credentials that the engine is shown", () => {
  const sent = (calls: readonly string[]) => {
    const [, header] = /X-Registry-Auth=(\{.*\})/.exec(calls.join("\n")) ?? [];
    return header === undefined ? undefined : (JSON.parse(header) as unknown);
  };
  const auths = (password: string) => config({ auths: { [registry]: { auth: base64(`oracle:${password}`) } } });
  const scripts: Readonly<Record<string, string>> = {
    good: answering("oracle", "s3cret"),
    empty: "echo '{}'",
    fail: "exit 1",
  };

  interface Config {
    readonly image: string;
    readonly auth?: RegistryAuth;
    readonly auth_soft_fail?: boolean;
  }
  const cases = recordings.filter(({ name }) => name.startsWith("auth-"));
  test("there are some", () => expect(cases.length).toBeGreaterThan(8));
  test.each(cases.map((recording) => [recording.name, recording] as const))("%s", async (_, recording) => {
    const { plugin, observed } = recording;
    const [task] = tasksOf(recording);
    const { image, auth, auth_soft_fail: soft } = (task?.Config ?? {}) as unknown as Config;
    const written = (plugin as { auth?: { config?: string; helper?: string } }).auth;
    const files: Readonly<Record<string, string>> = { "wrong auths": auths("wrong"), "missing file": "nowhere.json" };
    const looking = credentialsFor(placeOf(image).registry, {
      auth,
      plugin: written && {
        config: written.config && files[written.config],
        helper: written.helper && helper(scripts[written.helper] ?? "exit 1"),
      },
    });
    // A place that fails is none with auth_soft_fail, which is the caller's.
    const { credentials } = await looking.catch((error: unknown) => {
      expect([error instanceof CredentialsError, soft]).toEqual([true, true]);
      return { credentials: undefined };
    });
    const header = authHeader(credentials?.auth)["X-Registry-Auth"];
    const shown =
      header === undefined ? undefined : (JSON.parse(Buffer.from(header, "base64url").toString()) as unknown);
    expect(shown).toEqual(sent(observed.engine_calls ?? []));
  });
});

test("the header has the names of Docker's wire", () =>
  expect(
    JSON.parse(
      Buffer.from(
        authHeader({ identityToken: "i", registryToken: "r", serverAddress: "s", email: "" })["X-Registry-Auth"] ?? "",
        "base64url",
      ).toString(),
    ),
  ).toEqual({ identitytoken: "i", registrytoken: "r", serveraddress: "s" }));

/** How engines' addresses are read; and where an engine is looked for, in which order. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineAddress, printable } from "../../provider/engine-address";
import type { Endpoint } from "../../provider/engine/endpoint";
import { transportTo } from "../../provider/engine/transport";
import { endpointOf } from "../../provider/engine/endpoint";
import { sshArguments } from "../../provider/engine/ssh";
import { pluginOptions } from "../../provider/options/plugin";
import { validate, violations, warnings } from "../../provider/options/folds";

test.each([
  ["unix:///var/run/docker.sock", { kind: "socket", path: "/var/run/docker.sock" }],
  ["tcp://10.0.0.5:2375", { kind: "tcp", host: "10.0.0.5", port: 2375 }],
  ["tcp://build-host/", { kind: "tcp", host: "build-host" }],
  ["tcp://[::1]:2375", { kind: "tcp", host: "::1", port: 2375 }],
  ["http://build-host:80", { kind: "tcp", host: "build-host", port: 80, tls: false }],
  ["https://build-host", { kind: "tcp", host: "build-host", tls: true }],
  ["ssh://build-host", { kind: "ssh", host: "build-host" }],
  [
    "ssh://deploy@build-host:2222/run/d.sock",
    { kind: "ssh", user: "deploy", host: "build-host", port: 2222, path: "/run/d.sock" },
  ],
] as const)("%s is an address", (text, address) => expect(engineAddress(text)).toEqual(address));

test("npipe:// is a pipe of Windows (no Windows here: the path alone is looked at)", () =>
  expect(engineAddress("npipe:////./pipe/docker_engine")).toEqual({
    kind: "socket",
    path: "\\\\.\\pipe\\docker_engine",
  }));

test.each([
  ["/var/run/docker.sock", "has no scheme; did you mean unix:///var/run/docker.sock?"],
  ["\\\\.\\pipe\\docker_engine", "has no scheme; did you mean npipe:////./pipe/docker_engine?"],
  ["localhost:2375", "has no scheme; did you mean tcp://localhost:2375?"],
  ["docker", /^has no scheme; write unix:/],
  ["", /^has no scheme; write unix:/],
  ["fd://", /^has a scheme that no engine is reached by; write unix:/],
  ["unix://", /^has no path/],
  ["unix://run/docker.sock", "has no absolute path; did you mean unix:///run/docker.sock?"],
  ["tcp://", /^names no host/],
  ["tcp://:2375", /^names no host/],
  ["ssh://", /^names no host/],
  ["tcp://host:0", /^has a port that is no number/],
  ["tcp://host:http", /^has a port that is no number/],
  ["tcp://host:2375/v1", /^has a path, "\/v1"/],
  ["tcp://me@host", /^names a user; only ssh/],
  ["ssh://me:secret@host", /^holds a password/],
  ["ssh://-oProxyCommand=touch x", /^has a name that begins with "-"/],
  ["ssh://-oProxyCommand=touch@host", /^has a name that begins with "-"/],
])("%j is none, and the way out is told", (text, why) => {
  const address = engineAddress(text);
  if (typeof why === "string") expect(address).toBe(why);
  else expect(address).toMatch(why);
});

test("a password in an address is never printed", () => {
  expect(printable("ssh://me:secret@host")).toBe("ssh://me:…@host");
  const { failures } = validate(pluginOptions, { endpoint: "ssh://me:secret@host" }, () => false);
  expect(failures.map(({ reason }) => reason)).toEqual([expect.stringMatching(/^endpoint is "ssh:.*holds a password/)]);
  expect(JSON.stringify(failures)).not.toContain("secret");
});

test("what ssh is told is words, whatever the address holds", () => {
  const address = engineAddress("ssh://deploy@host:22/a b/$(x)'") as never;
  expect(sshArguments(address).slice(-3)).toEqual([
    "--",
    "host",
    `docker --host 'unix:///a b/$(x)'\\''' system dial-stdio`,
  ]);
  expect(sshArguments(address)).toEqual(expect.arrayContaining(["BatchMode=yes", "-l", "deploy", "-p", "22"]));
});

describe("where the engine is", () => {
  let dir: string;
  const contextDir = (name: string) => createHash("sha256").update(name).digest("hex");
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "longshore-contexts-"));
    writeFileSync(join(dir, "config.json"), JSON.stringify({ currentContext: "current" }));
    for (const name of ["current", "other"]) {
      const place = join(dir, "contexts", "meta", contextDir(name));
      mkdirSync(place, { recursive: true });
      const Endpoints = { docker: { Host: `ssh://${name}` } };
      writeFileSync(join(place, "meta.json"), JSON.stringify({ Name: name, Endpoints }));
    }
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  test.each([
    [
      "the plugin option endpoint",
      { endpoint: "tcp://a:1" },
      { DOCKER_HOST: "tcp://b:1", DOCKER_CONTEXT: "other" },
      "tcp://a:1",
    ],
    ["DOCKER_HOST", {}, { DOCKER_HOST: "tcp://b:1", DOCKER_CONTEXT: "other" }, "tcp://b:1"],
    ['the docker context "other"', {}, { DOCKER_CONTEXT: "other" }, "ssh://other"],
    ['the docker context "current"', {}, {}, "ssh://current"],
    ["the platform's default", {}, { DOCKER_CONTEXT: "default" }, "unix:///var/run/docker.sock"],
  ] as const)("%s says it", (saidBy, plugin, env, url) =>
    expect(endpointOf(plugin, { DOCKER_CONFIG: dir, ...env })).toMatchObject({ saidBy, url }),
  );

  test("tls without an endpoint is not used; nor are DOCKER_HOST's certificates with one", () => {
    const certificates = { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: dir };
    expect(endpointOf({ tls: { ca: "ca.pem" } }, { DOCKER_CONFIG: dir, DOCKER_HOST: "tcp://b:1" }).tls).toBeUndefined();
    expect(endpointOf({ endpoint: "tcp://a:1" }, { DOCKER_HOST: "tcp://b:1", ...certificates }).tls).toBeUndefined();
    expect(endpointOf({}, { DOCKER_HOST: "tcp://b:1", ...certificates }).tls?.ca?.path).toBe(join(dir, "ca.pem"));
  });

  test("paths of tls are relative to the program's directory", () =>
    expect(endpointOf({ endpoint: "tcp://a:1", tls: { ca: "certs/ca.pem" } }, {}).tls?.ca?.path).toBe(
      join(process.cwd(), "certs/ca.pem"),
    ));
});

describe("tls", () => {
  const cautionsOf = (options: object) => warnings(pluginOptions, { ...options }, () => false);
  const violationsOf = (options: object) => violations(pluginOptions, options as never, {}).map(({ reason }) => reason);

  test.each([
    [{ tls: { ca: "a" } }, /^tls is ignored: it is used only with endpoint/],
    [{ tls: { ca: "a" }, endpoint: "unix:///x" }, /^tls is ignored: unix:\/\/\/x is reached without TLS/],
  ])("%j: that it is ignored is not silent", (options, said) =>
    expect(cautionsOf(options)).toEqual([expect.stringMatching(said)]),
  );

  test("with an endpoint that is known only later, nothing is said or refused yet", () => {
    const options = { tls: { ca: "a" }, endpoint: Symbol("later") };
    const isUnknown = (value: unknown) => value === options.endpoint;
    expect(warnings(pluginOptions, { ...options }, isUnknown)).toEqual([]);
    expect(violations(pluginOptions, options as never, {}, isUnknown)).toEqual([]);
  });

  test("with an endpoint that has TLS, nothing is said", () =>
    expect(cautionsOf({ tls: { ca: "a" }, endpoint: "tcp://x" })).toEqual([]));

  test.each([
    [{ endpoint: "tcp://x", tls: { cert: "a" } }, /^tls has a cert without its key/],
    [{ endpoint: "tcp://x", tls: { key: "a" } }, /^tls has a key without its cert/],
    [{ endpoint: "http://x", tls: {} }, /^tls is given, and endpoint is http:/],
  ])("%j is refused", (options, why) => expect(violationsOf(options)).toEqual([expect.stringMatching(why)]));
});

test.each([
  ["ssh://u:pa/ss@h", "ssh://u:…@h"],
  ["tcp://u:p@ss@h:2376", "tcp://u:…@h:2376"],
  ["https://token@h", "https://…@h"],
  ["ssh://deploy@build-host", "ssh://deploy@build-host"],
  ["https://registry:5000/a/b@sha256:00", "https://registry:5000/a/b@sha256:00"],
])("%s is shown as %s", (text, shown) => expect(printable(text)).toBe(shown));

test("certificates for http:// are a contradiction that is said, and nothing is spoken in the clear", () => {
  const endpoint = {
    url: "http://10.0.0.5:2375",
    saidBy: "DOCKER_HOST",
    address: { kind: "tcp", host: "10.0.0.5", port: 2375, tls: false },
    tls: { ca: "ca.pem" },
  } as unknown as Endpoint;
  expect(() => transportTo(endpoint)).toThrow(/certificates are given, and http:\/\/ is without TLS/);
});

/** Where an engine is, and how it is reached: real TLS, real ssh, real contexts of the docker command. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Engine } from "../../provider/engine/engine";
import { endpointOf, type Written } from "../../provider/engine/endpoint";
import { type Certificates, type CertificateName, makeCertificates } from "../testbed/certificates";
import { startEngine, type TestEngine } from "../testbed/engine";
import { freePort, until } from "../testbed/own-process";
import { type SshHost, startSshd } from "../testbed/ssh";

type Env = Readonly<Record<string, string>>;

let dir: string;
let certificates: Certificates;
let engine: TestEngine;
let host: SshHost;
let id: string;
const made: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "longshore-endpoints-"));
  made.push(() => rmSync(dir, { recursive: true, force: true }));
  certificates = makeCertificates(dir);
  const { pem, key } = certificates;
  engine = await startEngine([], { tls: { ca: pem("ca"), cert: pem("server"), key: key("server") } });
  made.push(engine.stop);
  host = await startSshd(engine.url);
  made.push(host.stop);
  id = (await engine.client.info()).ID;
}, 180_000);

afterAll(async () => {
  for (const end of made.reverse()) await end();
}, 60_000);

const opened: Engine[] = [];
afterEach(() => opened.splice(0).forEach((one) => one.close()));

/** The id of the engine that is reached, or why none is. */
async function reached(plugin: Written, env: Env = {}): Promise<string> {
  try {
    const one = connect(endpointOf(plugin, { DOCKER_CONFIG: dir, ...env }));
    opened.push(one);
    return (await one.info()).ID;
  } catch (error) {
    return (error as Error).message;
  }
}

const tls = (client?: CertificateName, ca: CertificateName = "ca") => ({
  ca: certificates.pem(ca),
  ...(client && { cert: certificates.pem(client), key: certificates.key(client) }),
});

describe("TLS", () => {
  test("an engine lets a client in that its CA has signed", async () =>
    expect(await reached({ endpoint: engine.tlsUrl, tls: tls("client") })).toBe(id));

  test("https:// is the same as tcp:// with certificates", async () =>
    expect(await reached({ endpoint: engine.tlsUrl.replace("tcp", "https"), tls: tls("client") })).toBe(id));

  test.each<[string, () => Written, RegExp]>([
    [
      "without a client's certificate",
      () => ({ tls: tls() }),
      /^no engine answers at tcp:\S+ \(from the plugin option endpoint\): it wants a client's certificate, and was given none.*; give one with/,
    ],
    [
      "with a certificate of a foreign CA",
      () => ({ tls: tls("stranger") }),
      /it does not accept the client's certificate \S+stranger.pem \(from the plugin option tls.cert\).*; give one that the engine's own CA signed/,
    ],
    [
      "with a certificate out of date",
      () => ({ tls: tls("expired") }),
      /expired.pem \(from the plugin option tls.cert\) expired on 2021-01-01;/,
    ],
    [
      "trusting another CA",
      () => ({ tls: tls("client", "otherca") }),
      /its certificate is not signed by the CA in \S+otherca.pem \(from the plugin option tls.ca\)/,
    ],
    ["in plain HTTP", () => ({}), /it speaks TLS there, and was spoken to in plain HTTP; give its certificates/],
    [
      "with a file that is not there",
      () => ({ tls: { ...tls("client"), ca: "no/such/ca.pem" } }),
      /\/no\/such\/ca.pem \(from the plugin option tls.ca\) is not there;/,
    ],
    [
      "with the key of another certificate",
      () => ({ tls: { ...tls("client"), key: certificates.key("stranger") } }),
      /stranger-key.pem \(from the plugin option tls.key\) is not the key of \S+client.pem;/,
    ],
    [
      "with a file that holds something else",
      () => ({ tls: { ...tls("client"), cert: certificates.key("client") } }),
      /client-key.pem \(from the plugin option tls.cert\) holds no certificate in PEM form;/,
    ],
  ])("%s: who is not right, and what to do", async (_, plugin, why) =>
    expect(await reached({ endpoint: engine.tlsUrl, ...plugin() })).toMatch(why),
  );

  test("by a name that the certificate does not have: which", async () =>
    expect(await reached({ endpoint: engine.tlsUrl.replace("127.0.0.1", "localhost"), tls: tls("client") })).toMatch(
      /its certificate is for another name \(.*localhost.*\); use a name or address that the certificate has/,
    ));

  test("spoken to what speaks plain HTTP: that is said", async () => {
    const port = await freePort();
    const server = createServer().listen(port, "127.0.0.1");
    try {
      expect(await reached({ endpoint: `tcp://127.0.0.1:${port}`, tls: tls("client") })).toMatch(
        /it speaks no TLS there, but plain HTTP; take the certificates away/,
      );
      expect(await reached({ endpoint: `tcp://127.0.0.1:${await freePort()}`, tls: tls("client") })).toMatch(
        /ECONNREFUSED.*; start it, or say where it is/,
      );
    } finally {
      server.close();
    }
  });
});

describe("DOCKER_HOST", () => {
  const withFiles = (client: CertificateName): Env => {
    const path = mkdtempSync(join(dir, "certs-"));
    symlinkSync(certificates.pem("ca"), join(path, "ca.pem"));
    symlinkSync(certificates.pem(client), join(path, "cert.pem"));
    symlinkSync(certificates.key(client), join(path, "key.pem"));
    return { DOCKER_HOST: engine.tlsUrl, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: path };
  };

  test("reaches an engine, with the certificates of DOCKER_CERT_PATH", async () =>
    expect(await reached({}, withFiles("client"))).toBe(id));

  test("without DOCKER_TLS_VERIFY is plain HTTP, as for the docker command", async () =>
    expect(await reached({}, { ...withFiles("client"), DOCKER_TLS_VERIFY: "" })).toMatch(
      /\(from DOCKER_HOST\): it speaks TLS there/,
    ));

  test("with a certificate that is refused: DOCKER_CERT_PATH is named", async () =>
    expect(await reached({}, withFiles("stranger"))).toMatch(/cert.pem \(from DOCKER_CERT_PATH\)/));

  test("gives way to the plugin option endpoint, with all its certificates", async () =>
    expect(await reached({ endpoint: engine.url }, { ...withFiles("stranger"), DOCKER_HOST: "tcp://nowhere:1" })).toBe(
      id,
    ));

  test("that is no address: what it should look like", async () =>
    expect(await reached({}, { DOCKER_HOST: "/var/run/docker.sock" })).toBe(
      'DOCKER_HOST is "/var/run/docker.sock", which has no scheme; did you mean unix:///var/run/docker.sock?',
    ));
});

describe("a context of the docker command", () => {
  const docker = (...args: readonly string[]) => {
    const { DOCKER_HOST: _, DOCKER_CONTEXT: __, ...env } = process.env;
    execFileSync("docker", args, { env: { ...env, DOCKER_CONFIG: dir }, stdio: "pipe" });
  };

  beforeAll(() => {
    const files = `ca=${certificates.pem("ca")},cert=${certificates.pem("client")},key=${certificates.key("client")}`;
    docker("context", "create", "plain", "--docker", `host=${engine.url}`);
    docker("context", "create", "secure", "--docker", `host=${engine.tlsUrl},${files}`);
    docker(
      "context",
      "create",
      "blind",
      "--docker",
      `host=${engine.tlsUrl.replace("127.0.0.1", "localhost")},${files},skip-tls-verify=true`,
    );
  });

  test("is taken when DOCKER_CONTEXT names it", async () =>
    expect(await reached({}, { DOCKER_CONTEXT: "plain" })).toBe(id));

  test("brings its certificates along", async () => expect(await reached({}, { DOCKER_CONTEXT: "secure" })).toBe(id));

  test("may say that nobody looks at the engine's certificate", async () =>
    expect(await reached({}, { DOCKER_CONTEXT: "blind" })).toBe(id));

  test("is taken when it is the current one", async () => {
    docker("context", "use", "secure");
    try {
      expect(await reached({})).toBe(id);
      expect(endpointOf({}, { DOCKER_CONFIG: dir }).saidBy).toBe('the docker context "secure"');
    } finally {
      docker("context", "use", "default");
    }
    expect(endpointOf({}, { DOCKER_CONFIG: dir }).saidBy).toBe("the platform's default");
  });

  test("gives way to DOCKER_HOST", async () =>
    expect(await reached({}, { DOCKER_CONTEXT: "nope", DOCKER_HOST: engine.url })).toBe(id));

  test("that nobody made: which, and who named it", async () =>
    expect(await reached({}, { DOCKER_CONTEXT: "nope" })).toMatch(
      /^the docker context "nope" \(from DOCKER_CONTEXT\) is not known here; choose another/,
    ));
});

describe("ssh", () => {
  const path = process.env.PATH ?? "";
  const as = (what: { readonly key: boolean; readonly hostKey: boolean }) =>
    (process.env.PATH = `${host.userWith(what)}:${path}`);
  afterEach(() => (process.env.PATH = path));

  /** The ssh processes of this one that still run. */
  const children = () =>
    readdirSync("/proc")
      .filter((pid) => /^\d+$/.test(pid))
      .filter((pid) => {
        try {
          return (
            readFileSync(`/proc/${pid}/stat`, "utf8")
              .replace(/^.*\) /s, "")
              .split(" ")[1] === String(process.pid) &&
            readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("dial-stdio")
          );
        } catch {
          return false;
        }
      });

  test("reaches an engine with the user's own key, and one child serves many calls in turn", async () => {
    as({ key: true, hostKey: true });
    const one = connect(endpointOf({ endpoint: host.url }));
    opened.push(one);
    for (let calls = 0; calls < 5; calls++) expect((await one.info()).ID).toBe(id);
    expect(children()).toHaveLength(1);
    expect((await Promise.all(Array.from({ length: 20 }, () => one.info()))).every(({ ID }) => ID === id)).toBe(true);
    expect(children().length).toBeLessThanOrEqual(8);
    one.close();
    await until("no child is left", () => (children().length === 0 ? Promise.resolve() : Promise.reject(new Error())));
  }, 60_000);

  test("a path names the engine's socket on that host", async () => {
    as({ key: true, hostKey: true });
    expect(await reached({ endpoint: `${host.url}${engine.url.replace("unix://", "")}` })).toBe(id);
    expect(await reached({ endpoint: `${host.url}/no such/$(touch x)/sock` })).toMatch(
      /no engine runs on 127.0.0.1 at \/no such\/\$\(touch x\)\/sock/,
    );
  });

  test.each<[string, () => string, { readonly key: boolean; readonly hostKey: boolean }, RegExp]>([
    [
      "a key that the host does not know",
      () => host.url,
      { key: false, hostKey: true },
      /127.0.0.1 accepts none of your keys \(ssh says: .*Permission denied.*\); make "ssh 127.0.0.1" work/,
    ],
    [
      "a host key that is not known",
      () => host.url,
      { key: true, hostKey: false },
      /the host key of 127.0.0.1 is not known here.*; check it, and connect once by hand/,
    ],
    [
      "no docker command on the far side",
      () => host.urlWithoutDocker,
      { key: true, hostKey: true },
      /there is no docker command on 127.0.0.1.*\(ssh says: .*docker.*\); install it there/,
    ],
    [
      "no ssh server",
      () => "ssh://127.0.0.1:9",
      { key: true, hostKey: true },
      /no ssh server answers on 127.0.0.1, port 9 \(ssh says: .*refused\); start it/,
    ],
  ])("%s: what is wrong, in ssh's words too, and what to do", async (_, url, what, why) => {
    as(what);
    expect(await reached({ endpoint: url() })).toMatch(why);
  });

  test("no ssh command here: that is said", async () => {
    process.env.PATH = "/nowhere";
    expect(await reached({ endpoint: host.url })).toMatch(/the command ssh cannot be run: .*ENOENT; install OpenSSH/);
  });

  test("a process that ends, or is killed, leaves no ssh behind", async () => {
    as({ key: true, hostKey: true });
    const left = () =>
      spawnSync("pgrep", ["-f", "--", `ssh -F .* -p ${new URL(host.url).port} -- 127.0.0.1`]).status === 0;
    const script = join(dir, "program.cjs");
    execFileSync(
      "node_modules/.bin/esbuild",
      [
        ...[
          "provider/engine/engine.ts",
          "--bundle",
          "--platform=node",
          "--format=cjs",
          `--outfile=${join(dir, "engine.cjs")}`,
        ],
      ],
      { stdio: "pipe" },
    );
    writeFileSync(
      script,
      `const { connect } = require("./engine.cjs");
       const address = { kind: "ssh", user: undefined, host: "127.0.0.1", port: ${new URL(host.url).port}, path: undefined };
       connect({ url: "ssh", saidBy: "test", address }).info().then(({ ID }) => {
         console.log(ID);
         if (process.argv[2] === "killed") process.kill(process.pid, "SIGKILL");
       });`,
    );
    for (const how of ["ends", "killed"]) {
      // An idle connection does not keep it from ending.
      expect(
        spawnSync(process.execPath, [script, how], { env: process.env, timeout: 20_000 }).stdout.toString().trim(),
      ).toBe(id);
      await until("ssh has ended", () => (left() ? Promise.reject(new Error()) : Promise.resolve()), 5000);
    }
  }, 60_000);
});

test("DOCKER_API_VERSION bounds the version that is spoken", async () => {
  process.env.DOCKER_API_VERSION = "1.30";
  try {
    // `GET /info` of version 1.30 and older; the engine would say "client version is too old" to a mistake.
    expect(await reached({ endpoint: engine.url })).toBe(id);
    process.env.DOCKER_API_VERSION = "soon";
    expect(await reached({ endpoint: engine.url })).toMatch(/DOCKER_API_VERSION is "soon", which is no version/);
    process.env.DOCKER_API_VERSION = "1.1";
    expect(await reached({ endpoint: engine.url })).toMatch(/client version 1.1 is too old/);
  } finally {
    delete process.env.DOCKER_API_VERSION;
  }
});

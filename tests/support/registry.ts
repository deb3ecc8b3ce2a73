/** A real registry (Debian's docker-registry) on loopback, with one image in it, pushed over its own API. */
import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { makeCertificates } from "../testbed/certificates";
import { commandOf, freePort, until } from "../testbed/own-process";
import { marksOn, unmark } from "../../provider/image-gc/marks";
import { engine } from "./engine";
import { another, digestOf, pauseImage } from "./registry-content";
import { startTokenServer } from "./token-server";

export interface RegistryOptions {
  /** Whether it wants the credentials of {@link account}: the same as `auth: "htpasswd"`. */
  readonly isPrivate?: boolean;
  /** How it wants them; not at all when unset. */
  readonly auth?: "htpasswd" | "token";
  /** Repositories that anybody may pull, with token authentication. Wrong credentials are refused there too. */
  readonly open?: readonly string[];
  /** It speaks TLS, with a certificate that nobody but its own CA signed. */
  readonly tls?: boolean;
}

export interface PushOptions {
  /** Layers more than the base has. @default 1 when layerBytes is set, else 0 */
  readonly layers?: number;
  /** The size of each of them. @default 1024 */
  readonly layerBytes?: number;
}

export interface Registry {
  /** `127.0.0.1:40123` */
  readonly host: string;
  /** `http://127.0.0.1:40123`, or https. */
  readonly url: string;
  /** An image that it serves, and that only it has: `127.0.0.1:40123/longshore/pause:1`. */
  readonly image: string;
  /** How often an image was asked for by tag or digest since the start: pulls, and looks at what a tag means. */
  pulls(): number;
  /** Makes a tag mean another content, and tells the digest of its manifest. */
  push(name: string, tag: string, content: string, options?: PushOptions): Promise<string>;
  /** What a tag means. */
  digest(name: string, tag: string): Promise<string>;
  /** Makes a tag mean a content that is there. */
  retag(name: string, digest: string, tag: string): Promise<void>;
  /** Takes what a tag means away, with all its tags. */
  removeTag(name: string, tag: string): Promise<void>;
  /** A token for one repository, of the kind that its token server gives. */
  tokenFor(name: string): string;
  /** Whether a blob is an image's configuration; else it is a layer. */
  isConfig(digest: string): boolean;
  stop(): Promise<void>;
}

/** Who may use a registry that wants credentials. */
export const account = { username: "oracle", password: "Sesam-aapne-42" } as const;
/** The same, for a registry with token authentication. */
export const identityToken = "idtoken-Sesam-aapne-43";
const htpasswd = "oracle:$2y$05$abcdefghijklmnopqrstuurAJg/TbRrD0kgF2CFimMUp6Yw15F.WW";

const manifestType = "application/vnd.docker.distribution.manifest.v2+json";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const send = (
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: Buffer | string = "",
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const request = url.protocol === "https:" ? httpsRequest : httpRequest;
    request(url, {
      method,
      headers: { ...headers, "content-length": Buffer.byteLength(body) },
      rejectUnauthorized: false,
    })
      .on("response", (answer) => {
        buffer(answer).then(
          (read) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: read }),
          reject,
        );
      })
      .on("error", reject)
      .end(body);
  });

export async function startRegistry({
  isPrivate,
  auth,
  open = [],
  tls = false,
}: RegistryOptions = {}): Promise<Registry> {
  const dir = mkdtempSync(join(tmpdir(), "longshore-registry-"));
  const host = `127.0.0.1:${await freePort()}`;
  const url = `${tls ? "https" : "http"}://${host}`;
  const wants = auth ?? (isPrivate ? "htpasswd" : "nothing");
  const tokens = wants === "token" ? await startTokenServer({ dir, account, identityToken, open }) : undefined;
  const certificates = tls ? makeCertificates(dir) : undefined;
  writeFileSync(join(dir, "htpasswd"), `${htpasswd}\n`);
  // YAML is a superset of JSON.
  const config = {
    version: "0.1",
    log: { level: "error", accesslog: { disabled: false } },
    storage: {
      filesystem: { rootdirectory: join(dir, "store") },
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: {
      addr: host,
      secret: "test",
      ...(certificates && { tls: { certificate: certificates.pem("server"), key: certificates.key("server") } }),
    },
    ...(wants === "htpasswd" && { auth: { htpasswd: { realm: "test", path: join(dir, "htpasswd") } } }),
    ...(tokens && { auth: { token: tokens.config } }),
  };
  writeFileSync(join(dir, "config.yml"), JSON.stringify(config));
  const log = openSync(join(dir, "log"), "a");
  const child = spawn(commandOf("docker-registry", "docker-registry"), ["serve", join(dir, "config.yml")], {
    stdio: ["ignore", log, "ignore"],
  });
  closeSync(log);
  child.unref();
  const kill = () => void child.kill();
  process.once("exit", kill);
  await until("the registry answers", () => send("GET", new URL("/v2/", url), {}));

  const tokenFor = (name: string) =>
    tokens?.tokenFor([{ type: "repository", name, actions: ["pull", "push", "delete"] }]) ?? "";
  const authorization = (name: string): Readonly<Record<string, string>> => {
    if (tokens) return { authorization: `Bearer ${tokenFor(name)}` };
    if (wants === "nothing") return {};
    return { authorization: `Basic ${Buffer.from(`${account.username}:${account.password}`).toString("base64")}` };
  };
  const ask = async (method: string, name: string, at: string | URL, type?: string, body?: Buffer | string) => {
    const headers = {
      ...authorization(name),
      accept: manifestType,
      ...(type !== undefined && { "content-type": type }),
    };
    const answer = await send(method, new URL(typeof at === "string" ? `/v2/${name}/${at}` : at, url), headers, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${name}/${String(at)}: ${answer.status} ${answer.body.toString()}`);
    return answer;
  };

  const upload = async (name: string, data: Buffer) => {
    const begun = await ask("POST", name, "blobs/uploads/");
    const location = new URL(begun.headers.location ?? "", url);
    location.searchParams.set("digest", digestOf(data));
    await ask("PUT", name, location, "application/octet-stream", data);
    return { digest: digestOf(data), size: data.length };
  };

  const base = pauseImage();
  const configs = new Set<string>();
  const manifests = new Set<string>();
  const push: Registry["push"] = async (name, tag, content, { layerBytes, layers } = {}) => {
    const count = layers ?? (layerBytes === undefined ? 0 : 1);
    // No other registry has the same: what one test takes off the engine is none of another's.
    const image = await another(base, { content, registry: host }, Array<number>(count).fill(layerBytes ?? 1024));
    const uploaded = [];
    for (const layer of image.layers)
      uploaded.push({
        mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
        ...(await upload(name, layer)),
      });
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: {
        mediaType: "application/vnd.docker.container.image.v1+json",
        ...(await upload(name, image.config)),
      },
      layers: uploaded,
    });
    configs.add(digestOf(image.config));
    manifests.add(digestOf(manifest));
    await ask("PUT", name, `manifests/${tag}`, manifestType, manifest);
    return digestOf(manifest);
  };
  const digest: Registry["digest"] = async (name, tag) =>
    String((await ask("HEAD", name, `manifests/${tag}`)).headers["docker-content-digest"]);
  await push("longshore/pause", "1", "first");

  return {
    host,
    url,
    image: `${host}/longshore/pause:1`,
    push,
    digest,
    async removeTag(name, tag) {
      await ask("DELETE", name, `manifests/${await digest(name, tag)}`);
    },
    async retag(name, known, tag) {
      const { body } = await ask("GET", name, `manifests/${known}`);
      await ask("PUT", name, `manifests/${tag}`, manifestType, body);
    },
    tokenFor,
    isConfig: (blob) => configs.has(blob),
    // One GET or HEAD of a manifest by its tag for each pull; what it leads to is then fetched by digest.
    pulls: () => [...readFileSync(join(dir, "log"), "utf8").matchAll(/"HEAD \/v2\/[^ ]+\/manifests\/[^ :]+ /g)].length,
    async stop() {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill();
      process.off("exit", kill);
      await ended;
      tokens?.stop();
      // By what engines know of what they pulled: the configuration's digest, or in containerd's store the manifest's.
      // What was never pulled is none of the engine's, and said not to be there.
      const ids = [...configs, ...manifests];
      spawnSync("docker", ["rmi", "-f", ...ids], { stdio: "ignore" });
      for (const one of (await marksOn(engine)).filter(({ image }) => ids.includes(image))) await unmark(engine, one);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A real registry (Debian's docker-registry) on loopback, with one image in it, pushed over its own API. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

export interface Registry {
  /** `127.0.0.1:40123` */
  readonly host: string;
  /** An image that it serves, and that only it has: `127.0.0.1:40123/longshore/pause:1`. */
  readonly image: string;
  /** How often an image was asked for by tag or digest since the start. */
  pulls(): number;
  /** Makes a tag mean another content. */
  push(name: string, tag: string, content: string): Promise<void>;
  stop(): Promise<void>;
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });

const digestOf = (data: Buffer) => `sha256:${createHash("sha256").update(data).digest("hex")}`;

function binary(): string {
  try {
    return execFileSync("sh", ["-c", "command -v docker-registry"]).toString().trim();
  } catch {
    // Debian's and Ubuntu's package; elsewhere put a distribution "registry" binary on PATH under this name.
    execFileSync("sh", [
      "-c",
      "apt-get install -y --no-install-recommends docker-registry >&2 || { apt-get update >&2 && apt-get install -y --no-install-recommends docker-registry >&2; }",
    ]);
    return "docker-registry";
  }
}

/** Who may use a registry that wants credentials. */
export const account = { username: "oracle", password: "Sesam-aapne-42" } as const;
const htpasswd = "oracle:$2y$05$abcdefghijklmnopqrstuurAJg/TbRrD0kgF2CFimMUp6Yw15F.WW";

/** @param isPrivate whether it wants the credentials of {@link account} */
export async function startRegistry({ isPrivate = false } = {}): Promise<Registry> {
  const dir = mkdtempSync(join(tmpdir(), "longshore-registry-"));
  const host = `127.0.0.1:${await freePort()}`;
  const url = `http://${host}/v2/`;
  writeFileSync(
    join(dir, "config.yml"),
    `version: 0.1\nlog: {level: error, accesslog: {disabled: false}}\nstorage: {filesystem: {rootdirectory: ${dir}/store}, maintenance: {uploadpurging: {enabled: false}}}\nhttp: {addr: "${host}", secret: test}\n` +
      (isPrivate ? `auth: {htpasswd: {realm: test, path: ${dir}/htpasswd}}\n` : ""),
  );
  writeFileSync(join(dir, "htpasswd"), `${htpasswd}\n`);
  const authorization = `Basic ${Buffer.from(`${account.username}:${account.password}`).toString("base64")}`;
  const child: ChildProcess = spawn(binary(), ["serve", join(dir, "config.yml")], {
    stdio: ["ignore", openSync(join(dir, "log"), "a"), "ignore"],
  });
  child.unref();
  process.once("exit", () => child.kill());
  for (let tries = 0; tries < 100; tries++) {
    if (
      await fetch(url, { headers: { authorization } }).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    await new Promise((next) => setTimeout(next, 100));
  }

  const upload = async (name: string, data: Buffer) => {
    const begun = await fetch(`${url}${name}/blobs/uploads/`, { method: "POST", headers: { authorization } });
    const location = new URL(begun.headers.get("location") ?? "", url);
    location.searchParams.set("digest", digestOf(data));
    const done = await fetch(location, {
      method: "PUT",
      body: new Uint8Array(data),
      headers: { "content-type": "application/octet-stream", authorization },
    });
    if (!done.ok) throw new Error(`push failed: ${done.status} ${await done.text()}`);
    return { digest: digestOf(data), size: data.length };
  };

  // The content of longshore/pause:3.1, taken from the engine: tests' images are made by the set-up.
  const base = (() => {
    const out = join(dir, "saved");
    execFileSync("sh", ["-c", `mkdir -p ${out} && docker save longshore/pause:3.1 | tar -x -C ${out}`]);
    const [{ Config: config, Layers: layers }] = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8")) as [
      { Config: string; Layers: string[] },
    ];
    return {
      config: JSON.parse(readFileSync(join(out, config), "utf8")) as { config: object },
      layers: layers.map((layer) => readFileSync(join(out, layer))),
    };
  })();

  // By which engines know what they pulled: its configuration's digest, or in containerd's store its manifest's.
  const ids: string[] = [];
  const push = async (name: string, tag: string, content: string) => {
    const config = { ...base.config, config: { ...base.config.config, Labels: { content } } };
    const layers = [];
    for (const layer of base.layers)
      layers.push({
        mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
        ...(await upload(name, gzipSync(layer, { level: 1 }))),
      });
    const mediaType = "application/vnd.docker.distribution.manifest.v2+json";
    const manifest = {
      schemaVersion: 2,
      mediaType,
      config: {
        mediaType: "application/vnd.docker.container.image.v1+json",
        ...(await upload(name, Buffer.from(JSON.stringify(config)))),
      },
      layers,
    };
    ids.push(manifest.config.digest, digestOf(Buffer.from(JSON.stringify(manifest))));
    const put = await fetch(`${url}${name}/manifests/${tag}`, {
      method: "PUT",
      body: JSON.stringify(manifest),
      headers: { "content-type": mediaType, authorization },
    });
    if (!put.ok) throw new Error(`push failed: ${put.status} ${await put.text()}`);
  };
  await push("longshore/pause", "1", "first");

  return {
    host,
    image: `${host}/longshore/pause:1`,
    push,
    // One GET or HEAD of a manifest by its tag for each pull; what it leads to is then fetched by digest.
    pulls: () => [...readFileSync(join(dir, "log"), "utf8").matchAll(/"HEAD \/v2\/[^ ]+\/manifests\/[^ :]+ /g)].length,
    async stop() {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill();
      await ended;
      // What was never pulled is none of the engine's, and said not to be there.
      spawnSync("docker", ["rmi", "-f", ...ids], { stdio: "ignore" });
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

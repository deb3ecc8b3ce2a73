/** A registry on loopback (Debian's docker-registry) with images that differ in one layer, and share the workload's. */
import { execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { image } from "./workload.mjs";

const program = "docker-registry";

export const missing = () => {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`]);
    return undefined;
  } catch {
    return `there is no ${program} on PATH; Debian and Ubuntu have a package of that name`;
  }
};

const digestOf = (data) => `sha256:${createHash("sha256").update(data).digest("hex")}`;
const mebibyte = 1 << 20;

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** The workload's image: its configuration, and its layers as the engine keeps them. */
function saved(dir) {
  mkdirSync(dir);
  execFileSync("sh", ["-c", 'docker save "$1" | tar -x -C "$2"', "sh", image, dir]);
  const [{ Config, Layers }] = JSON.parse(readFileSync(join(dir, "manifest.json"), "utf8"));
  return {
    config: JSON.parse(readFileSync(join(dir, Config), "utf8")),
    layers: Layers.map((layer) => gzipSync(readFileSync(join(dir, layer)), { level: 1 })),
  };
}

/** A layer of one file that no other image has, and that cannot be made smaller. */
function layerOf(dir, size) {
  writeFileSync(join(dir, "content"), randomBytes(size));
  return execFileSync("tar", ["-C", dir, "-cf", "-", "content"], { maxBuffer: size + mebibyte });
}

async function answering(url) {
  for (let tries = 0; tries < 100; tries++) {
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error(`${program} does not answer on ${url}`);
}

/** Sends images to the registry by its own API. */
const sender = (url) => {
  const upload = async (name, data) => {
    const begun = await fetch(`${url}${name}/blobs/uploads/`, { method: "POST" });
    const location = new URL(begun.headers.get("location"), url);
    location.searchParams.set("digest", digestOf(data));
    const headers = { "content-type": "application/octet-stream" };
    const done = await fetch(location, { method: "PUT", body: data, headers });
    if (!done.ok) throw new Error(`push failed: ${done.status} ${await done.text()}`);
    return { digest: digestOf(data), size: data.length };
  };
  return async (name, tag, { config, layers }) => {
    const mediaType = "application/vnd.docker.distribution.manifest.v2+json";
    const manifest = {
      schemaVersion: 2,
      mediaType,
      config: {
        mediaType: "application/vnd.docker.container.image.v1+json",
        ...(await upload(name, Buffer.from(JSON.stringify(config)))),
      },
      layers: [],
    };
    for (const layer of layers)
      manifest.layers.push({
        mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
        ...(await upload(name, layer)),
      });
    const body = JSON.stringify(manifest);
    const put = await fetch(`${url}${name}/manifests/${tag}`, {
      method: "PUT",
      body,
      headers: { "content-type": mediaType },
    });
    if (!put.ok) throw new Error(`push failed: ${put.status} ${await put.text()}`);
  };
};

/** Starts one in an own directory, and fills it. */
export async function startRegistry(dir, { images, layerMiB }) {
  mkdirSync(dir, { recursive: true });
  const host = `127.0.0.1:${await freePort()}`;
  const url = `http://${host}/v2/`;
  const [config, log] = [join(dir, "config.yml"), join(dir, "log")];
  const settings = {
    version: "0.1",
    log: { level: "error", accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: join(dir, "store") }, maintenance: { uploadpurging: { enabled: false } } },
    http: { addr: host, secret: "bench" },
  };
  writeFileSync(config, JSON.stringify(settings)); // JSON is YAML
  const child = spawn(program, ["serve", config], { stdio: ["ignore", openSync(log, "a"), "ignore"] });
  child.unref();
  // Its lines tell the second only.
  let read = 0;
  let first;
  const looking = setInterval(() => {
    if (first === undefined && statSync(log).size > read) first = Date.now();
  }, 10).unref();
  const stop = () => {
    clearInterval(looking);
    child.kill();
    rmSync(dir, { recursive: true, force: true });
  };
  process.once("exit", stop);
  await answering(url);

  const base = saved(join(dir, "base"));
  const push = sender(url);
  const own = new Set();
  const references = [];
  for (let index = 0; index < images; index++) {
    const name = `bench/image-${index}`;
    const layer = layerOf(dir, layerMiB * mebibyte);
    const packed = gzipSync(layer, { level: 1 });
    const { rootfs, history = [] } = base.config;
    await push(name, "1", {
      config: {
        ...base.config,
        rootfs: { ...rootfs, diff_ids: [...rootfs.diff_ids, digestOf(layer)] },
        history: [...history, { created_by: "bench" }],
      },
      layers: [...base.layers, packed],
    });
    own.add(digestOf(packed));
    references.push(`${host}/${name}:1`);
  }

  return {
    references,
    /** What was asked of it since the last time: when first, images by their tags, layers that only one image has. */
    async take() {
      await new Promise((next) => setTimeout(next, 200)); // a line is written after the answer
      const lines = readFileSync(log, "latin1").slice(read); // a byte is a character, as in its size
      read += lines.length;
      const began = first;
      first = undefined;
      const layers = [...lines.matchAll(/"GET \/v2\/[^ ]+\/blobs\/([^ ?]+)/g)];
      return {
        began,
        asked: [...lines.matchAll(/"(?:HEAD|GET) \/v2\/[^ ]+\/manifests\/[^ :]+ /g)].length,
        layers: layers.filter(([, digest]) => own.has(digest)).length,
      };
    },
    stop,
  };
}

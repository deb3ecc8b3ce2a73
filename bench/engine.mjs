/** The engine, read directly: to check what a phase has done, and to take away what a failed one left. */
import { request } from "node:http";
import { label } from "./workload.mjs";

/** Options of `http.request` for an endpoint that Docker's clients take. */
function targetOf(endpoint) {
  const socketPath = /^unix:\/\/(.+)/.exec(endpoint)?.[1];
  if (socketPath) return { socketPath };
  const [, hostname, port = 2375] = /^(?:tcp|http):\/\/([^/:]+)(?::(\d+))?/.exec(endpoint) ?? [];
  if (hostname) return { hostname, port };
  throw new Error(`DOCKER_HOST is "${endpoint}"; the benchmark reaches unix:///path and tcp://host:port`);
}

export const target = targetOf(process.env.DOCKER_HOST || "unix:///var/run/docker.sock");

export function engine(method, path) {
  return new Promise((resolve, reject) => {
    const asked = request({ ...target, method, path }, async (answer) => {
      const chunks = await answer.toArray();
      const text = Buffer.concat(chunks).toString();
      if (answer.statusCode >= 400) return reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
      resolve(answer.headers["content-type"]?.includes("json") && text ? JSON.parse(text) : text);
    });
    asked.on("error", reject);
    asked.end();
  });
}

/** Watches which images are pulled, and when the pull was over; the engine's own memory of its events is short. */
export async function watchPulls() {
  const pulls = [];
  const filters = encodeURIComponent(JSON.stringify({ type: ["image"], event: ["pull"] }));
  const asked = request({ ...target, path: `/events?filters=${filters}` });
  const answer = await new Promise((resolve, reject) => {
    asked.on("response", resolve).on("error", reject).end();
  });
  let text = "";
  answer
    .on("error", () => {})
    .on("data", (data) => {
      const lines = (text + data).split("\n");
      text = lines.pop();
      for (const { Actor, timeNano } of lines.filter(Boolean).map((line) => JSON.parse(line)))
        pulls.push({ reference: Actor.ID, at: timeNano / 1e6 });
    });
  return { pulls, stop: () => asked.destroy() };
}

/** Which of these references the engine has. */
export async function imagesThere(references) {
  const images = await engine("GET", "/images/json");
  const tags = new Set(images.flatMap(({ RepoTags }) => RepoTags ?? []));
  return references.filter((reference) => tags.has(reference));
}

export async function removeImages(references) {
  for (const reference of await imagesThere(references)) await engine("DELETE", `/images/${reference}`);
}

const labelled = (name) => encodeURIComponent(JSON.stringify({ label: [name] }));

async function containersOf(run) {
  const rows = await engine("GET", `/containers/json?all=1&filters=${labelled(label)}`);
  return rows.filter(({ Labels }) => Labels[label].startsWith(`${run}-`));
}

/** Removes what is left of a run. */
export async function removeAll(run) {
  for (const { Id } of await containersOf(run)) await engine("DELETE", `/containers/${Id}?force=1&v=1`).catch(() => {});
  const { Volumes } = await engine("GET", `/volumes?filters=${labelled("longshore.key")}`);
  for (const { Name, Labels } of Volumes ?? [])
    if (Labels["longshore.key"].startsWith(`${run}/`)) await engine("DELETE", `/volumes/${Name}`).catch(() => {});
}

const MiB = 1048576;

/** What is wrong with a container, as far as any phase changes it. */
async function wrongWith({ Id, State, Labels }, spec) {
  const name = Labels[label];
  const want = spec.containers.find((container) => container.name === name);
  if (!want) return [`unexpected ${name}`];
  if (State !== "running") return [`${name} is ${State}`];
  const { Config, HostConfig } = await engine("GET", `/containers/${Id}/json`);
  const [value, memory] = [`BENCH_VALUE=${want.env.BENCH_VALUE}`, want.memoryMb * MiB];
  return [
    ...(Config.Env.includes(value) ? [] : [`${name} is without ${value}`]),
    ...(HostConfig.Memory === memory && HostConfig.MemorySwap === memory
      ? []
      : [`${name} has ${HostConfig.Memory} of memory, ${HostConfig.MemorySwap} with swap`]),
  ];
}

/** Whether the engine has what a phase was to make of it, and the ids of the containers there. */
export async function look(spec, phase) {
  const there = await containersOf(spec.run);
  const wrong = phase === "destroy" ? [] : (await Promise.all(there.map((row) => wrongWith(row, spec)))).flat();
  const want = phase === "destroy" ? 0 : spec.containers.length;
  if (there.length !== want) wrong.unshift(`${there.length} containers instead of ${want}`);
  return { wrong, ids: new Set(there.map(({ Id }) => Id)) };
}

/**
 * Milliseconds of the engine's reads. One slow read (a dead volume plugin makes GET /volumes take 15 s) punishes the
 * rows that need it, so nothing is measured on such an engine.
 */
export async function readTimes() {
  const times = {};
  for (const path of ["/info", "/containers/json?all=1", "/images/json", "/networks", "/volumes"]) {
    const began = performance.now();
    await engine("GET", path);
    times[path] = performance.now() - began;
  }
  return times;
}

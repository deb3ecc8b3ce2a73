/** node raw-client.mjs <phase> <calls at once>, with the workload in BENCH_SPEC. */
import { Agent, request } from "node:http";
import { target } from "../engine.mjs";
import { label } from "../workload.mjs";

const [phase, parallel] = [process.argv[2], Number(process.argv[3])];
const { containers } = JSON.parse(process.env.BENCH_SPEC);
const agent = new Agent({ keepAlive: true, maxSockets: parallel });
const MiB = 1048576;

function call(method, path, content) {
  return new Promise((resolve, reject) => {
    const body = content && JSON.stringify(content);
    const headers = body ? { "content-type": "application/json", "content-length": Buffer.byteLength(body) } : {};
    const asked = request({ ...target, agent, method, path, headers }, (answer) => {
      let text = "";
      answer.on("data", (data) => (text += data));
      answer.on("end", () => {
        if (answer.statusCode >= 400) reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
        else resolve(text ? JSON.parse(text) : undefined);
      });
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

async function each(list, job) {
  const rest = list.values();
  const worker = async () => {
    for (const item of rest) await job(item);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

const resources = ({ memoryMb }) => ({ Memory: memoryMb * MiB, MemorySwap: memoryMb * MiB });
const create = async (container) => {
  const { Id } = await call("POST", `/containers/create?name=${container.name}`, {
    Image: container.image,
    Cmd: container.command,
    Env: Object.entries(container.env).map(([name, value]) => `${name}=${value}`),
    Labels: container.labels,
    StopSignal: container.killSignal,
    StopTimeout: container.killTimeoutSeconds,
    HostConfig: resources(container),
  });
  await call("POST", `/containers/${Id}/start`);
};
const remove = ({ name }) => call("DELETE", `/containers/${name}?force=1&v=1`);
const inspect = ({ name }) => call("GET", `/containers/${name}/json`);
const update = (container) => call("POST", `/containers/${container.name}/update`, resources(container));
const list = () =>
  call("GET", `/containers/json?all=1&filters=${encodeURIComponent(JSON.stringify({ label: [label] }))}`);
const replace = async (container) => {
  await remove(container);
  await create(container);
};

const jobs = {
  create: () => each(containers, create),
  noop: list,
  noopLive: () => each(containers, inspect),
  preview: list,
  change1: () =>
    each(
      containers.filter(({ env }) => env.BENCH_VALUE === "b"),
      replace,
    ),
  memAll: () => each(containers, update),
  refresh: () => each(containers, inspect),
  destroy: () => each(containers, remove),
};
await jobs[phase]();
agent.destroy();

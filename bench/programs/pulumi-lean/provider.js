"use strict";
// A container and nothing else: no validation, no inspection after a create, no waiting, no care for what was left.
const { Agent, request } = require("node:http");

const socketPath = (process.env.DOCKER_HOST || "unix:///var/run/docker.sock").replace(/^unix:\/\//, "");
const agent = new Agent({ keepAlive: true });
const MiB = 1048576;

const call = (method, path, content) =>
  new Promise((resolve, reject) => {
    const body = content && JSON.stringify(content);
    const headers = body ? { "content-type": "application/json", "content-length": Buffer.byteLength(body) } : {};
    const asked = request({ socketPath, agent, method, path, headers }, (answer) => {
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

const resources = ({ memoryMb }) => ({ Memory: memoryMb * MiB, MemorySwap: memoryMb * MiB });

module.exports = {
  async create(inputs) {
    const { Id } = await call("POST", `/containers/create?name=${inputs.name}`, {
      Image: inputs.image,
      Cmd: inputs.command,
      Env: Object.entries(inputs.env).map(([name, value]) => `${name}=${value}`),
      Labels: inputs.labels,
      StopSignal: inputs.killSignal,
      StopTimeout: inputs.killTimeoutSeconds,
      HostConfig: resources(inputs),
    });
    await call("POST", `/containers/${Id}/start`);
    return { id: Id, outs: inputs };
  },
  async read(id, props) {
    const { HostConfig } = await call("GET", `/containers/${id}/json`);
    return { id, props: { ...props, memoryMb: HostConfig.Memory / MiB } };
  },
  async diff(_id, olds, news) {
    const replaces = ["name", "image", "command", "env", "labels"].filter(
      (key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]),
    );
    return {
      changes: replaces.length > 0 || olds.memoryMb !== news.memoryMb,
      replaces,
      deleteBeforeReplace: true,
    };
  },
  async update(id, _olds, news) {
    await call("POST", `/containers/${id}/update`, resources(news));
    return { outs: news };
  },
  delete: (id) => call("DELETE", `/containers/${id}?force=1&v=1`),
};

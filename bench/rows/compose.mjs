/** Docker Compose, built by bench/build-compose. */
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const binary = resolve(import.meta.dirname, "../../.longshore/bench/docker-compose");
const up = ["up", "--detach"];
const commands = {
  create: up,
  noop: up,
  noopLive: up,
  preview: ["--dry-run", ...up],
  change1: up,
  memAll: up,
  refresh: ["ps", "--all", "--format", "json"], // it has no state; this is the nearest
  destroy: ["down", "--timeout", "1"],
};

const service = (container) => ({
  image: container.image,
  pull_policy: "never",
  container_name: container.name,
  network_mode: "bridge",
  command: container.command,
  environment: container.env,
  labels: container.labels,
  mem_limit: `${container.memoryMb}m`,
  memswap_limit: `${container.memoryMb}m`,
  stop_signal: container.killSignal,
  stop_grace_period: `${container.killTimeoutSeconds}s`,
});

export const compose = {
  name: "compose",
  label: "Docker Compose",
  role: "peer",
  containers: true,
  missing: () => (existsSync(binary) ? undefined : "run bench/build-compose first; it needs Go and some minutes"),
  version: () => execFileSync(binary, ["version", "--short"]).toString().trim(),
  prepare: () => [],
  write(dir, { run, containers }) {
    const services = Object.fromEntries(containers.map((container) => [container.name, service(container)]));
    writeFileSync(join(dir, "compose.yaml"), JSON.stringify({ name: run, services })); // JSON is YAML
  },
  command: (phase) => ({ argv: [binary, "--ansi", "never", "--progress", "quiet", ...commands[phase]] }),
  stateFile: () => undefined,
};

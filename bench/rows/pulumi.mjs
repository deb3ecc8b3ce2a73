/** A Pulumi program of bench/programs as a row. It reads spec.json in its directory. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const options = ["--stack", "dev", "--non-interactive"];
const up = ["up", "--yes", "--skip-preview"];
const commands = {
  create: up,
  noop: up,
  noopLive: [...up, "--refresh"],
  preview: ["preview"],
  change1: up,
  memAll: up,
  refresh: ["refresh", "--yes", "--skip-preview"],
  destroy: ["destroy", "--yes", "--skip-preview"],
};

const env = (dir) => ({
  PULUMI_BACKEND_URL: `file://${join(dir, "state")}`,
  PULUMI_CONFIG_PASSPHRASE: "",
  PULUMI_SKIP_UPDATE_CHECK: "true",
  NO_COLOR: "1",
  // What outlives a command is counted against it.
  LONGSHORE_GC_IN_BACKGROUND: "0",
});

const version = () => execFileSync("pulumi", ["version"]).toString().trim();

export const pulumi = (name, label, { role = "floor", containers = true, phases } = {}) => ({
  name,
  label,
  role,
  containers,
  ...(phases && { phases }),
  missing() {
    try {
      version();
      return undefined;
    } catch {
      return "there is no pulumi on PATH; run scripts/setup";
    }
  },
  version,
  prepare(dir, run) {
    cpSync(join(import.meta.dirname, "../programs", name), dir, { recursive: true });
    mkdirSync(join(dir, "state"));
    // Without a tsconfig.json, Node strips the types by itself, or there are none.
    const typescript = existsSync(join(dir, "tsconfig.json"));
    // longshore knows its containers by the name of the project, among others.
    const project = { name: run, runtime: { name: "nodejs", options: { typescript } } };
    writeFileSync(join(dir, "Pulumi.yaml"), JSON.stringify(project));
    return [{ argv: ["pulumi", "stack", "init", "dev"], env: env(dir) }];
  },
  write: (dir, spec) => writeFileSync(join(dir, "spec.json"), JSON.stringify(spec)),
  command: (phase, dir) => ({ argv: ["pulumi", ...commands[phase], ...options], env: env(dir) }),
  stateFile: (dir, run) => join(dir, "state/.pulumi/stacks", run, "dev.json"),
});

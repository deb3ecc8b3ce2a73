/**
 * The rows of the benchmark of pulling, as in index.mjs. Their command of the phase "images" gets the workload's images
 * and nothing else; of the other phases of pulling.mjs, those without containers have none.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { binary, compose } from "./compose.mjs";
import { pulumi } from "./pulumi.mjs";

const referencesOf = ({ containers }) => [...new Set(containers.map(({ image }) => image))];

const version = () => execFileSync("docker", ["version", "--format", "{{.Client.Version}}"]).toString().trim();

const dockerPull = (parallel) => ({
  name: `docker-${parallel}`,
  label: parallel === 1 ? "docker pull, one after another" : `docker pull, ${parallel} at once`,
  role: "pull",
  containers: false,
  missing() {
    try {
      version();
      return undefined;
    } catch {
      return "there is no docker on PATH";
    }
  },
  version,
  prepare: () => [],
  write: (dir, spec) => writeFileSync(join(dir, "references"), `${referencesOf(spec).join("\n")}\n`),
  command: () => ({
    argv: ["sh", "-c", 'exec xargs -n 1 -P "$1" docker pull --quiet <references', "sh", String(parallel)],
  }),
});

const composePull = {
  ...compose,
  name: "compose",
  label: "Docker Compose, pull",
  containers: false,
  write(dir, spec) {
    const services = Object.fromEntries(referencesOf(spec).map((image, index) => [`image-${index}`, { image }]));
    writeFileSync(join(dir, "compose.yaml"), JSON.stringify({ name: spec.run, services })); // JSON is YAML
  },
  command: () => ({ argv: [binary, "--ansi", "never", "--progress", "quiet", "pull"] }),
};

const longshore = (() => {
  const row = pulumi("longshore", "longshore", { role: "product" });
  const onlyImages = ["--target", "**Image::**", "--target", "**App::**"]; // these, and what they are children of
  return {
    ...row,
    // What one phase pulled is there in the next.
    write: (dir, spec) => row.write(dir, { ...spec, keepsImages: true }),
    command(phase, dir) {
      if (phase !== "images") return row.command(phase, dir);
      const { argv, env } = row.command("create", dir);
      return { argv: [...argv, ...onlyImages], env };
    },
  };
})();

export const pullingRows = [longshore, ...[1, 4, 8].map(dockerPull), composePull];

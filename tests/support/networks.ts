/** User-defined networks on the engine of the tests. */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";

const label = "longshore.test";
const docker = (...args: readonly string[]) =>
  execFileSync("docker", args, { stdio: ["ignore", "pipe", "pipe"] })
    .toString()
    .trim();

/** Removes what a killed run left; the engine keeps networks that a container is in. */
function removeLeft(): void {
  for (const id of docker("network", "ls", "-q", "--filter", `label=${label}`).split("\n").filter(Boolean))
    try {
      docker("network", "rm", id);
    } catch {
      // in use: another run's
    }
}

export interface Network {
  readonly name: string;
  remove(): void;
}

/** Makes a network under a name that nobody has. */
export function makeNetwork(...options: readonly string[]): Network {
  const name = `longshore-test-${randomUUID().slice(0, 8)}`;
  const make = () => docker("network", "create", "--label", label, ...options, name);
  try {
    make();
  } catch {
    removeLeft();
    make();
  }
  return { name, remove: () => void docker("network", "rm", name) };
}

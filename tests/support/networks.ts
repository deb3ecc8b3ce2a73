/** User-defined networks on the engine of the tests. */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const label = "longshore.test.process";
const docker = (...args: readonly string[]) =>
  execFileSync("docker", args, { stdio: ["ignore", "pipe", "pipe"] })
    .toString()
    .trim();
const words = (text: string) => text.split(/\s+/).filter(Boolean);

/** Whether a process of jest has this id: the number of one that was killed may be given again. */
const isRunning = (pid: string): boolean => {
  try {
    return execFileSync("ps", ["-o", "args=", "-p", pid]).toString().includes("jest");
  } catch {
    return false;
  }
};

/** Removes the networks of killed runs, with the containers in them, which nobody ends any more. */
function removeLeft(): void {
  for (const id of words(docker("network", "ls", "-q", "--filter", `label=${label}`)))
    try {
      if (isRunning(docker("network", "inspect", "-f", `{{index .Labels "${label}"}}`, id))) continue;
      const inside = words(docker("ps", "-aq", "--filter", `network=${id}`));
      if (inside.length > 0) docker("rm", "-fv", ...inside);
      docker("network", "rm", id);
    } catch {
      // Another run removes it too.
    }
}

export interface Network {
  readonly name: string;
  remove(): void;
}

/** Makes a network under a name that nobody has. While another run has its addresses, it waits. */
export async function makeNetwork(...options: readonly string[]): Promise<Network> {
  const name = `longshore-test-${randomUUID().slice(0, 8)}`;
  const patience = Date.now() + 10 * 60_000;
  for (;;)
    try {
      docker("network", "create", "--label", `${label}=${process.pid}`, ...options, name);
      return { name, remove: () => void docker("network", "rm", name) };
    } catch (error) {
      if (!String(error).includes("overlaps") || Date.now() > patience) throw error;
      removeLeft();
      await sleep(500);
    }
}

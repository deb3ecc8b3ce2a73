/** One more real engine, beside the one that the other tests use. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, connect } from "../../provider/engine/engine";
import { endpointOf } from "../../provider/engine/endpoint";
import { carryPort } from "./carry";
import { commandOf, startOwn, until } from "./own-process";

export interface TestEngine {
  /** `unix:///…` */
  readonly url: string;
  /** `tcp://127.0.0.1:port`, where it was given certificates. */
  readonly tlsUrl: string;
  readonly client: Engine;
  /** What `docker ps -aq` prints. */
  containers(): readonly string[];
  /** Ends it as `kill -9` does, with its containerd; its containers run on. */
  kill(): Promise<void>;
  /** Starts it where it was killed. */
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

export interface EngineOptions {
  readonly tls?: ServerFiles | undefined;
  /** Whether its containers outlive it. @default false */
  readonly liveRestore?: boolean;
}

export interface ServerFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * In a network namespace of its own, for two engines in one undo each other's bridge and packet filter. It has no bridge,
 * so its containers have no network. Started in about a second.
 * @param images are copied from the engine that the tests use
 */
export async function startEngine(
  images: readonly string[] = [],
  { tls, liveRestore = false }: EngineOptions = {},
): Promise<TestEngine> {
  const dir = mkdtempSync(join(tmpdir(), "longshore-engine-"));
  const url = `unix://${join(dir, "sock")}`;
  const log = join(dir, "log");
  // Older engines of one machine have one key, and by it one id.
  const [, major = "0"] = /version (\d+)/.exec(execFileSync("dockerd", ["--version"]).toString()) ?? [];
  const config = Number(major) < 24 ? { "deprecated-key-path": join(dir, "key.json") } : {};
  writeFileSync(join(dir, "daemon.json"), JSON.stringify({ ...config, "live-restore": liveRestore }));
  const inside = 2376;
  const flags = [
    ...["--config-file", join(dir, "daemon.json"), "--data-root", join(dir, "data"), "--exec-root", join(dir, "exec")],
    ...["--pidfile", join(dir, "pid"), "--host", url, "--shutdown-timeout", "5"],
    ...["--bridge", "none", "--iptables=false", "--ip-forward=false"],
    ...["--containerd-namespace", "longshore-test", "--containerd-plugins-namespace", "longshore-test-plugins"],
    ...(tls ? ["--tlsverify", "--tlscacert", tls.ca, "--tlscert", tls.cert, "--tlskey", tls.key] : []),
    ...(tls ? ["--host", `tcp://127.0.0.1:${inside}`] : []),
  ];
  const up = `${commandOf("ip", "iproute2")} link set lo up && exec dockerd "$@"`;
  const start = () => startOwn(log, "unshare", ["--net", "sh", "-c", up, "dockerd", ...flags]);
  let daemon = start();
  const carried = tls && (await carryPort(daemon.pid, inside, join(dir, "tls"), log));
  const client = connect(endpointOf({ endpoint: url }));
  const docker = (...args: readonly string[]) => execFileSync("docker", ["-H", url, ...args]).toString();
  const containers = () => docker("ps", "-aq").split("\n").filter(Boolean);

  const kill = () => daemon.kill();
  const answers = () => until(`dockerd at ${url} answers`, () => client.info(), 60_000);
  const startAgain = async () => {
    // Their process ids may be somebody else's by now, for which an engine would wait.
    for (const stale of ["pid", "exec/containerd/containerd.pid"]) rmSync(join(dir, stale), { force: true });
    daemon = start();
    await answers();
  };

  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    client.close();
    try {
      const left = containers();
      if (left.length > 0) docker("rm", "-f", ...left);
    } catch {
      // it never came up
    }
    await carried?.end();
    await daemon.end();
    const mounts = readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .flatMap((line) => line.split(" ")[1] ?? [])
      .filter((place) => place.startsWith(`${dir}/`));
    for (const place of mounts.reverse()) execFileSync("umount", ["-l", place]);
    rmSync(dir, { recursive: true, force: true });
  };

  try {
    await answers();
    if (images.length > 0)
      execFileSync("sh", ["-c", `docker save ${images.join(" ")} | docker -H ${url} load`], { stdio: "ignore" });
  } catch (error) {
    const said = readFileSync(log, "utf8").slice(-2000);
    await stop();
    throw new Error(said, { cause: error });
  }
  return { url, tlsUrl: carried ? `tcp://127.0.0.1:${carried.port}` : "", client, containers, kill, startAgain, stop };
}

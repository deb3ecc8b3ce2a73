/** The engine by an address that nobody else uses: what looks after it in the background does so for one test only. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engine } from "./engine";
import { until } from "./processes";

export interface OwnSocket {
  /** `unix:///…`, for DOCKER_HOST. */
  readonly url: string;
  /** The processes `longshore gc --wait` that look after the engine there (Linux). */
  background(): readonly number[];
  /** Ends what still looks after it. */
  remove(): Promise<void>;
}

const read = (pid: string, file: string): readonly string[] => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0");
  } catch {
    return []; // it ended meanwhile
  }
};

export function ownSocket(): OwnSocket {
  const dir = mkdtempSync(join(tmpdir(), "longshore-socket-"));
  const path = join(dir, "docker.sock");
  symlinkSync(engine.endpoint.url.replace(/^unix:\/\//, ""), path);
  const url = `unix://${path}`;
  const isOurs = (pid: string) =>
    read(pid, "cmdline").join(" ").includes("gc --wait") && read(pid, "environ").includes(`DOCKER_HOST=${url}`);
  const background = () =>
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && isOurs(name))
      .map(Number);
  return {
    url,
    background,
    async remove() {
      for (const pid of background()) process.kill(pid);
      await until("the background ends", () => background().length === 0);
      rmSync(dir, { recursive: true });
    },
  };
}

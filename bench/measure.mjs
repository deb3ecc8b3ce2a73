/** One command, measured: wall time, CPU of all that it starts, and the peak memory of Pulumi's provider process. */
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync } from "node:fs";

const provider = "pulumi-resource-pulumi-nodejs";

const tryRead = (file) => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // the process or the group is gone
  }
};

/** A cgroup for one command, v1 or v2: processes that outlive their parents are in it too. Needs root. */
function cgroup(name) {
  if (process.getuid?.() !== 0) return undefined;
  const [root, cpu, perSecond] = existsSync("/sys/fs/cgroup/cpuacct/cgroup.procs")
    ? ["/sys/fs/cgroup/cpuacct", (text) => Number(text("cpuacct.usage")), 1e9]
    : ["/sys/fs/cgroup", (text) => Number(/usage_usec (\d+)/.exec(text("cpu.stat"))?.[1] ?? NaN), 1e6];
  const dir = `${root}/longshore-bench-${process.pid}-${name}`;
  try {
    mkdirSync(dir);
  } catch {
    return undefined;
  }
  const procs = `${dir}/cgroup.procs`;
  return {
    procs,
    pids: () => tryRead(procs).split("\n").filter(Boolean).map(Number),
    cpuSeconds: () => cpu((file) => tryRead(`${dir}/${file}`)) / perSecond,
    remove() {
      try {
        rmdirSync(dir);
      } catch {
        // A process is left in it; who asked was told.
      }
    },
  };
}

/** The processes below one, by /proc: what there is without cgroups. */
function descendants(root) {
  if (!existsSync("/proc/self/stat")) return [];
  const parents = new Map(
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => [
        Number(pid),
        Number(
          tryRead(`/proc/${pid}/stat`)
            .replace(/^.*\) /s, "")
            .split(" ")[1],
        ),
      ]),
  );
  const isBelow = (pid) => pid === root || (parents.has(pid) && isBelow(parents.get(pid)));
  return [...parents.keys()].filter(isBelow);
}

const peakKiB = (pid) =>
  tryRead(`/proc/${pid}/cmdline`).includes(provider)
    ? Number(/^VmHWM:\s+(\d+)/m.exec(tryRead(`/proc/${pid}/status`))?.[1] ?? 0)
    : 0;

let count = 0;

/** Runs a command to its end. */
export async function measured({ argv, env, cwd, log, timeoutSeconds }) {
  const group = cgroup(++count);
  const began = performance.now();
  // The shell puts itself into the group and becomes the command, so that nothing of it is missed.
  const join = group ? `echo $$ >${group.procs}; exec "$@"` : 'exec "$@"';
  const child = spawn("/bin/sh", ["-c", join, "sh", ...argv], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const pids = () => group?.pids() ?? descendants(child.pid);
  let out = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (out += data));
  let peak = 0;
  const sampling = setInterval(() => (peak = Math.max(peak, ...pids().map(peakKiB))), 25);
  let timedOut = false;
  const timeout = setTimeout(() => {
    timedOut = true;
    for (const pid of pids()) process.kill(pid, "SIGKILL");
  }, timeoutSeconds * 1000);
  // Not "close": a process that is left behind would hold the pipes open.
  const code = await new Promise((done) => {
    child.on("exit", (exit, signal) => done(exit ?? signal));
    child.on("error", (error) => done(error.message));
  });
  const wall = (performance.now() - began) / 1000;
  clearInterval(sampling);
  clearTimeout(timeout);
  const cpu = group?.cpuSeconds();
  const left = group ? group.pids().length : 0;
  group?.remove();
  const ended = timedOut ? `no end after ${timeoutSeconds} s` : code;
  appendFileSync(log, `$ ${argv.join(" ")}\n${out}[${ended}, ${wall.toFixed(3)} s]\n\n`);
  return { ok: ended === 0, ended, out, wall, cpu, providerMiB: peak ? peak / 1024 : undefined, left };
}

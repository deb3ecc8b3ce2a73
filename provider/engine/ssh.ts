/** One connection to an engine through the user's own `ssh`: what the docker command on the far side relays. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Duplex } from "node:stream";
import type { SshAddress } from "../engine-address";
import { type Obstacle, elsewhere } from "./unreachable";

/** The far shell takes words apart. */
const quoted = (text: string) => (/^[\w./:-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`);

const relay = (path: string | undefined): readonly string[] =>
  ["docker", ...(path === undefined ? [] : ["--host", `unix://${path}`]), "system", "dial-stdio"].map(quoted);

/** The user's own configuration, keys, agent and known hosts hold; nothing is ever asked. */
export const sshArguments = ({ user, host, port, path }: SshAddress): readonly string[] => [
  "-T",
  ...["-o", "BatchMode=yes", "-o", "ConnectTimeout=15"],
  ...(user === undefined ? [] : ["-l", user]),
  ...(port === undefined ? [] : ["-p", String(port)]),
  ...["--", host, relay(path).join(" ")],
];

/** The words of a far side that could not be reached. */
export class SshError extends Error {
  override readonly name = "SshError";
  constructor(readonly obstacle: Obstacle) {
    super(obstacle.reason);
  }
}

type Meaning = (address: SshAddress) => Obstacle;
const meanings: readonly (readonly [RegExp, Meaning])[] = [
  [
    /Host key verification failed|REMOTE HOST IDENTIFICATION/i,
    ({ host }) => ({
      reason: `the host key of ${host} is not known here, or is another than the known one`,
      wayOut: `check it, and connect once by hand with "ssh ${host}"`,
    }),
  ],
  // Before ssh's own "Permission denied": the engine's socket on the far side has the same words.
  [
    /docker daemon socket|docker\.sock: connect: permission denied/i,
    ({ host }) => ({
      reason: `the user may not use the engine on ${host}`,
      wayOut: "take one who may: root, or a member of the group docker",
    }),
  ],
  [
    /Permission denied|Too many authentication failures|No supported authentication/i,
    ({ host }) => ({
      reason: `${host} accepts none of your keys`,
      wayOut: `make "ssh ${host}" work without a question: load the key into your agent, or name it in ~/.ssh/config`,
    }),
  ],
  [
    /docker: (?:command )?not found|docker: No such file|not recognized as/i,
    ({ host }) => ({
      reason: `there is no docker command on ${host}, or it is not on the PATH of a shell that runs one command`,
      wayOut: "install it there",
    }),
  ],
  [
    /Cannot connect to the Docker daemon|dial unix|failed to connect to the docker API/i,
    ({ host, path }) => ({
      reason: `no engine runs on ${host}${path === undefined ? "" : ` at ${path}`}`,
      wayOut: "start it there",
    }),
  ],
  [
    /refused|No route|not resolve|timed out|unreachable|not known|closed by|reset by/i,
    ({ host, port }) => ({
      reason: `no ssh server answers on ${host}${port === undefined ? "" : `, port ${port}`}`,
      wayOut: `start it, or ${elsewhere}`,
    }),
  ],
];

const obstacleOf = (address: SshAddress, code: number | null, stderr: string): Obstacle => {
  const lines = stderr.trim().split(/\r?\n/);
  const last = lines.at(-1) ?? "";
  const [, meaning] = meanings.find(([words]) => words.test(stderr)) ?? [];
  const { reason, wayOut } = meaning?.(address) ?? {
    reason: `ssh ended with exit code ${String(code)}`,
    wayOut: `see what "ssh ${address.host} docker version" says`,
  };
  return { reason: last === "" ? reason : `${reason} (ssh says: ${last})`, wayOut };
};

const alive = new Set<ChildProcessWithoutNullStreams>();
let endsWithProcess = false;

function spawnSsh(address: SshAddress): ChildProcessWithoutNullStreams {
  // In a session of its own: Ctrl-C in a terminal is for Pulumi, which lets a running operation end well. When this
  // process is killed, its end of the pipes closes, and ssh leaves too.
  const child = spawn("ssh", sshArguments(address), {
    env: process.env,
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  alive.add(child);
  child.once("close", () => alive.delete(child));
  if (!endsWithProcess) process.once("exit", () => alive.forEach((one) => one.kill()));
  endsWithProcess = true;
  return child;
}

/** A child's input and output as a socket that node:http can use. */
export class SshSocket extends Duplex {
  /** What node's agent reads of a socket. */
  timeout = 0;
  private readonly child: ChildProcessWithoutNullStreams;
  private timer: NodeJS.Timeout | undefined;
  private answered = false;
  private stderr = "";

  constructor(address: SshAddress) {
    super();
    this.child = spawnSsh(address);
    const { stdin, stdout, stderr } = this.child;
    stdout.on("data", (data: Buffer) => {
      this.answered = true;
      this.touch();
      if (!this.push(data)) stdout.pause();
    });
    stderr.on("data", (data: Buffer) => (this.stderr = `${this.stderr}${data.toString()}`.slice(-4096)));
    // The end of the child says why, some moments after its pipe has closed.
    stdin.on("error", () => undefined);
    this.child.once("error", ({ message }) =>
      this.destroy(
        new SshError({ reason: `the command ssh cannot be run: ${message}`, wayOut: "install OpenSSH's client" }),
      ),
    );
    this.child.once("close", (code) => {
      if (code === 0 || this.destroyed) return void this.push(null);
      const obstacle = obstacleOf(address, code, this.stderr);
      this.destroy(this.answered ? new Error(obstacle.reason) : new SshError(obstacle));
    });
  }

  override _read() {
    this.child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void) {
    this.touch();
    this.child.stdin.write(chunk, () => done());
  }

  override _final(done: () => void) {
    this.child.stdin.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void) {
    clearTimeout(this.timer);
    this.child.kill();
    done(error);
  }

  setTimeout(ms: number, callback?: () => void): this {
    this.timeout = ms;
    if (callback && ms > 0) this.once("timeout", callback);
    if (callback && ms === 0) this.off("timeout", callback);
    this.touch();
    return this;
  }

  private touch() {
    clearTimeout(this.timer);
    if (this.timeout > 0) this.timer = setTimeout(() => this.emit("timeout"), this.timeout).unref();
  }

  private get handles() {
    const { stdin, stdout, stderr } = this.child;
    return [this.child, stdin, stdout, stderr] as unknown as readonly { ref(): void; unref(): void }[];
  }

  /** An idle connection keeps no process from ending. */
  unref(): this {
    for (const handle of this.handles) handle.unref();
    return this;
  }

  ref(): this {
    for (const handle of this.handles) handle.ref();
    return this;
  }

  setKeepAlive = (): this => this;
  setNoDelay = (): this => this;
}

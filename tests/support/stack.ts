/** A stack of a test: a program directory, a file backend of its own, and the real Pulumi CLI. */
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { until, workersIn } from "./processes";

export const root = resolve(__dirname, "../..");

// Under npx a wrapper would come first, and a signal to it would not be one to the CLI.
const { PULUMI_HOME = "", PULUMI_VERSION = "" } = process.env;
const cliDir = join(PULUMI_HOME, "versions", PULUMI_VERSION, "bin");

/** What a command printed, and how it ended. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
}

/** What a preview announces for one resource. */
export interface Announced {
  readonly type: "Image" | "Allocation" | "Task";
  /** The resource's name: `job/group[0]/task`. */
  readonly name: string;
  readonly op: "create" | "update" | "replace" | "delete";
  /** The inputs that it names as changed. */
  readonly changed: readonly string[];
}

const line = /dynamic\/longshore:(Image|Allocation|Task) (.+?) (create|update|replace|delete)(?: \[diff: (.*)\])?\s*$/;

/** Reads what a person reads: the lines of a preview. */
export const announcedIn = (out: string): readonly Announced[] =>
  out.split("\n").flatMap((text) => {
    const [, type, name, op, diff = ""] = line.exec(text) ?? [];
    if (type === undefined || name === undefined || op === undefined) return [];
    return [{ type, name, op, changed: diff.split(/[+~\-,]/).filter(Boolean) } as Announced];
  });

type Env = Readonly<Record<string, string | undefined>>;

export class TestStack {
  readonly dir = mkdtempSync(join(tmpdir(), "longshore-test-"));
  readonly name = "test";
  /** Unique, so that two runs of the tests on one engine keep apart. */
  readonly project = `t-${randomUUID().slice(0, 8)}`;
  private readonly running = new Set<ChildProcess>();
  env: Env = {};

  /** @param program a directory below tests/programs or examples */
  constructor(program: string) {
    cpSync(join(root, program), this.dir, { recursive: true });
    mkdirSync(join(this.dir, "node_modules"), { recursive: true });
    // As in a user's project: the package and its peers in node_modules.
    for (const name of ["@pulumi", "constructs"])
      symlinkSync(join(root, "node_modules", name), join(this.dir, "node_modules", name));
    symlinkSync(root, join(this.dir, "node_modules", "longshore"));
    mkdirSync(join(this.dir, "state"));
    writeFileSync(
      join(this.dir, "Pulumi.yaml"),
      `name: ${this.project}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n`,
    );
  }

  /** What commands of this stack run in. */
  get environment(): Env {
    return {
      ...process.env,
      PATH: [cliDir, process.env.PATH].join(delimiter),
      PULUMI_BACKEND_URL: `file://${join(this.dir, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      NO_COLOR: "1",
      ...this.env,
    };
  }

  /** Starts a command without waiting for it, for tests that interrupt it. */
  start(args: readonly string[], env: Env = {}): { readonly child: ChildProcess; readonly ended: Promise<Ran> } {
    const child = spawn(
      "pulumi",
      [...args, ...(args[0] === "stack" && args[1] === "init" ? [] : ["--stack", this.name]), "--non-interactive"],
      {
        cwd: this.dir,
        env: { ...this.environment, ...env },
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
      },
    );
    this.running.add(child);
    let out = "";
    child.stdout.on("data", (data: Buffer) => (out += data.toString()));
    child.stderr.on("data", (data: Buffer) => (out += data.toString()));
    const ended = new Promise<Ran>((done, fail) => {
      child.on("error", fail);
      child.on("close", (code) => {
        this.running.delete(child);
        done({ code, out });
      });
    });
    return { child, ended };
  }

  async run(args: readonly string[], env: Env = {}): Promise<Ran> {
    return this.start(args, env).ended;
  }

  async ok(args: readonly string[], env: Env = {}): Promise<string> {
    const { code, out } = await this.run(args, env);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${out}`);
    return out;
  }

  init = () => this.ok(["stack", "init", this.name]).then(() => this);
  up = (...args: readonly string[]) => this.ok(["up", "--yes", "--skip-preview", ...args]);
  tryUp = (...args: readonly string[]) => this.run(["up", "--yes", "--skip-preview", ...args]);
  refresh = (...args: readonly string[]) => this.ok(["refresh", "--yes", "--skip-preview", ...args]);
  destroy = () => this.ok(["destroy", "--yes", "--skip-preview"]);

  /** Kills the CLI of an `up` once a condition holds, waits until its processes are gone, and gives its lock back. */
  async cutOff(what: string, condition: () => Promise<boolean>): Promise<void> {
    const { child, ended } = this.start(["up", "--yes", "--skip-preview"]);
    await until(what, condition, 60_000);
    process.kill(child.pid ?? 0, "SIGKILL");
    await ended;
    await until("no process is left behind", () => workersIn(this.dir).length === 0, 15_000);
    await this.run(["cancel", "--yes"]);
  }

  preview = async (): Promise<readonly Announced[]> => announcedIn(await this.ok(["preview"]));

  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.ok(["stack", "output", "--json", "--show-secrets"])) as Record<string, unknown>;
  }

  get stateFile(): string {
    return join(this.dir, "state", ".pulumi", "stacks", this.project, `${this.name}.json`);
  }

  get state(): string {
    return readFileSync(this.stateFile, "utf8");
  }

  /** Ends what still runs, destroys what is left, and removes the directory. */
  async dispose(): Promise<void> {
    for (const child of this.running) if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    if (existsSync(this.stateFile) && this.state.includes("dynamic/longshore:")) {
      await this.run(["cancel", "--yes"]);
      await this.run(["destroy", "--yes", "--skip-preview"]);
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A project of a user, in which the tarball of this package is installed by a package manager. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { root, type Ran } from "./stack";

interface Package {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Package;

/** As a user has it: without the commands that this checkout brings along. */
const path = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((dir) => dir !== join(root, "node_modules", ".bin"))
  .join(delimiter);

/** Runs a command to its end. `out` is what it printed on its standard output, `all` is that and its errors. */
export function run(
  command: readonly [string, ...string[]],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ran & { readonly all: string }> {
  const [file, ...args] = command;
  return new Promise((done, fail) => {
    let [out, all] = ["", ""];
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, PATH: path, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.on("data", (data: Buffer) => ((out += data.toString()), (all += data.toString())));
    child.stderr.on("data", (data: Buffer) => (all += data.toString()));
    child.on("error", fail);
    child.on("close", (code) => done({ code, out, all }));
  });
}

/** The same, where it has to succeed: what it printed on its standard output. */
export async function ok(...of: Parameters<typeof run>): Promise<string> {
  const { code, out, all } = await run(...of);
  if (code !== 0) throw new Error(`${of[0].join(" ")} ended with ${code}:\n${all}`);
  return out;
}

/** What `npm pack` makes of `dist/` as it is: other tests run on it, so nothing is built here. */
export async function packed(): Promise<{ readonly file: string; readonly remove: () => void }> {
  const dir = mkdtempSync(join(tmpdir(), "longshore-pack-"));
  await ok(["npm", "pack", "--ignore-scripts", "--pack-destination", dir], root);
  return { file: join(dir, `longshore-${own.version}.tgz`), remove: () => rmSync(dir, { recursive: true }) };
}

/** How a package manager is told to install. No script of any package is run: none is needed. */
const installers = {
  npm: ["npm", "install", "--no-audit", "--no-fund"],
  pnpm: ["npx", "--yes", "pnpm@12.21.0", "install"],
  yarn: ["npx", "--yes", "yarn@1.22.22", "install", "--non-interactive"],
} as const;

export class UserProject {
  /** What the package manager is run in. */
  readonly top = realpathSync(mkdtempSync(join(tmpdir(), "longshore-user-")));
  /** Where `Pulumi.yaml` and `package.json` are. */
  readonly dir: string;

  /** @param place where in the repository of the user the project is */
  constructor(place = ".") {
    this.dir = join(this.top, place);
    mkdirSync(join(this.dir, "state"), { recursive: true });
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.dir, name)), { recursive: true });
    writeFileSync(join(this.dir, name), text);
  }

  /** A `package.json` with these, at the versions that this checkout has of them, and the package. */
  depends(tarball: string, ...others: readonly string[]): void {
    const versions = Object.fromEntries(others.map((name) => [name, own.devDependencies[name]]));
    const manifest = { name: "shop", version: "1.0.0", private: true };
    this.write(
      "package.json",
      JSON.stringify({ ...manifest, dependencies: { longshore: `file:${tarball}`, ...versions } }),
    );
  }

  install = (manager: keyof typeof installers): Promise<string> =>
    ok([...installers[manager], "--prefer-offline", "--ignore-scripts"], this.top);

  /** Runs a command that a package of the project brings. */
  command = (name: string, ...args: readonly string[]) =>
    run([join(this.dir, "node_modules", ".bin", name), ...args], this.dir);

  /** What a preview of a program prints, by the real CLI and with a state of its own. */
  async preview(main: string, typescript = false): Promise<string> {
    const options = `\n  name: nodejs\n  options:\n    typescript: ${typescript}`;
    this.write("Pulumi.yaml", `name: shop\nmain: ${main}\nruntime:${options}\n`);
    const { PULUMI_HOME = "", PULUMI_VERSION = "" } = process.env;
    const pulumi = (...args: readonly string[]) =>
      run(["pulumi", ...args, "--non-interactive", "--stack", "test"], this.dir, {
        PATH: [join(PULUMI_HOME, "versions", PULUMI_VERSION, "bin"), path].join(delimiter),
        PULUMI_BACKEND_URL: `file://${join(this.dir, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "test",
      });
    await pulumi("stack", "select", "--create");
    return (await pulumi("preview")).all;
  }

  dispose = (): void => rmSync(this.top, { recursive: true, force: true });
}

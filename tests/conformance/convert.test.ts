/** A converted job file asks of an engine what the job file asks. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RootConstruct } from "constructs";
import ts from "typescript";
import { type Converted, convert } from "../../cli/convert";
import { render, renderTree } from "../../cli/render";
import * as longshore from "../../constructs";
import { type Recording, recordings } from "./recording";
import { fingerprint, jobOf, network } from "./rendering";

const machine = { fingerprint, attributes: {} };
const root = join(__dirname, "../..");
// Inside the project, from where compilers find the package and its own.
const directory = join(root, ".longshore", `convert-${process.pid}`);
beforeAll(() => mkdirSync(directory, { recursive: true }));
afterAll(() => rmSync(directory, { recursive: true }));

const programOf = ({ result }: Converted): string => {
  if ("program" in result) return result.program;
  throw new Error(JSON.stringify(result.failures));
};

/** Runs a program up to its synth, with credentials by their key in place of those of a config. */
function treeOf(program: string): RootConstruct {
  const apps: RootConstruct[] = [];
  class App extends RootConstruct {
    synth(): void {
      apps.push(this);
    }
  }
  class Config {
    requireSecret(key: string): string {
      return key;
    }
  }
  const { outputText } = ts.transpileModule(program, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
  const packages: Readonly<Record<string, unknown>> = {
    longshore: { ...longshore, App },
    "@pulumi/pulumi": { Config },
  };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is the program that is tested
  const run = new Function("require", "exports", outputText) as (from: (name: string) => unknown, to: object) => void;
  run((name) => packages[name], {});
  const [app] = apps;
  if (!app) throw new Error("the program has no synth");
  return app;
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const rendering = recordings.filter(({ jobspec, plugin }) => "tasks" in render(jobspec, plugin, machine).result);
const converted = (recording: Recording) => convert(recording.jobspec, recording.plugin, `${recording.name}.json`);

test("there is something to convert", () => expect(rendering.length).toBeGreaterThan(60));

test.each(rendering.map((recording) => [recording.name, recording] as const))("%s", (_, recording) => {
  const tree = treeOf(programOf(converted(recording)));
  const { result } = render(recording.jobspec, recording.plugin, machine);
  expect(plain(renderTree(tree, machine).result)).toEqual(plain(result));
});

/** Names and texts that are none of a program's, and what goes over the end of a line. */
const awkward = jobOf({
  job: {
    ID: "class",
    Name: "another ${name}",
    Meta: { "a-b": "it's", quote: 'say "hi"', both: `'"'`, lines: "a\nb\tc\\d\u2028e", __proto: "${x} `y`" },
    Constraints: [
      { LTarget: "${attr.cpu.arch}", Operand: "=", RTarget: "amd64" },
      { LTarget: "${attr.kernel.name}", Operand: "=", RTarget: "linux" },
    ],
    Spreads: [{ Attribute: "x" }],
    "Odd\nprocess.exit(1)": true,
  },
  group: {
    ...network({ dynamic: [{ Label: "http", To: 80 }] }),
    Services: [{ Name: "s".repeat(200) }],
    Scaling: { Min: 1 },
  },
  task: { Env: { LONG: "word ".repeat(40), A: "x".repeat(130), "1": "one" }, Artifacts: [{ GetterSource: "x" }] },
  config: {
    image: "registry.example/web:1",
    ports: ["http"],
    args: ["${NOMAD_PORT_http}", "$${HOME}", "-c", "x".repeat(60), "y".repeat(60)],
    auth: { username: "web", password: "open sesame", server_address: "registry.example" },
    ssl: false,
    sysctl: { "net.core.somaxconn": "16384" },
  },
});

const twoGroups = {
  Job: {
    ID: "job",
    TaskGroups: ["my-web", "my_web", "3-d", "config", "über"].map((Name) => ({
      Name,
      Tasks: [{ Name: "task", Driver: "docker", Config: { image: "busybox:1.35" } }],
    })),
  },
};

const odd: Readonly<Record<string, unknown>> = { awkward, twoGroups };

test.each(Object.entries(odd))("%s", (_, jobspec) => {
  const tree = treeOf(programOf(convert(jobspec, undefined, "job.json")));
  expect(plain(renderTree(tree, machine).result)).toEqual(plain(render(jobspec, undefined, machine).result));
});

test("a credential comes from the config, and is told", () => {
  const result = convert(awkward, undefined, "job.json");
  expect(programOf(result)).not.toContain("open sesame");
  expect(programOf(result)).toContain('password: config.requireSecret("webAuthPassword")');
  expect(result.secrets).toEqual([{ key: "webAuthPassword", path: "class/g/web.auth.password" }]);
});

test("what has no effect is a comment where it stood", () => {
  const program = programOf(convert(awkward, undefined, "job.json"));
  expect(program).toContain("// Spreads has no effect here\n");
  expect(program).toMatch(/\/\/ Services has no effect here\n(?:\/\/.*\n)*const group = new TaskGroup\(job, "g"/);
  expect(program).toMatch(/ {2}\/\/ ssl is deprecated.*\n(?: {2}\/\/.*\n)* {2}ssl: false,\n/);
});

test("names of groups become names of the program", () =>
  expect(
    [...programOf(convert(twoGroups, undefined, "job.json")).matchAll(/const (\S+) = new TaskGroup/g)].map((m) => m[1]),
  ).toEqual(["myWebGroup", "myWebGroup2", "group3D", "configGroup", "überGroup"]));

test("what is wrong with a job is told in the words of the file", () => {
  const { result } = convert(jobOf({ config: { memory_hard_limt: 1 } }), undefined, "job.json");
  expect(result).toEqual({
    failures: [{ path: "job/g/web.memory_hard_limt", reason: expect.stringContaining("is not an option") as string }],
  });
});

test("the page about it shows what becomes of the example", () => {
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  const program = programOf(convert(JSON.parse(read("examples/jobspec/job.json")), undefined, "job.json"));
  expect(read("docs/moving-from-nomad.md")).toContain(`\`\`\`ts\n${program}\`\`\`\n`);
});

describe("all programs", () => {
  beforeAll(() => {
    for (const recording of rendering)
      writeFileSync(join(directory, `${recording.name}.ts`), programOf(converted(recording)));
    for (const [name, jobspec] of Object.entries(odd))
      writeFileSync(join(directory, `${name}.ts`), programOf(convert(jobspec, undefined, "job.json")));
  });
  const run = (tool: string, ...args: string[]): string => {
    try {
      return execFileSync(process.execPath, [join(root, "node_modules", tool), ...args], {
        cwd: root,
        encoding: "utf8",
      });
    } catch (error) {
      const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
      return stdout + stderr;
    }
  };

  test("have the right types", () => {
    const project = {
      extends: "../../tsconfig.json",
      compilerOptions: { paths: { longshore: ["../../constructs/index.ts"] }, types: ["node"] },
      include: ["*.ts"],
    };
    writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(project));
    expect(run("typescript/bin/tsc", "-p", directory)).toBe("");
  }, 300_000);

  test("are laid out as prettier does", () => {
    writeFileSync(join(directory, ".prettierrc.json"), JSON.stringify({ printWidth: 120 }));
    const ignore = join(directory, "none");
    writeFileSync(ignore, "");
    expect(run("prettier/bin/prettier.cjs", "--list-different", "--ignore-path", ignore, `${directory}/*.ts`)).toBe("");
  }, 300_000);
});

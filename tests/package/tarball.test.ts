/** What `npm pack` makes: what is in it, how large it is, and what the judges of packages say of it. */
import { spawnSync } from "node:child_process";
import { SourceMap, type SourceMapPayload } from "node:module";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { root } from "../support/stack";
import { ok, packed } from "../support/user-project";

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

const out = mkdtempSync(join(tmpdir(), "longshore-unpacked-"));
const dir = join(out, "package");
let tarball: Awaited<ReturnType<typeof packed>>;
let files: readonly string[] = [];
const read = (file: string) => readFileSync(join(dir, file), "utf8");
const size = (file: string) => statSync(join(dir, file)).size;

beforeAll(async () => {
  tarball = await packed();
  await ok(["tar", "-xzf", tarball.file, "-C", out], root);
  files = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((file) => statSync(join(dir, file)).isFile());
});
afterAll(() => {
  tarball.remove();
  rmSync(out, { recursive: true });
});

const entries = ["constructs/index", "provider/dynamic", "run/index", "policy/index", "cli/main"];
const code = () => files.filter((file) => file.startsWith("dist/"));

test("it has the entry points, their types and maps, the documents, the examples, and nothing else", () => {
  expect(
    code()
      .filter((file) => !file.endsWith(".d.ts"))
      .sort(),
  ).toEqual(
    entries.flatMap((entry) => [".bundle.js", ".bundle.js.map", ".js"].map((end) => `dist/${entry}${end}`)).sort(),
  );
  const others = files.filter((file) => !code().includes(file) && !/^(docs|examples)\//.test(file));
  expect([...others].sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
  expect(files.filter((file) => file.startsWith("docs/") && !/\.(md|svg|schema\.json)$/.test(file))).toEqual([]);
  expect(files.filter((file) => /node_modules|Pulumi\.[^.]+\.yaml$|\.env/.test(file))).toEqual([]);
});

test.each(entries)("on a Node that is too old %s says so (its version is made up)", (entry) => {
  const older = 'Object.defineProperty(process.versions, "node", { value: "20.19.0" })';
  const { status, stderr } = spawnSync(
    process.execPath,
    ["-e", `${older}; process.argv[1] = "x"; require(${JSON.stringify(join(dir, "dist", `${entry}.js`))})`],
    { encoding: "utf8" },
  );
  expect(stderr).toContain("longshore needs Node 22 or later, and this is Node 20.19.0; install a newer one");
  expect(status).toBe(1);
});

test("every type leads to one that is there, and is led to", () => {
  const seen = new Set<string>();
  const follow = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, to = ""] of read(file).matchAll(/(?:from |import\()"(\.[^"]+)"/g)) {
      const target = join(dirname(file), to);
      follow(files.includes(`${target}.d.ts`) ? `${target}.d.ts` : join(target, "index.d.ts"));
    }
  };
  const { exports } = JSON.parse(read("package.json")) as Manifest;
  for (const entry of Object.values(exports)) if (typeof entry === "object") follow(normalize(entry.types));
  expect([...seen].sort()).toEqual(
    code()
      .filter((file) => file.endsWith(".d.ts"))
      .sort(),
  );
});

test("what README and the documents link to is there", () => {
  // How to work in a checkout is of use only there.
  const left = ["CONTRIBUTING.md"];
  const dead = files
    .filter((file) => file.endsWith(".md"))
    .flatMap((file) =>
      [...read(file).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, to = ""]) => join(dirname(file), to)),
    );
  expect(dead.length).toBeGreaterThan(20);
  expect(dead.filter((to) => !left.includes(to) && !existsSync(join(dir, to)))).toEqual([]);
});

test("no file names a place on the machine where it was made", () =>
  expect(files.filter((file) => read(file).includes(root) || /"(\/root|\/home|\/Users)\//.test(read(file)))).toEqual(
    [],
  ));

test("nothing runs when it is installed", () => {
  const { scripts, dependencies } = JSON.parse(read("package.json")) as Manifest;
  expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
  };
  const theirs = Object.keys(dependencies).map((name) => [name, lock.packages[`node_modules/${name}`]] as const);
  expect(theirs.filter(([, one]) => !one || one.hasInstallScript)).toEqual([]);
});

describe.each(entries)("the map of %s", (entry) => {
  test("is not loaded at run time", () => expect(read(`dist/${entry}.bundle.js`)).not.toMatch(/sourceMappingURL/));

  test("leads back to lines of files in the repository", () => {
    const file = `dist/${entry}.bundle.js`;
    const map = new SourceMap(JSON.parse(read(`${file}.map`)) as SourceMapPayload);
    const sources = map.payload.sources.map((source) => join(dirname(file), source));
    expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([]);

    // A class of our own, wherever the bundle has it.
    const lines = read(file).split("\n");
    const line = lines.findIndex((text) => /EngineError = class|class EngineError|SynthesisError = class/.test(text));
    const of = line < 0 ? lines.findIndex((text) => text.includes("did you mean")) : line;
    const found = map.findEntry(of, lines[of]!.search(/\S/));
    if (!("originalSource" in found)) throw new Error(`no source of line ${of} of ${file}`);
    const original = readFileSync(join(root, dirname(file), found.originalSource), "utf8").split("\n");
    expect(original[found.originalLine]).toMatch(/EngineError|SynthesisError|did you mean/);
  });
});

/** In kB. What grows by a third fails: look at what came in, then write the new size. */
const sizes: Readonly<Record<string, number>> = {
  packed: 1000,
  unpacked: 4300,
  longshore: 486,
  "longshore/provider": 572,
  "longshore/run": 73,
  "longshore/policy": 357,
  "the command": 720,
  types: 188,
};

test("it is not much larger than it was", () => {
  const sum = (some: readonly string[]) => some.reduce((all, file) => all + size(file), 0);
  const bundle = (entry: string) => size(`dist/${entry}.bundle.js`) + size(`dist/${entry}.js`);
  const bytes: typeof sizes = {
    packed: statSync(tarball.file).size,
    unpacked: sum(files),
    longshore: bundle("constructs/index"),
    "longshore/provider": bundle("provider/dynamic"),
    "longshore/run": bundle("run/index"),
    "longshore/policy": bundle("policy/index"),
    "the command": bundle("cli/main"),
    types: sum(files.filter((file) => file.endsWith(".d.ts"))),
  };
  const now = Object.entries(bytes).map(([name, size]) => [name, Math.ceil(size / 1000)] as const);
  process.stdout.write(`sizes in kB: ${now.map(([name, kB]) => `${name} ${kB}`).join(", ")}\n`);
  expect(now.filter(([name, kB]) => kB > (sizes[name]! * 4) / 3)).toEqual([]);
});

test("publint has nothing to say", async () =>
  expect(await ok([join(root, "node_modules/.bin/publint"), "run", tarball.file, "--strict"], out)).toMatch(
    /All good/,
  ));

test("the types are right for every way of resolving them, from CommonJS and from ES modules", async () =>
  expect(await ok([join(root, "node_modules/.bin/attw"), tarball.file], out)).toMatch(/No problems found/));

/**
 * The tarball in projects of users, each made by one package manager: imported in every way, and run by Pulumi, whose
 * provider process finds "longshore/provider" from the project and by no other way. Wants a registry of packages, or
 * the caches of an earlier run.
 */
import { lstatSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { announcedIn, root } from "../support/stack";
import { UserProject, ok, packed } from "../support/user-project";

const source = (name: string) => readFileSync(join(__dirname, "project", name), "utf8");
const bundle = "dist/provider/dynamic.bundle.js";
const minutes = 60_000;

let tarball: Awaited<ReturnType<typeof packed>>;
const projects: UserProject[] = [];
beforeAll(async () => (tarball = await packed()));
afterAll(() => {
  tarball.remove();
  for (const project of projects) project.dispose();
});

function made(place?: string): UserProject {
  const project = new UserProject(place);
  projects.push(project);
  return project;
}

/** Fails, with all that was printed, unless the provider has judged the resources of the program. */
function expectPreview(out: string): void {
  const of = announcedIn(out).map(({ type, op }) => `${type} ${op}`);
  if (!of.includes("Task create")) throw new Error(out);
  expect(new Set(of)).toEqual(new Set(["Image create", "Task create"]));
  expect(out).not.toMatch(/error|warning/);
}

async function expectCommand(project: UserProject): Promise<void> {
  expect(await project.command("longshore", "--help")).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^longshore/) as string,
  });
}

describe("npm", () => {
  const project = made();
  const sources = ["entries.cts", "entries.mts", "program.cts", "program.mts"];
  const strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--target", "es2022"];
  const tsc = (...args: readonly string[]) => project.command("tsc", ...strict, ...args);
  const printed = {
    rules: true,
    provider: ["check", "diff", "create", "read", "update", "delete"],
    functions: Array<string>(5).fill("function"),
  };

  beforeAll(async () => {
    project.depends(
      tarball.file,
      ...["@pulumi/pulumi", "@pulumi/policy", "constructs", "typescript", "ts-node", "@types/node"],
    );
    for (const name of ["entries.ts", "program.ts"]) project.write(name, source(name));
    for (const name of sources) project.write(name, source(name.replace(/[cm]ts$/, "ts")));
    await project.install("npm");
  }, 5 * minutes);

  test("what is installed is this checkout's build", () =>
    expect(readFileSync(join(project.dir, "node_modules/longshore", bundle), "utf8")).toBe(
      readFileSync(join(root, bundle), "utf8"),
    ));

  test(
    "every entry point compiles under node16, types of packages included, and runs as CommonJS and as an ES module",
    async () => {
      const { out } = await tsc("--module", "node16", "--outDir", "out", ...sources);
      // Types of @pulumi/policy 1.21 name what its own build leaves out.
      expect(out.split("\n").filter((line) => line && !line.startsWith("node_modules/@pulumi/policy/"))).toEqual([]);
      for (const file of ["entries.cjs", "entries.mjs"])
        expect(JSON.parse(await ok(["node", join("out", file)], project.dir))).toEqual(printed);
    },
    2 * minutes,
  );

  test.each([
    ["bundler", "esnext"],
    ["node10", "commonjs"],
  ])(
    "every entry point has its types where modules are resolved as by %s",
    async (moduleResolution, module) =>
      expect(
        await tsc(
          "--noEmit",
          "--skipLibCheck",
          "--moduleResolution",
          moduleResolution,
          "--module",
          module,
          "entries.ts",
        ),
      ).toMatchObject({ code: 0, all: "" }),
    minutes,
  );

  test(
    "every entry point runs under ts-node",
    async () => {
      const options = JSON.stringify({ strict: true, module: "commonjs", target: "es2022", skipLibCheck: true });
      const { code, out, all } = await project.command("ts-node", "--compilerOptions", options, "entries.ts");
      if (code !== 0) throw new Error(all);
      expect(JSON.parse(out)).toEqual(printed);
    },
    minutes,
  );

  test.each([
    ["CommonJS", "out/program.cjs", false],
    ["an ES module", "out/program.mjs", false],
    ["TypeScript, by Pulumi's ts-node", "program.ts", true],
  ])(
    "a program runs that is %s",
    async (_, main, typescript) => expectPreview(await project.preview(main, typescript)),
    2 * minutes,
  );

  test("the command runs", () => expectCommand(project));
});

test(
  "pnpm: a program runs where packages are links, and only what package.json names is found; and so does the command",
  async () => {
    const project = made();
    project.depends(tarball.file, "@pulumi/pulumi", "constructs");
    project.write("program.mts", source("program.ts")); // Node strips the types
    await project.install("pnpm");
    expect(lstatSync(join(project.dir, "node_modules/longshore")).isSymbolicLink()).toBe(true);
    expect(() => realpathSync(join(project.dir, "node_modules/zod"))).toThrow("ENOENT");
    expectPreview(await project.preview("program.mts"));
    await expectCommand(project);

    // As when a package of the user's depends on it, and the project does not.
    const link = join(project.dir, "node_modules/longshore");
    const place = join(realpathSync(link), "dist/constructs/index.js");
    rmSync(link);
    project.write("program.mts", source("program.ts").replace('"longshore"', JSON.stringify(place)));
    const out = await project.preview("program.mts");
    expect(out).toContain("Cannot find module 'longshore/provider'");
    expect(out.replace(/\s+/g, " ")).toContain(`warning: longshore cannot be found from ${project.dir}, where`);
  },
  5 * minutes,
);

test(
  "yarn: a program runs in a workspace whose packages are all at the top; and so does the command",
  async () => {
    const project = made("apps/shop");
    project.write("../../package.json", JSON.stringify({ private: true, workspaces: ["apps/*"] }));
    project.depends(tarball.file, "@pulumi/pulumi", "constructs");
    // As README has it.
    project.write("index.ts", source("program.ts"));
    const manifest = JSON.parse(readFileSync(join(project.dir, "package.json"), "utf8")) as object;
    project.write("package.json", JSON.stringify({ ...manifest, type: "module" }));
    await project.install("yarn");
    expect(() => realpathSync(join(project.dir, "node_modules/longshore"))).toThrow("ENOENT");
    expect(readFileSync(join(project.top, "node_modules/longshore", bundle), "utf8")).toBe(
      readFileSync(join(root, bundle), "utf8"),
    );
    expectPreview(await project.preview("index.ts"));
    await expectCommand(project);
  },
  5 * minutes,
);

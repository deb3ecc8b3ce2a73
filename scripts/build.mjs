// dist/: types from tsc, and each entry point as one file. Every command of Pulumi starts its processes anew, and what
// they read is a good part of a short one: one file without zod's fifty languages takes half the time.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { build } from "esbuild";

const entries = ["constructs/index", "provider/dynamic", "run/index", "policy/index", "cli/main"];
const command = "cli/main";

// A build that fails leaves the last one as it is.
const part = ".longshore/dist.part";
rmSync(part, { recursive: true, force: true });
try {
  const tsc = ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--outDir", part];
  execFileSync(process.execPath, tsc, { stdio: "inherit" });
} catch {
  process.exit(1); // tsc has said why
}

// Files are written below, and not by esbuild: what a map says of its sources is then true of where it will be.
const { outputFiles } = await build({
  write: false,
  entryPoints: entries.map((entry) => ({ in: `${entry}.ts`, out: `${entry}.bundle` })),
  outdir: "dist",
  bundle: true,
  platform: "node",
  target: "node22",
  format: "cjs",
  // The user's own, of which there must be one in a process; and what is rarely needed.
  external: ["@pulumi/pulumi", "constructs", "re2js", "tar-stream"],
  // Of ES modules the unused parts can be left out.
  mainFields: ["module", "main"],
  // Beside the code and not named in it: Pulumi's SDK asks for the place of every resource in the source, and reading a
  // map for that costs each run more than all the rest of a program.
  sourcemap: "external",
  sourcesContent: false,
  logLevel: "warning",
});
for (const { path, contents } of outputFiles) writeFileSync(join(part, relative("dist", path)), contents);

// Types that none of the entry points leads to are nobody's: three of four.
const wanted = new Set();
const follow = (file) => {
  if (wanted.has(file)) return;
  wanted.add(file);
  for (const [, to] of readFileSync(file, "utf8").matchAll(/(?:from |import\()"(\.[^"]+)"/g)) {
    const target = join(dirname(file), to);
    follow([`${target}.d.ts`, join(target, "index.d.ts")].find(existsSync));
  }
};
for (const entry of entries) if (entry !== command) follow(join(part, `${entry}.d.ts`));
for (const name of readdirSync(part, { recursive: true })) {
  const file = join(part, name);
  if (name.endsWith(".d.ts") && !wanted.has(file)) rmSync(file);
}

// An older Node would stop at the first function that it lacks, in words that tell nobody why.
const { engines } = JSON.parse(readFileSync("package.json", "utf8"));
const [, least] = /^>=(\d+)$/.exec(engines.node);
const tooOld =
  "`longshore needs Node ${least} or later, and this is Node ${process.versions.node}; install a newer one`".replace(
    "${least}",
    least,
  );
const checkOf = (entry) =>
  `if (Number(process.versions.node.split(".")[0]) < ${least}) ` +
  (entry === command ? `{ console.error(${tooOld}); process.exit(1); }` : `throw new Error(${tooOld});`);

// Node keeps compiled code for the next process only of what is loaded after it was asked to; an older one cannot.
for (const entry of entries) {
  const file = join(part, `${entry}.js`);
  const text = [
    ...(entry === command ? ["#!/usr/bin/env node"] : []),
    '"use strict";',
    checkOf(entry),
    'require("node:module").enableCompileCache?.();',
    `module.exports = require("./${basename(entry)}.bundle.js");`,
    "",
  ];
  writeFileSync(file, text.join("\n"));
  if (entry === command) chmodSync(file, 0o755);
}

rmSync("dist", { recursive: true, force: true });
renameSync(part, "dist");

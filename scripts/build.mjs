// dist/: types from tsc, and each entry point as one file. Every command of Pulumi starts its processes anew, and what
// they read is a good part of a short one: one file without zod's fifty languages takes half the time.
import { execFileSync } from "node:child_process";
import { chmodSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
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

await build({
  entryPoints: entries.map((entry) => ({ in: `${entry}.ts`, out: `${entry}.bundle` })),
  outdir: part,
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

// Node keeps compiled code for the next process only of what is loaded after it was asked to; an older one cannot.
for (const entry of entries) {
  const file = join(part, `${entry}.js`);
  const text = [
    ...(entry === command ? ["#!/usr/bin/env node"] : []),
    '"use strict";',
    'require("node:module").enableCompileCache?.();',
    `module.exports = require("./${basename(entry)}.bundle.js");`,
    "",
  ];
  writeFileSync(file, text.join("\n"));
  if (entry === command) chmodSync(file, 0o755);
}

rmSync("dist", { recursive: true, force: true });
renameSync(part, "dist");

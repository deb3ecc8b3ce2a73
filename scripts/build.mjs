// dist/: types from tsc, and each entry point as one file. Every command of Pulumi starts its processes anew, and what
// they read is a good part of a short one: one file without zod's fifty languages takes half the time.
import { execFileSync } from "node:child_process";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { build } from "esbuild";

const entries = ["constructs/index", "provider/dynamic", "cli/main"];
const command = "cli/main";

rmSync("dist", { recursive: true, force: true });
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" });

await build({
  entryPoints: entries.map((entry) => ({ in: `${entry}.ts`, out: `${entry}.bundle` })),
  outdir: "dist",
  bundle: true,
  platform: "node",
  target: "node22",
  format: "cjs",
  // The user's own, of which there must be one in a process; and what is rarely needed.
  external: ["@pulumi/pulumi", "constructs", "tar-stream"],
  // Of ES modules the unused parts can be left out.
  mainFields: ["module", "main"],
  sourcemap: true,
  sourcesContent: false,
  logLevel: "warning",
});

// Node keeps compiled code for the next process only of what is loaded after it was asked to; an older one cannot.
for (const entry of entries) {
  const file = join("dist", `${entry}.js`);
  const text = [
    ...(entry === command ? ["#!/usr/bin/env node"] : []),
    '"use strict";',
    'require("node:module").enableCompileCache?.();',
    `module.exports = require("./${basename(entry)}.bundle.js");`,
    "",
  ];
  writeFileSync(file, text.join("\n"));
  if (entry === command) chmodSync(join(dirname(file), basename(file)), 0o755);
}

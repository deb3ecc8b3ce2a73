// Tries to get the official release of Pulumi's CLI, in the way of the npm package `pulumi`, into a folder:
//   node download.cjs <folder>
// Where the net is closed this ends within seconds.
"use strict";
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const from = { paths: [path.join(__dirname, "../..")] };
const { version } = require(require.resolve("pulumi/package.json", from));
const { installCLI } = require(
  path.join(path.dirname(require.resolve("pulumi/package.json", from)), "lib/download.js"),
);
const target = process.argv[2];
const minutes = (n) => n * 60_000;

async function fetchText(url) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
  if (!answer.ok) throw new Error(`HTTP ${answer.status} from ${url}`);
  return answer.text();
}

function execScript(script, args) {
  const { status, signal } = spawnSync("/bin/sh", [script, ...args], { stdio: "inherit", timeout: minutes(10) });
  if (status !== 0) throw new Error(`the installer ended with ${status ?? signal}`);
}

fs.rmSync(target, { recursive: true, force: true });
installCLI(version, target, { fetchText, execScript }).then(
  () => fs.accessSync(path.join(target, "bin/pulumi"), fs.constants.X_OK),
  (error) => {
    console.error(error.cause?.message ?? error.message);
    process.exitCode = 1;
  },
);

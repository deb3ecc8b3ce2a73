// Pulumi's CLI tells its plugins when to go. One that was killed cannot: they would stay for ever.
"use strict";
const net = require("node:net");

/** Calls `gone` when the CLI that started this process, with the engine's address as the last argument, is no more. */
module.exports = function leaveWithCli(gone) {
  const cli = process.ppid;
  setInterval(() => process.ppid === cli || gone(), 500).unref();

  // Killed before the lines above, it was not seen to go; then nothing listens at the engine's address.
  const [, host, port] = /^(.+):(\d+)$/.exec(process.argv.at(-1)) ?? [];
  if (!port) return;
  const probe = net.connect({ host, port: Number(port) }, () => probe.destroy());
  probe.on("error", ({ code }) => code === "ECONNREFUSED" && gone());
};

import { connect } from "node:net";

/**
 * Ends this process when Pulumi's CLI, which started it, is no more: a CLI that was killed cannot end it, and it would go
 * on alone for ever.
 */
export function leaveWithCli(): void {
  const leave = () => process.exit(1);
  const cli = process.ppid;
  setInterval(() => {
    if (process.ppid !== cli) leave();
  }, 500).unref();

  // A CLI that was killed before the lines above was not seen to go; nothing listens at its address any more.
  const [, host, port] = /^(.+):(\d+)$/.exec(process.argv.at(-1) ?? "") ?? [];
  if (host === undefined || port === undefined) return;
  const probe = connect({ host, port: Number(port) }, () => probe.destroy());
  probe.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "ECONNREFUSED") leave();
  });
}

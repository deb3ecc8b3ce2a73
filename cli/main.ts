#!/usr/bin/env node
/** The command: `longshore COMMAND …`. What a command does is loaded when it runs. */
import { parseArgs } from "node:util";
import { FileError, readJson } from "../constructs/json-file";
import { EngineError } from "../provider/errors";

const exitCodes = { done: 0, failed: 1, refused: 2 } as const;

const help = {
  longshore: `longshore: containers with the semantics of Nomad's docker driver

  longshore gc                removes images that longshore's tasks use no more
  longshore render JOB.json   what would be asked of the engine, without one

  longshore COMMAND --help    more about a command
`,
  gc: `longshore gc [--dry-run] [--wait | --watch] [--json] [--endpoint URL [--tls-ca FILE --tls-cert FILE --tls-key FILE]]

Looks through the images that longshore's tasks used on an engine, tells of each what becomes of it and why, and removes
those that nobody has used for as long as their plugin option gc.image_delay says. What any container uses, of whatever
owner, what bears a name that is not a task's, and what no registry or archive can give back, stays.

  --dry-run        removes nothing
  --wait           goes on until nothing waits to be removed
  --watch          goes on until it is interrupted
  --json           {"images": [{image, names, size, action, because, until}]}; with --wait or --watch a line a change.
                   The actions are removed, remove (it would be), wait, keep, and forget: it is gone, or stays for good
  --endpoint URL   the engine, as in the plugin option endpoint; when left out, as for the docker command: DOCKER_HOST,
                   DOCKER_CONTEXT, the current context, the default socket
  --tls-ca, --tls-cert, --tls-key   certificates for such an endpoint, as in the plugin option tls
`,
  render: `longshore render JOB.json [--plugin PLUGIN.json] [--attributes ATTRS.json]

Prints, without an engine, the body of the create request and the environment of every task of a job in Nomad's JSON
form, {"tasks": […]}; or all that is wrong with it, {"failures": […]}, with exit code 2.

  --plugin PLUGIN.json      the options of the plugin "docker", in their own key names
  --attributes ATTRS.json   stands in for the fingerprint of the engine's machine: {"cpu.totalcompute": 5192, …};
                            what it leaves out is this machine's own

Ids, dynamic ports and directories of allocations are stand-ins, the same at every run.
`,
} as const;

type Command = (args: readonly string[]) => Promise<number>;

/** The command line is not one of the command's. */
class UsageError extends Error {
  override readonly name = "UsageError";
}

const render: Command = async (args) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { plugin: { type: "string" }, attributes: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) return print(help.render);
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0)
    throw new UsageError(`render takes one job file, and was given ${positionals.length}`);
  const [jobspec, plugin, attributes] = [file, values.plugin, values.attributes].map((path) =>
    path === undefined ? undefined : readJson(path),
  );
  const [{ fingerprintOf }, { render: rendered }] = await Promise.all([
    import("./attributes.js"),
    import("./render.js"),
  ]);
  const { result, warnings } = rendered(jobspec, plugin, fingerprintOf(attributes));
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
  print(`${JSON.stringify(result, undefined, 2)}\n`);
  return "failures" in result ? exitCodes.refused : exitCodes.done;
};

/** The engine that the command line names, as a plugin would. */
function pluginFor({ endpoint, ...tls }: Readonly<Record<"endpoint" | "ca" | "cert" | "key", string | undefined>>) {
  const given = Object.fromEntries(Object.entries(tls).filter(([, path]) => path !== undefined));
  const isTls = Object.keys(given).length > 0;
  if (isTls && endpoint === undefined)
    throw new UsageError("--tls-ca, --tls-cert and --tls-key go with --endpoint, which is not given");
  return { ...(endpoint !== undefined && { endpoint }), ...(isTls && { tls: given }) };
}

const gc: Command = async (args) => {
  const flag = { type: "boolean" } as const;
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      "dry-run": flag,
      wait: flag,
      watch: flag,
      json: flag,
      endpoint: text,
      "tls-ca": text,
      "tls-cert": text,
      "tls-key": text,
      help: { ...flag, short: "h" },
    },
  });
  if (values.help) return print(help.gc);
  const { "tls-ca": ca, "tls-cert": cert, "tls-key": key, endpoint } = values;
  if (values.wait && values.watch) throw new UsageError("gc takes --wait or --watch, and was given both");
  const written = pluginFor({ endpoint, ca, cert, key });
  const { gc: collected } = await import("./gc.js");
  const { "dry-run": dryRun = false, wait = false, watch = false, json = false } = values;
  await collected(
    { engine: written, dryRun, wait, watch, json },
    { print: (out) => process.stdout.write(out), say: (out) => process.stderr.write(out) },
  );
  return exitCodes.done;
};

const commands: Readonly<Record<string, Command>> = { gc, render };

function print(text: string): number {
  process.stdout.write(text);
  return exitCodes.done;
}

const run: Command = async ([name, ...args]) => {
  if (name === undefined || name === "--help" || name === "-h" || name === "help") return print(help.longshore);
  const command = commands[name];
  if (!command)
    throw new UsageError(`there is no command "${name}"; the commands are ${Object.keys(commands).join(", ")}`);
  return command(args);
};

const isUsage = (error: unknown): error is Error =>
  error instanceof UsageError ||
  (error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith("ERR_PARSE_ARGS"));

run(process.argv.slice(2))
  .catch((error: unknown) => {
    if (!isUsage(error) && !(error instanceof FileError) && !(error instanceof EngineError)) throw error;
    process.stderr.write(`longshore: ${error.message}\n${isUsage(error) ? "longshore --help says more\n" : ""}`);
    return isUsage(error) ? exitCodes.refused : exitCodes.failed;
  })
  .then((code) => (process.exitCode = code))
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = exitCodes.failed;
  });

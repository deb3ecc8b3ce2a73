import { tryDurationMs } from "../../provider/duration";
import { UsageError, command } from "../command";
import { engineOf, engineOptions } from "../engine-options";
import { exitCodes } from "../exit-codes";

/** Options that mean something only beside another one. */
const goesWith = { stack: "containers", state: "containers", "creation-grace": "containers", period: "watch" } as const;

/** Milliseconds of an option that is a length of time. */
function lengthOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = tryDurationMs(text);
  if (ms !== undefined) return ms;
  throw new UsageError(`gc: --${option} is "${text}", which is not a length of time; write one as in "90s" or "5m"`);
}

export const gc = command({
  summary: "removes images that longshore's tasks use no more, or containers that a stack's state does not know",
  about:
    "Looks through the images that longshore's tasks used on an engine, tells of each what becomes of it and why, and " +
    "removes those that nobody has used for as long as their plugin option gc.image_delay says. What any container " +
    "uses, of whatever owner, what bears a name that is not a task's, and what no registry or archive can give back, " +
    "stays.\n\n" +
    "With --containers: looks for what a stack left on its engines without its state knowing of it, containers and " +
    "the directories, reserved ports and marks of such, and removes it, as the plugin option gc.dangling_containers says. The " +
    "state is what pulumi stack export tells in this directory. Left alone is what is young, what a run is at, what was " +
    "left on purpose, and what may be that of another state with a stack of the same name.",
  options: {
    "dry-run": { help: "removes nothing" },
    wait: { help: "goes on until nothing waits to be removed; for images" },
    watch: { help: "goes on until it is interrupted" },
    containers: { help: "looks for containers in place of images" },
    stack: {
      value: "NAME",
      many: true,
      help: "a stack to look after, where it is not the current one; may be repeated",
    },
    state: { value: "FILE", help: "its state, as pulumi stack export writes it, in place of asking Pulumi" },
    "creation-grace": { value: "5m", help: "younger ones are left alone; when left out, as their plugin says" },
    period: { value: "5m", help: "the time between two looks of --watch; when left out, as their plugin says" },
    keep: {
      value: "CONTAINER",
      many: true,
      help: "a container, by name or id, that is to stay, now and at every later look; may be repeated",
    },
    "any-origin": {
      help: "removes also what no run made that the state knows of: say so only where no other state has a stack of this name",
    },
    "by-form": {
      help:
        "looks also for running containers without any label whose name has a UUID and that have /alloc, /local and " +
        "/secrets mounted, as an old Nomad's have",
    },
    json: {
      help:
        '{"images": [{image, names, size, action, because, until}]}, or {"left": [{stack, engine, kind, name, key, id, state, ' +
        "action, because, until}]}; with --wait or --watch a line a change. The actions are removed, remove (it would be), " +
        "wait, keep, and forget: it is gone, or stays for good",
    },
    ...engineOptions,
  },
  async run({ values }, output) {
    const {
      "dry-run": dryRun,
      "any-origin": anyOrigin,
      "by-form": byForm,
      wait,
      watch,
      json,
      containers,
      stack,
      state,
      keep,
    } = values;
    if (wait && watch) throw new UsageError("gc takes --wait or --watch, and was given both");
    if (wait && containers)
      throw new UsageError("gc takes --wait or --containers, and was given both; --watch goes on");
    if (stack.length > 0 && state !== undefined)
      throw new UsageError("gc takes --stack or --state, and was given both");
    for (const [option, other] of Object.entries(goesWith)) {
      const value = values[option as keyof typeof goesWith];
      const isGiven = value !== undefined && value.length > 0;
      if (isGiven && !values[other]) throw new UsageError(`--${option} goes with --${other}, which is not given`);
    }
    if (!containers && (keep.length > 0 || anyOrigin || byForm || values.period !== undefined))
      throw new UsageError("--keep, --any-origin, --by-form and --period go with --containers, which is not given");
    const graceMs = lengthOf("creation-grace", values["creation-grace"]);
    const periodMs = lengthOf("period", values.period);
    const engine = engineOf(values);
    if (!containers) {
      const { gc: collected } = await import("../gc.js");
      await collected({ engine, dryRun, wait, watch, json }, output);
      return exitCodes.done;
    }
    const { containerGc } = await import("../container-gc.js");
    const names = stack.length > 0 ? stack.map((name) => ({ stack: name })) : [{ stack: undefined }];
    const sources = state === undefined ? names : [{ file: state }];
    const given = values.endpoint === undefined ? undefined : engine;
    return containerGc(
      { sources, engine: given, dryRun, anyOrigin, byForm, keep, graceMs, periodMs, watch, json },
      output,
    );
  },
});

/** `longshore gc`: the images that longshore's tasks used on an engine, and what becomes of them. */
import { setTimeout as pause } from "node:timers/promises";
import { type Engine, connect } from "../provider/engine/engine";
import { type Written, endpointOf } from "../provider/engine/endpoint";
import { whereabouts } from "../provider/engine/unreachable";
import { isEngineError } from "../provider/errors";
import { type Swept, sweep } from "../provider/image-gc/sweep";
import { onlyOne } from "./only-one";
import { table } from "./table";

export interface GcOptions {
  readonly engine: Written;
  /** Only tells. */
  readonly dryRun: boolean;
  /** Until it is interrupted. */
  readonly watch: boolean;
  /** Until nothing waits any more. */
  readonly wait: boolean;
  readonly json: boolean;
}

/** Where the command writes. */
export interface Output {
  /** The result. */
  print(text: string): void;
  /** What happens meanwhile. */
  say(text: string): void;
}

const megabytes = (size: number | undefined) => (size === undefined ? "" : `${(size / 1e6).toFixed(1)} MB`);

const actionOf = ({ verdict, removed }: Swept): string => (removed ? "removed" : verdict.action);

const asRow = (swept: Swept): readonly string[] => [
  swept.names.join(", "),
  swept.image.replace(/^sha256:/, "").slice(0, 12),
  megabytes(swept.size),
  actionOf(swept),
  swept.verdict.because,
];

/** What programs read of one image. */
const asJson = (swept: Swept) => ({
  image: swept.image,
  names: swept.names,
  ...(swept.size !== undefined && { size: swept.size }),
  action: actionOf(swept),
  because: swept.verdict.because,
  ...(swept.verdict.action === "wait" && { until: swept.verdict.until.toISOString() }),
});

function report(all: readonly Swept[], { json, watch, wait }: GcOptions, { print, say }: Output): void {
  // A line for each look, where there are many.
  if (json) {
    print(`${JSON.stringify({ images: all.map(asJson) }, undefined, watch || wait ? undefined : 2)}\n`);
    return;
  }
  if (all.length === 0) {
    say("no image waits to be removed\n");
    return;
  }
  print(table(["IMAGE", "ID", "SIZE", "ACTION", "WHY"], all.map(asRow)));
}

const mostPauseMs = 30_000;
const leastPauseMs = 1_000;

/** Till the next one is due; others may come meanwhile. Undefined when nothing waits. */
function pauseTill(all: readonly Swept[]): number | undefined {
  const due = all.flatMap(({ verdict }) => (verdict.action === "wait" ? [verdict.until.getTime()] : []));
  if (due.length === 0) return undefined;
  return Math.min(mostPauseMs, Math.max(leastPauseMs, Math.min(...due) - Date.now()));
}

/** How often an engine may fail to answer before a command that waits gives up. */
const mostFailures = 20;

/** Again and again, in one line a change. */
async function keepLooking(engine: Engine, options: GcOptions, output: Output): Promise<void> {
  let before = "";
  for (let failures = 0; ;) {
    try {
      const all = await sweep(engine, options);
      const now = JSON.stringify(all.map((one) => [one.image, actionOf(one)]));
      if (now !== before) report(all, options, output);
      before = now;
      failures = 0;
      const next = pauseTill(all);
      if (next === undefined && options.wait) return;
      await pause(next ?? mostPauseMs);
    } catch (error) {
      if (!isEngineError(error) || ++failures === mostFailures) throw error;
      output.say(`${error.message}; trying again\n`);
      await pause(mostPauseMs);
    }
  }
}

export async function gc(options: GcOptions, output: Output): Promise<void> {
  const endpoint = endpointOf(options.engine);
  const engine = connect(endpoint);
  try {
    if (!options.watch && !options.wait) {
      report(await sweep(engine, options), options, output);
      return;
    }
    const where = whereabouts(endpoint);
    if (options.wait && !(await onlyOne(`gc ${where}`))) {
      output.say(`another longshore gc --wait looks after the engine at ${where}\n`);
      return;
    }
    await keepLooking(engine, options, output);
  } finally {
    engine.close();
  }
}

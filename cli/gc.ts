/** `longshore gc`: the images that longshore's tasks used on an engine, and what becomes of them. */
import { setTimeout as pause } from "node:timers/promises";
import { type Engine, connect } from "../provider/engine/engine";
import { type Written, endpointOf } from "../provider/engine/endpoint";
import { whereabouts } from "../provider/engine/unreachable";
import { isEngineError } from "../provider/errors";
import { turnOf } from "../provider/image-gc/background";
import { type Swept, sweep } from "../provider/image-gc/sweep";
import { Turn } from "../provider/image-gc/turn";
import type { Output } from "./output";
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

const megabytes = (size: number) => `${(size / 1e6).toFixed(1)} MB`;

const actionOf = ({ verdict, removed }: Swept): string => (removed ? "removed" : verdict.action);

/** For a person: that something is only said is not to be mistaken. */
const shownAction = (swept: Swept): string => (actionOf(swept) === "remove" ? "would remove" : actionOf(swept));

const asRow = (swept: Swept): readonly string[] => [
  swept.names.join(", "),
  swept.image.replace(/^sha256:/, "").slice(0, 12),
  swept.size === undefined ? "" : megabytes(swept.size),
  shownAction(swept),
  swept.verdict.because,
];

const countable: readonly (readonly [string, string])[] = [
  ["removed", "removed"],
  ["remove", "would be removed"],
  ["wait", "will go"],
  ["keep", "kept"],
  ["forget", "forgotten"],
];

/** `5 images: 1 removed (2.0 MB, with what others share), 4 kept` */
function summary(all: readonly Swept[]): string {
  const parts = countable.flatMap(([action, words]) => {
    const these = all.filter((one) => actionOf(one) === action);
    const bytes = these.reduce((sum, { size = 0 }) => sum + size, 0);
    const size = action.startsWith("remove") ? ` (${megabytes(bytes)}, with what others share)` : "";
    return these.length === 0 ? [] : [`${these.length} ${words}${size}`];
  });
  return `${all.length} image${all.length === 1 ? "" : "s"}: ${parts.join(", ")}\n`;
}

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
    say("no image on this engine was left by a task\n");
    return;
  }
  print(table(["IMAGE", "ID", "SIZE", "ACTION", "WHY"], all.map(asRow)));
  say(summary(all));
}

const mostPauseMs = 30_000;
const leastPauseMs = 1_000;

/** Till the next one is due; others may come meanwhile. Undefined when nothing waits. */
function pauseTill(all: readonly Swept[]): number | undefined {
  const due = all.flatMap(({ verdict }) => (verdict.action === "wait" ? [verdict.forMs] : []));
  if (due.length === 0) return undefined;
  return Math.min(mostPauseMs, Math.max(leastPauseMs, Math.min(...due)));
}

/** How often an engine may fail to answer before a command that waits gives up. */
const mostFailures = 20;

type Pause = (ms: number) => Promise<unknown>;

/** Again and again, in one line a change; until nothing waits, if that is asked for. */
async function keepLooking(engine: Engine, options: GcOptions, output: Output, pausing: Pause): Promise<void> {
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
      await pausing(next ?? mostPauseMs);
    } catch (error) {
      if (!isEngineError(error) || ++failures === mostFailures) throw error;
      output.say(`${error.message}; trying again\n`);
      await pausing(mostPauseMs);
    }
  }
}

/** Until nothing waits, and nobody has come meanwhile. */
async function waitTillAllIsDone(engine: Engine, options: GcOptions, output: Output): Promise<void> {
  for (;;) {
    const turn = await Turn.take(turnOf(engine.endpoint));
    if (!turn) {
      output.say(`another longshore gc --wait looks after the engine at ${whereabouts(engine.endpoint)}\n`);
      return;
    }
    await keepLooking(engine, options, output, (ms) => turn.pause(ms));
    if (!(await turn.end())) return;
  }
}

export async function gc(options: GcOptions, output: Output): Promise<void> {
  const engine = connect(endpointOf(options.engine));
  try {
    // One that only tells is in nobody's way.
    if (options.wait && !options.dryRun) await waitTillAllIsDone(engine, options, output);
    else if (options.wait || options.watch) await keepLooking(engine, options, output, pause);
    else report(await sweep(engine, options), options, output);
  } finally {
    engine.close();
  }
}

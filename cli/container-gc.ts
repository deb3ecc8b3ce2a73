/** `longshore gc --containers`: what stacks have on engines without their states knowing of it, and what becomes of it. */
import { setTimeout as pause } from "node:timers/promises";
import { type Collected, type Collecting, collect, look } from "../provider/container-gc/collect";
import type { Left } from "../provider/container-gc/left";
import { durationMs } from "../provider/duration";
import { type Engine, connect } from "../provider/engine/engine";
import { type Written, endpointOf } from "../provider/engine/endpoint";
import { whereabouts } from "../provider/engine/unreachable";
import { isEngineError } from "../provider/errors";
import type { PluginSpec } from "../provider/options/plugin";
import { pluginSpec } from "../provider/plugin-spec";
import { CommandError } from "./command";
import { exitCodes } from "./exit-codes";
import type { Output } from "./output";
import { type Source, type StackState, readState } from "./stack-state";
import { table } from "./table";

export interface ContainerGcOptions {
  readonly sources: readonly Source[];
  /** One more than those that the states name. */
  readonly engine: Written | undefined;
  readonly dryRun: boolean;
  readonly anyOrigin: boolean;
  readonly byForm: boolean;
  readonly keep: readonly string[];
  /** In place of what the plugins say. */
  readonly graceMs: number | undefined;
  readonly periodMs: number | undefined;
  /** Until it is interrupted. */
  readonly watch: boolean;
  readonly json: boolean;
}

type Policy = PluginSpec["gc"]["danglingContainers"];

/** One stack on one engine. */
interface Place {
  readonly engine: Engine;
  readonly policy: Policy;
}

interface Found {
  readonly stack: string;
  readonly engine: string;
  readonly all: readonly Collected[];
  /** The engine's clock. */
  readonly now: Date;
}

/** Of several plugins on one engine: the most careful. */
const united = (policies: readonly Policy[]): Policy => {
  const longest = (key: "creationGrace" | "period", order: 1 | -1) =>
    policies.map((one) => one[key]).toSorted((a, b) => order * (durationMs(b) - durationMs(a)))[0] ?? "5m";
  return {
    enabled: policies.every(({ enabled }) => enabled),
    dryRun: policies.some(({ dryRun }) => dryRun),
    period: longest("period", -1),
    creationGrace: longest("creationGrace", 1),
  };
};

const policyOf = (plugin: Readonly<Record<string, unknown>>): Policy => pluginSpec(plugin).gc.danglingContainers;

/** The engines of a command, each connected once. */
class Engines {
  private readonly connected = new Map<string, Engine>();
  at(written: Written): Engine {
    const endpoint = endpointOf(written);
    const key = JSON.stringify([endpoint.url, endpoint.tls]);
    const engine = this.connected.get(key) ?? connect(endpoint);
    this.connected.set(key, engine);
    return engine;
  }
  close(): void {
    for (const engine of this.connected.values()) engine.close();
  }
}

/** Where a stack may have something. Engines that are another one than when the state was written are told, and left out. */
async function placesOf(
  { view, engines: named, hidden }: StackState,
  { engine: given }: ContainerGcOptions,
  engines: Engines,
  { say }: Output,
): Promise<{ readonly places: readonly Place[]; readonly isWhole: boolean }> {
  if (hidden !== undefined && given === undefined)
    throw new CommandError(
      `the state of ${hidden} says by a secret where its engine is; name the engine with --endpoint`,
    );
  let isWhole = true;
  const found = new Map<string, Place>();
  /** One that does not answer keeps nobody from looking at the others. */
  const asked = async (written: Written) => {
    try {
      const engine = engines.at(written);
      return { engine, ...(await engine.info()) };
    } catch (error) {
      if (!isEngineError(error)) throw error;
      isWhole = false;
      say(`${view.stack}: ${error.message}: not looked at\n`);
      return undefined;
    }
  };
  for (const { plugin, ids } of named) {
    const answer = await asked(plugin);
    if (!answer) continue;
    const { engine, ID, Name } = answer;
    if (!ids.has(ID)) {
      isWhole = false;
      say(
        `${view.stack} is on the engine ${[...ids].join(", ")}, and ${whereabouts(engine.endpoint)} is another one, ${ID} on ` +
          `${Name}: not looked at; point DOCKER_HOST or --endpoint at the engine it is on\n`,
      );
      continue;
    }
    const before = found.get(ID);
    const own = policyOf(plugin);
    found.set(ID, { engine: before?.engine ?? engine, policy: before ? united([before.policy, own]) : own });
  }
  const more = given ?? (named.length === 0 ? {} : undefined);
  const answer = more && (await asked(more));
  if (answer && !found.has(answer.ID)) found.set(answer.ID, { engine: answer.engine, policy: policyOf({}) });
  return { places: [...found.values()], isWhole };
}

interface Looked {
  readonly found: readonly Found[];
  readonly isWhole: boolean;
  /** Till the next look. */
  readonly periodMs: number;
}

async function lookAt(source: Source, options: ContainerGcOptions, engines: Engines, output: Output): Promise<Looked> {
  const { places, isWhole } = await placesOf(await readState(source), options, engines, output);
  const open = places.filter(({ engine, policy: { enabled } }) => {
    if (!enabled)
      output.say(`${whereabouts(engine.endpoint)}: not looked at, its gc.dangling_containers.enabled is false\n`);
    return enabled;
  });
  const seen = await Promise.all(open.map(async (place) => ({ ...place, seen: await look(place.engine) })));
  // After the engines: what a run makes meanwhile is then known, or was not seen.
  const { view } = await readState(source);
  const found: Found[] = [];
  for (const { engine, policy, seen: on } of seen) {
    const how: Collecting = {
      dryRun: options.dryRun || policy.dryRun,
      graceMs: options.graceMs ?? durationMs(policy.creationGrace),
      anyOrigin: options.anyOrigin,
      byForm: options.byForm,
      keep: options.keep,
    };
    const all = await collect(engine, on, view, how);
    found.push({ stack: view.stack, engine: whereabouts(engine.endpoint), all, now: on.now });
  }
  const periods = places.map(({ policy }) => durationMs(policy.period));
  return { found, isWhole, periodMs: Math.min(...periods, durationMs(policyOf({}).period)) };
}

async function lookAtAll(options: ContainerGcOptions, engines: Engines, output: Output): Promise<Looked> {
  const looked: Looked[] = [];
  for (const source of options.sources) looked.push(await lookAt(source, options, engines, output));
  return {
    found: looked.flatMap(({ found }) => found),
    isWhole: looked.every(({ isWhole }) => isWhole),
    periodMs: options.periodMs ?? Math.min(...looked.map(({ periodMs }) => periodMs)),
  };
}

const actionOf = ({ verdict, removed }: Collected): string => (removed ? "removed" : verdict.action);

const stateOf = (left: Left): string => {
  if (left.kind === "container") return left.row.Status ?? left.row.State;
  return { directory: "directory", port: "reserved port", owner: "owner's mark" }[left.kind];
};

const asRow = (one: Collected): readonly string[] => [
  one.left.name,
  stateOf(one.left),
  actionOf(one) === "remove" ? "would remove" : actionOf(one),
  one.verdict.because,
];

const countable: readonly (readonly [string, string])[] = [
  ["removed", "removed"],
  ["remove", "would be removed"],
  ["wait", "will go"],
  ["keep", "kept"],
];

/** `shop/dev on unix:///var/run/docker.sock: 3 left behind: 1 removed, 2 kept` */
function summary({ stack, engine, all }: Found): string {
  const parts = countable.flatMap(([action, words]) => {
    const { length } = all.filter((one) => actionOf(one) === action);
    return length === 0 ? [] : [`${length} ${words}`];
  });
  const what = all.length === 0 ? "its state knows all that it has" : `${all.length} left behind: ${parts.join(", ")}`;
  return `${stack} on ${engine}: ${what}\n`;
}

/** What programs read of one thing. */
const asJson = ({ stack, engine, now }: Found, one: Collected) => {
  const { left, verdict } = one;
  return {
    ...{ stack, engine, kind: left.kind, name: left.name, key: left.key },
    ...(left.kind === "container" && { id: left.row.Id, state: stateOf(left) }),
    action: actionOf(one),
    because: verdict.because,
    ...(verdict.action === "wait" && { until: new Date(now.getTime() + verdict.forMs).toISOString() }),
  };
};

function report(found: readonly Found[], { json, watch }: ContainerGcOptions, { print, say }: Output): void {
  if (json) {
    const left = found.flatMap((one) => one.all.map((each) => asJson(one, each)));
    // A line for each look, where there are many.
    print(`${JSON.stringify({ left }, undefined, watch ? undefined : 2)}\n`);
    return;
  }
  for (const one of found) {
    if (one.all.length > 0) print(table(["NAME", "STATE", "ACTION", "WHY"], one.all.map(asRow)));
    say(summary(one));
  }
}

/** How often in a row a look may fail before the command gives up. */
const mostFailures = 20;
const leastPauseMs = 1_000;

/** Again and again, with a report of each change. */
async function keepLooking(options: ContainerGcOptions, engines: Engines, output: Output): Promise<never> {
  let before = "";
  let periodMs = options.periodMs ?? durationMs(policyOf({}).period);
  for (let failures = 0; ;) {
    try {
      const looked = await lookAtAll(options, engines, output);
      const now = JSON.stringify(looked.found.map(({ all }) => all.map((one) => [one.left.name, actionOf(one)])));
      if (now !== before) report(looked.found, options, output);
      before = now;
      periodMs = looked.periodMs;
      failures = 0;
    } catch (error) {
      if (!(isEngineError(error) || error instanceof CommandError) || ++failures === mostFailures) throw error;
      output.say(`${error.message}; trying again\n`);
    }
    await pause(Math.max(leastPauseMs, periodMs));
  }
}

/** @returns the exit code */
export async function containerGc(options: ContainerGcOptions, output: Output): Promise<number> {
  const engines = new Engines();
  try {
    if (options.watch) return await keepLooking(options, engines, output);
    const { found, isWhole } = await lookAtAll(options, engines, output);
    report(found, options, output);
    return isWhole ? exitCodes.done : exitCodes.failed;
  } finally {
    engines.close();
  }
}

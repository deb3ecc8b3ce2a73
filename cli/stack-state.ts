/** A stack's state, as Pulumi exports it, and what it says of the stack's containers. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { readJson } from "../constructs/json-file";
import type { Retained, StateView, Stopping } from "../provider/container-gc/state-view";
import type { Written } from "../provider/engine/endpoint";
import type { Kind } from "../provider/inputs";
import { hasUnknown } from "../provider/options/folds";
import { taskOptions } from "../provider/options";
import { kindOf } from "../provider/type-token";
import { signature } from "../provider/wire";
import { CommandError } from "./command";

type Bag = Readonly<Record<string, unknown>>;

interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Bag;
  readonly outputs?: Bag;
  readonly retainOnDelete?: boolean;
}

interface Snapshot {
  readonly resources?: readonly Resource[];
  readonly pending_operations?: readonly { readonly resource: Resource; readonly type: string }[];
}

/** As `pulumi stack export` writes it; or as a backend of files keeps it. */
interface Exported {
  readonly deployment?: Snapshot;
  readonly checkpoint?: { readonly stack?: string; readonly latest?: Snapshot };
}

/** Where a state is read from. */
export type Source = { readonly stack: string | undefined } | { readonly file: string };

/** An engine that resources of the state are on, as their plugin has it. */
export interface EngineOfState {
  readonly plugin: Written & Bag;
  /** The ids of the engines on which they were made. */
  readonly ids: ReadonlySet<string>;
}

export interface StackState {
  readonly view: StateView;
  readonly engines: readonly EngineOfState[];
  /** A resource of which a secret says where it is. */
  readonly hidden: string | undefined;
}

const run = promisify(execFile);

/** What Pulumi's command prints. */
async function pulumi(args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run("pulumi", [...args, "--non-interactive", "--color", "never"], {
      maxBuffer: 2 ** 30,
      windowsHide: true,
    });
    return stdout;
  } catch (error) {
    const { code, stderr = "", message } = error as { code?: unknown; stderr?: string; message: string };
    if (code === "ENOENT")
      throw new CommandError(
        "there is no command pulumi on the PATH; add it, or give the stack's state with --state FILE",
      );
    const why = stderr.trim().replace(/^error: /, "") || message;
    throw new CommandError(
      `pulumi ${args.join(" ")}: ${why}; run it in the directory of the project, and name the stack with --stack`,
    );
  }
}

/** The name of the project in whose directory this is. */
function projectHere(dir = process.cwd()): string | undefined {
  const file = ["Pulumi.yaml", "Pulumi.yml"].map((name) => join(dir, name)).find((path) => existsSync(path));
  if (file !== undefined) return /^name:\s*["']?([^\s"'#]+)/m.exec(readFileSync(file, "utf8"))?.[1];
  return dirname(dir) === dir ? undefined : projectHere(dirname(dir));
}

const lastTwo = (name: string): string => name.split("/").slice(-2).join("/");

/** `project/stack` */
async function nameOf(source: Source, { checkpoint }: Exported, resources: readonly Resource[]): Promise<string> {
  const [, stack, project] = /^urn:pulumi:(.+?)::(.+?)::/.exec(resources[0]?.urn ?? "") ?? [];
  if (project !== undefined && stack !== undefined) return `${project}/${stack}`;
  if ("file" in source) {
    if (checkpoint?.stack?.includes("/")) return lastTwo(checkpoint.stack);
    throw new CommandError(
      `${source.file} has no resources, and does not say of which stack it is; leave --state out, in the directory of the project`,
    );
  }
  if (source.stack?.includes("/") && source.stack.split("/").length === 3) return lastTwo(source.stack);
  const own = source.stack ?? (await pulumi(["stack", "--show-name"])).trim();
  return `${projectHere() ?? ""}/${lastTwo(own).split("/").at(-1) ?? ""}`;
}

const typeOf = ({ type }: Resource): Kind | undefined => kindOf(type);

const isSecret = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.hasOwn(value, signature);

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** What has to be in the state in words that can be read: without it, nothing can be told to be unknown. */
function required(resource: Resource, key: string, bag: Bag | undefined): string {
  const value = text(bag?.[key]);
  if (value === undefined) throw new CommandError(`the state of ${resource.urn} has no "${key}" that can be read`);
  return value;
}

function stoppingOf({ outputs = {} }: Resource): Stopping {
  const { killSignal, killTimeout } = outputs;
  const timeout = taskOptions.killTimeout.schema.safeParse(text(killTimeout));
  return {
    killSignal: text(killSignal),
    killTimeout: timeout.success ? timeout.data : taskOptions.killTimeout.schema.parse(undefined),
  };
}

const isKnown = <T>(value: T | undefined): value is T => value !== undefined;

function retainedIn(resource: Resource): readonly Retained[] {
  const { id, outputs = {}, retainOnDelete } = resource;
  const container = typeOf(resource) === "Task" ? id : text(outputs.infra);
  const token = text(outputs.token);
  if (!retainOnDelete || container === undefined || token === undefined) return [];
  return [{ id: container, key: required(resource, "key", outputs), token, origin: text(outputs.origin) }];
}

function viewOf(stack: string, { resources = [], pending_operations: operations }: Snapshot): StateView {
  const own = resources.filter(typeOf);
  const tasks = own.filter((one) => typeOf(one) === "Task");
  const allocations = own.filter((one) => typeOf(one) === "Allocation");
  const outputs = own.map((one) => one.outputs ?? {});
  return {
    stack,
    containers: new Set([...tasks.map(({ id }) => id), ...outputs.map(({ infra }) => text(infra))].filter(isKnown)),
    allocations: new Set([
      ...tasks.map((one) => required(one, "allocId", one.outputs)),
      ...allocations.map(({ id }) => id).filter(isKnown),
    ]),
    origins: new Set(outputs.map(({ origin }) => text(origin)).filter(isKnown)),
    pending: new Set(
      (operations ?? [])
        .map(({ resource }) => resource)
        .filter(typeOf)
        .map((resource) => required(resource, "key", resource.inputs)),
    ),
    stopping: new Map(tasks.map((one) => [required(one, "key", one.outputs), stoppingOf(one)])),
    retained: own.flatMap(retainedIn),
  };
}

function enginesOf({ resources = [] }: Snapshot): Pick<StackState, "engines" | "hidden"> {
  const own = resources.filter(typeOf).map(({ urn, outputs = {} }) => {
    const plugin = (outputs.plugin ?? {}) as Written & Bag;
    const isHidden = isSecret(plugin) || hasUnknown([plugin.endpoint, plugin.tls], isSecret);
    return { urn, plugin, isHidden, id: text(outputs.engineId) };
  });
  const byPlugin = Map.groupBy(
    own.filter(({ isHidden }) => !isHidden),
    ({ plugin }) => JSON.stringify(plugin),
  );
  const engines = [...byPlugin.values()].flatMap((all) =>
    all[0] ? [{ plugin: all[0].plugin, ids: new Set(all.map(({ id }) => id).filter(isKnown)) }] : [],
  );
  return { engines, hidden: own.find(({ isHidden }) => isHidden)?.urn };
}

/** Reads a state as it is now. */
export async function readState(source: Source): Promise<StackState> {
  const exported = (
    "file" in source
      ? readJson(source.file)
      : JSON.parse(await pulumi(["stack", "export", ...(source.stack === undefined ? [] : ["--stack", source.stack])]))
  ) as Exported;
  const snapshot = exported.deployment ?? exported.checkpoint?.latest;
  if (!snapshot)
    throw new CommandError(
      `${"file" in source ? source.file : "what pulumi stack export printed"} is not the state of a stack; ` +
        `"pulumi stack export" writes one`,
    );
  const named = await nameOf(source, exported, snapshot.resources ?? []);
  return { view: viewOf(named, snapshot), ...enginesOf(snapshot) };
}

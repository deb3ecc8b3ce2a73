/** The recorded cases: what there is, and which of it the table covers. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { taskOptions } from "../../provider/options";
import { nomadName } from "../../provider/options/names";

export interface Task {
  readonly Name: string;
  readonly Config?: Readonly<Record<string, unknown>>;
  readonly Env?: Readonly<Record<string, string>>;
  readonly Resources: { readonly MemoryMB: number };
}
export interface Group {
  readonly Name: string;
  readonly Networks?: readonly { readonly Mode: string }[];
  readonly Tasks: readonly Task[];
}
type Json = Readonly<Record<string, unknown>>;

export interface Recording {
  readonly name: string;
  readonly jobspec: { readonly Job: { readonly TaskGroups: readonly Group[] } };
  readonly plugin: Json;
  readonly observed: {
    readonly create_request?: Json | readonly Json[];
    readonly env?: Json;
    readonly error?: string;
    readonly engine_calls?: readonly string[];
    /** By the name of the container. */
    readonly inspect?: Readonly<Record<string, Json>>;
    readonly behaviour?: readonly string[];
  };
}

const directory = join(__dirname, "../recorded");

const docCaps =
  "CHOWN,DAC_OVERRIDE,FSETID,FOWNER,MKNOD,NET_RAW,SETGID,SETUID,SETFCAP,SETPCAP,NET_BIND_SERVICE,SYS_CHROOT,KILL,AUDIT_WRITE";

// Where the job says 300 MB, the recorder ran it with 32. It tells of a long list, and ran with its names.
const asRun = (text: string): string =>
  text
    .replace(/"MemoryMB": 300\b/g, '"MemoryMB": 32')
    .replace(`"the doc's default list, given explicitly"`, JSON.stringify(docCaps.split(",")));

export const recordings: readonly Recording[] = readdirSync(directory)
  .filter((file) => file.endsWith(".json"))
  .sort()
  .map((file) => JSON.parse(asRun(readFileSync(join(directory, file), "utf8"))) as Recording);

export const tasksOf = ({ jobspec }: Recording): readonly Task[] =>
  jobspec.Job.TaskGroups.flatMap(({ Tasks }) => Tasks);

const configNames = new Set(
  Object.entries(taskOptions).flatMap(([key, row]) =>
    (("stanza" in row && row.stanza) || "config") === "config" ? [nomadName(key)] : [],
  ),
);

/** Errors by which the driver, the agent or the job's check refused before the engine was asked for a container. */
const validation =
  /^(?:Failed to create container configuration|Failed to parse|image name required|job submission refused|Error starting agent)|failed to parse config/;

export const isRefusal = ({ observed: { error, create_request } }: Recording): boolean =>
  create_request === undefined && error !== undefined && validation.test(error);

/** Whether the tasks of a group share the network of a container: what was asked of the engine is recorded as what it made. */
export const hasSharedNetwork = ({ jobspec }: Recording): boolean =>
  jobspec.Job.TaskGroups.some(({ Networks = [] }) => Networks.some(({ Mode }) => Mode !== "" && Mode !== "host"));

/** Why a case is not one for the rows there are; undefined when it is. */
export function whyUncovered(recording: Recording): string | undefined {
  const { observed } = recording;
  const later = tasksOf(recording).flatMap(({ Config = {} }) =>
    Object.keys(Config).filter((key) => !configNames.has(key)),
  );
  if (later.length > 0) return `later options: ${[...new Set(later)].sort().join(", ")}`;
  if (hasSharedNetwork(recording) || isRefusal(recording) || observed.create_request !== undefined) return undefined;
  return observed.engine_calls?.some((call) => call.includes("/images/")) ? "images" : "life cycle";
}

/** `longshore policy`: the rules of longshore/policy over an exported state. */
import { FileError, readJson } from "../constructs/json-file";
import { type PolicySettings, PolicySettingsError } from "../policy/settings";
import { StateError, type StateReport, checkState } from "../policy/state";
import { table } from "./table";

interface PolicyOptions {
  /** The file of the state. */
  readonly state: string;
  /** The file of the pack's config. */
  readonly config: string | undefined;
  readonly json: boolean;
}

interface Judged {
  /** What to print. */
  readonly text: string;
  /** How many there are, in words. */
  readonly summary: string;
  readonly isRefused: boolean;
}

function reportOf({ state, config }: PolicyOptions): StateReport {
  const settings = config === undefined ? {} : (readJson(config) as PolicySettings);
  try {
    return checkState(readJson(state), settings);
  } catch (error) {
    if (error instanceof StateError) throw new FileError(`${state} is not a state: ${error.message}`);
    if (error instanceof PolicySettingsError) throw new FileError(`${config ?? ""} is not right: ${error.message}`);
    throw error;
  }
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;

export function judged(options: PolicyOptions): Judged {
  const report = reportOf(options);
  const { violations, resources } = report;
  const of = (level: string) => violations.filter((one) => one.level === level);
  const sorted = [...of("mandatory"), ...of("advisory")];
  const rows = sorted.map(({ level, rule, message }) => [level, rule, message]);
  const plain = rows.length > 0 ? table(["LEVEL", "RULE", "MESSAGE"], rows) : "";
  return {
    text: options.json ? `${JSON.stringify({ ...report, violations: sorted }, undefined, 2)}\n` : plain,
    summary: `${counted(resources, "resource")}: ${of("mandatory").length} mandatory, ${of("advisory").length} advisory`,
    isRefused: of("mandatory").length > 0,
  };
}

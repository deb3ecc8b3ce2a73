/** What a rule is. */
import type * as z from "zod";
import type { Path, Subject } from "./subject";

/** What a violation does: it is told, it stops the run, or nobody looks. */
export type Level = "advisory" | "mandatory" | "disabled";

export interface Finding {
  /** What it is about, from the option on: `["devices", 0, "hostPath"]`. */
  readonly at: Path;
  /** Completes "`option` …", with the value where that may be shown. */
  readonly reason: string;
  readonly wayOut: string;
  /** What the rule's `allow` would have to name, as a message may show it. */
  readonly allow?: string;
}

export interface Rule<C extends z.ZodObject> {
  /** What it refuses: completes "Refuses …". */
  readonly refuses: string;
  /** Where the pack says nothing. */
  readonly level: Level;
  /** What can be said of it besides; each key with a description. */
  readonly config: C;
  readonly judge: (subject: Subject, config: z.output<C>) => readonly Finding[];
}

/** What folds over rules need; `any` stops here, rules themselves are fully typed. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyRule = Rule<any>;

/** A rule whose `judge` knows the type of its config. */
export const rule = <C extends z.ZodObject>(one: Rule<C>): Rule<C> => one;

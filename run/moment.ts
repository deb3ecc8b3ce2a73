/** A moment in a log: said as a time, or as how long ago. */
import type { Engine } from "../provider/engine/engine";
import { tryDurationMs } from "../provider/duration";
import { TaskError } from "./task-error";

/** As Docker's API takes it: seconds since 1970, with up to nine digits after the point. */
export type Moment = string;

const dated = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

/** Of a time as the engine writes it, to the nanosecond. */
export function momentOf(time: string): Moment {
  const [, fraction = ""] = /\.(\d+)/.exec(time) ?? [];
  // Without the fraction, which a date here knows to the millisecond only.
  const seconds = Math.floor(Date.parse(time.replace(/\.\d+/, "")) / 1000);
  return `${seconds}.${fraction.padEnd(9, "0").slice(0, 9)}`;
}

/** The next one that the engine knows. */
export function momentAfter(moment: Moment): Moment {
  const [seconds = "0", fraction = "0"] = moment.split(".");
  const next = BigInt(seconds) * 1_000_000_000n + BigInt(fraction) + 1n;
  return `${next / 1_000_000_000n}.${String(next % 1_000_000_000n).padStart(9, "0")}`;
}

/**
 * @param text `10m` ago by the engine's clock, `2026-12-01T10:00:00Z`, or seconds since 1970
 * @throws TaskError when it is none of these
 */
export async function sinceOf(engine: Engine, text: string): Promise<Moment> {
  if (/^\d+(?:\.\d{1,9})?$/.test(text)) return text;
  if (dated.test(text) && !Number.isNaN(Date.parse(text))) return momentOf(text);
  const ago = tryDurationMs(text);
  if (ago === undefined)
    throw new TaskError(
      `"${text}" is no time; write how long ago (10m, 1h30m), a time (2026-12-01T10:00:00Z), or seconds since 1970`,
      "name",
    );
  const now = Date.parse((await engine.info()).SystemTime);
  return momentOf(new Date(now - ago).toISOString());
}

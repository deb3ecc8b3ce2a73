import * as z from "zod";

/** A length of time as Go writes it: `"90s"`, `"1m30s"`, `"1.5h"`. */
export type Duration = string;

const factors: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g;
const whole = new RegExp(`^(?:0|(?:${part.source})+)$`);

/** Milliseconds of a duration, or undefined when the text is none. */
export const tryDurationMs = (text: Duration): number | undefined => {
  if (!whole.test(text)) return undefined;
  return [...text.matchAll(part)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (factors[unit ?? ""] ?? 0),
    0,
  );
};

/** Milliseconds of a duration that a schema has let through. */
export const durationMs = (text: Duration): number => {
  const ms = tryDurationMs(text);
  if (ms === undefined) throw new RangeError(`"${text}" is not a length of time`);
  return ms;
};

/** Nanoseconds, as Docker's API and Nomad's job files count, as a duration. */
export const durationOfNs = (ns: number): Duration => (ns % 1e9 === 0 ? `${ns / 1e9}s` : `${ns / 1e6}ms`);

/** A duration, optionally with a least value. */
export const durationSchema = (least?: Duration) =>
  z
    .string()
    .refine((text) => tryDurationMs(text) !== undefined, {
      error: 'is not a length of time; write a number and a unit, for example "90s", "1m30s" or "2h"',
    })
    .refine((text) => least === undefined || (tryDurationMs(text) ?? Infinity) >= durationMs(least), {
      error: `is less than the minimum, ${least}; raise it`,
    })
    // For the reference and the JSON Schema, which cannot see into the checks above.
    .meta({ title: least === undefined ? "duration" : `duration, at least ${least}`, pattern: whole.source });

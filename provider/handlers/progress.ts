/**
 * Says how far pulls are: one line at a time for all that run, at one pace. In a terminal Pulumi shows the last line only,
 * beside the stack and cut off where the window ends; in a log each stays.
 */
import type { Progress } from "../engine/pull";
import { note } from "../note";

export interface Reporter {
  /** What the engine says now. */
  heard(progress: Progress): void;
  end(isPulled: boolean): void;
}

/** The first word comes soon. */
const firstMs = 3_000;
const nextMs = 5_000;

interface Pulling {
  readonly name: string;
  isTold: boolean;
  progress: Progress;
}

const nothing: Progress = {
  layers: 0,
  layersDone: 0,
  bytes: 0,
  bytesTotal: 0,
  isUnpacking: false,
  isWaiting: false,
};

const pulls = new Set<Pulling>();
/** What came so far, of all of them. */
let came = { bytes: 0, at: 0 };
let told = { bytes: 0, at: 0 };
let clock: NodeJS.Timeout | undefined;

const mb = (bytes: number) => (bytes / 1e6).toFixed(1);
const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;
const count = (layers: number) => `${layers} ${layers === 1 ? "layer" : "layers"}`;

const rate = (bytes: number, ms: number) => {
  const perSecond = (bytes / Math.max(1, ms)) * 1000;
  return perSecond < 100_000 ? `${Math.ceil(perSecond / 1e3)} kB/s` : `${mb(perSecond)} MB/s`;
};

function line(now: number): string {
  const all = [...pulls];
  const sum = (of: (progress: Progress) => number) => all.reduce((total, { progress }) => total + of(progress), 0);
  const [{ name } = { name: "" }] = all;
  const what = all.length === 1 ? `: ${name}` : `, of ${all.length} images`;
  const layers = sum((one) => one.layers);
  const size = sum((one) => one.bytesTotal);
  const done = `${sum((one) => one.layersDone)} of ${count(layers)}`;
  const silent = `nothing for ${seconds(now - came.at)}`;
  if (layers === 0) return `pulling, ${silent}${what}`;
  if (all.every(({ progress }) => progress.isUnpacking)) return `unpacking ${mb(size)} MB, ${done}${what}`;
  const how = came.bytes > told.bytes ? `at ${rate(came.bytes - told.bytes, now - told.at)}` : silent;
  const comma = how === silent ? "," : "";
  return `pulling ${mb(sum((one) => one.bytes))} of ${mb(size)} MB${comma} ${how}, ${done}${what}`;
}

/** By a clock of its own: that nothing comes is worth a word too. */
function tell(): void {
  const now = Date.now();
  note(line(now));
  told = { bytes: came.bytes, at: now };
  for (const one of pulls) one.isTold = true;
  clock = setTimeout(tell, nextMs);
}

export function reporter(name: string): Reporter {
  const began = Date.now();
  const own: Pulling = { name, isTold: false, progress: nothing };
  if (pulls.size === 0) {
    came = { bytes: 0, at: began };
    told = came;
    clock = setTimeout(tell, firstMs);
  }
  pulls.add(own);
  return {
    heard(progress) {
      const more = progress.bytes - own.progress.bytes;
      own.progress = progress;
      // What was cut off comes again: what is heard of then is less.
      if (more > 0) came = { bytes: came.bytes + more, at: Date.now() };
    },
    end(isPulled) {
      pulls.delete(own);
      if (pulls.size === 0) clearTimeout(clock);
      const { bytes, layers } = own.progress;
      if (isPulled && own.isTold)
        note(`pulled ${mb(bytes)} MB, ${count(layers)}, in ${seconds(Date.now() - began)}: ${name}`);
    },
  };
}

/** Says how much of an archive is on its way to an engine, at the same pace. */
export function sendReporter(name: string, bytesTotal: number): (bytes: number) => void {
  let due = Date.now() + firstMs;
  return (bytes) => {
    if (Date.now() < due) return;
    due = Date.now() + nextMs;
    note(`loading, ${mb(bytes)} of ${mb(bytesTotal)} MB sent: ${name}`);
  };
}

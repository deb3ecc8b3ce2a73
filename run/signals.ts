/** The signals that a program can be sent, by Docker's names for them. Pure. */
import { nearest } from "../provider/options/did-you-mean";
import { TaskError } from "./task-error";

const realTime = (name: string, sign: string, most: number) =>
  Array.from({ length: most }, (_, index) => `${name}${sign}${index + 1}`);

/** Without `SIG`. */
export const signalNames: readonly string[] = [
  ...["HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "IOT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM"],
  ...["TERM", "STKFLT", "CHLD", "CLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF"],
  ...["WINCH", "IO", "POLL", "PWR", "SYS"],
  ...["RTMIN", ...realTime("RTMIN", "+", 15), ...realTime("RTMAX", "-", 14), "RTMAX"],
];

const mostNumber = 64;

/**
 * A signal as an engine takes it, from `SIGHUP`, `HUP`, `hup` or `1`.
 * @throws TaskError when there is no such signal
 */
export function signalOf(text: string): string {
  const name = text.toUpperCase().replace(/^SIG/, "");
  if (signalNames.includes(name)) return `SIG${name}`;
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= mostNumber) return String(Number(text));
  const best = /^\d+$/.test(text) ? undefined : nearest(name, signalNames);
  const common = signalNames.filter((one) => !one.startsWith("RT")).map((one) => `SIG${one}`);
  throw new TaskError(
    `there is no signal "${text}"${
      best === undefined
        ? `; the signals are ${common.join(", ")}, SIGRTMIN+1 to SIGRTMAX, and their numbers, 1 to ${mostNumber}`
        : `; did you mean SIG${best}?`
    }`,
    "name",
  );
}

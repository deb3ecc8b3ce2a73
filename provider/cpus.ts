import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/** Where the kernel tells no current speed (a virtual machine), its list of processors may still name one. */
const fromList = (): number => {
  try {
    const speeds = [...readFileSync("/proc/cpuinfo", "utf8").matchAll(/^cpu MHz\s*:\s*([\d.]+)/gm)];
    return Math.trunc(speeds.reduce((sum, [, mhz]) => sum + Number(mhz), 0));
  } catch {
    return 0;
  }
};

let known: number | undefined;

/** This machine's MHz times its cores, or 0 when nothing says how fast they are. As first asked for: it takes a moment. */
export const totalCompute = (): number => (known ??= cpus().reduce((sum, { speed }) => sum + speed, 0) || fromList());

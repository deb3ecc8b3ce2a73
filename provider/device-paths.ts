/** Paths of devices on the engine's host, and the patterns by which an operator allows them. */
import { posix } from "node:path";

/** A path as it is judged and sent: `/dev/../dev//sda/` is `/dev/sda`. */
export const devicePath = (written: string): string => posix.normalize(written).replace(/(?<=.)\/+$/, "");

const patternOf = (glob: string): RegExp =>
  new RegExp(
    `^${glob.replace(/\*\*|[*?]|[^*?]+/g, (part) => {
      if (part === "**") return ".*";
      if (part === "*") return "[^/]*";
      return part === "?" ? "[^/]" : part.replace(/[^\w/]/g, "\\$&");
    })}$`,
    "s",
  );

/** Whether one of the patterns names it: `*` and `?` within one part of a path, `**` over parts. */
export const isDeviceAllowed = (name: string, globs: readonly string[] | undefined): boolean =>
  globs === undefined || globs.some((glob) => patternOf(glob).test(name));

/** A stack for the tests of the command: tasks that write, one with a terminal, two in one network. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestStack } from "./stack";

const image = "longshore/busybox:1.35";
const shell = (script: string, more: object = {}) => ({
  ...{ image, command: "/bin/sh", args: ["-c", script], memory: 32, killTimeout: "1s" },
  ...more,
});

/** Writes a line to each stream every tenth of a second. */
export const counting = (word: string) =>
  `i=0; while :; do i=$((i+1)); echo ${word} $i; echo error $i >&2; sleep 0.1; done`;

const groups = {
  server: {
    group: { count: 2, network: { ports: { http: { to: 8080 } } } },
    tasks: { echo: shell(counting("line"), { ports: ["http"] }) },
  },
  pages: {
    group: { network: { mode: "bridge", ports: { web: { to: 8080 } } } },
    tasks: {
      writer: shell("echo from the writer; while :; do sleep 1; done", {
        healthcheck: { command: "true", interval: "1s" },
      }),
      reader: shell("echo from the reader; while :; do sleep 1; done", { logging: { type: "none" } }),
    },
  },
  console: {
    tasks: {
      quiet: shell("trap 'echo got HUP' HUP; trap 'echo got USR1' USR1; echo ready; while :; do sleep 0.1; done", {
        tty: true,
      }),
    },
  },
};

export class BusyStack extends TestStack {
  constructor() {
    super("tests/programs/from-file");
  }

  /** @param more groups in place of those above */
  write(more: object = {}): void {
    const tree = { plugin: { infraImage: "longshore/pause:3.1" }, groups: { ...groups, ...more } };
    writeFileSync(join(this.dir, "tree.json"), JSON.stringify(tree));
  }

  /** The word for one group with one task that runs a script. */
  static one = (script: string, more: object = {}) => ({ tasks: { main: shell(script, more) } });
}

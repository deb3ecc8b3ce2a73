/** What a task may use up, and who it is. */
import * as z from "zod";
import { rule } from "../rule";
import { isNotKnown } from "../subject";

const most = (words: string) => z.int().min(1).optional().describe(words);

export const memoryLimit = rule({
  refuses: "tasks whose limit of memory is above a maximum, or that have none",
  level: "mandatory",
  config: z.strictObject({
    maximum: most("The most memory that a task may be given, in MiB. Any, without it."),
  }),
  judge({ kind, inputs, options: { memory, memoryHardLimit: hard } }, { maximum }) {
    if (kind !== "Task" || isNotKnown(memory) || isNotKnown(hard)) return [];
    // The option's default is in what was checked: an input without it never went through a check.
    if (inputs.memory === undefined && !hard)
      return [{ at: ["memory"], reason: "is not set, and without it nothing limits the task", wayOut: "set it" }];
    const limit = Number(hard || memory);
    return maximum !== undefined && limit > maximum
      ? [
          {
            at: [hard ? "memoryHardLimit" : "memory"],
            reason: `is ${limit} MiB, and the policy allows ${maximum} MiB`,
            wayOut: `lower it, or have "maximum" of the rule memory-limit raised`,
          },
        ]
      : [];
  },
});

export const pidsLimit = rule({
  refuses: "tasks without a limit of processes, or with one above a maximum",
  level: "advisory",
  config: z.strictObject({
    maximum: most("The most processes and threads that a task may be given. Any number, without it."),
  }),
  judge({ kind, options: { pidsLimit: limit } }, { maximum }) {
    if (kind !== "Task" || isNotKnown(limit)) return [];
    if (!limit)
      return [
        {
          at: ["pidsLimit"],
          reason: "is not set, and one task can use up the processes of its host",
          wayOut: "set it, or have the operator set the plugin option pids_limit",
        },
      ];
    return maximum !== undefined && Number(limit) > maximum
      ? [
          {
            at: ["pidsLimit"],
            reason: `is ${Number(limit)}, and the policy allows ${maximum}`,
            wayOut: `lower it, or have "maximum" of the rule pids-limit raised`,
          },
        ]
      : [];
  },
});

/** What is wrong with who runs the command. */
const rootBy = (user: string, mayBeUnset: boolean): string | undefined => {
  const [who = ""] = user.split(":");
  if (who === "")
    return mayBeUnset ? undefined : "is not set, so that the command runs as root unless the image names another user";
  if (who.includes("${")) return "holds a variable, which may become root";
  return who === "root" || /^0+$/.test(who) ? `is root in the container` : undefined;
};

export const rootUser = rule({
  refuses: "tasks that run as root in their container",
  level: "advisory",
  config: z.strictObject({
    unset: z.boolean().default(false).describe("Whether tasks may leave it to the image who runs its command."),
  }),
  judge({ kind, options: { user = "" } }, { unset }) {
    const reason = kind === "Task" && typeof user === "string" ? rootBy(user, unset) : undefined;
    return reason === undefined ? [] : [{ at: ["user"], reason, wayOut: 'name a user of the image, such as "1000"' }];
  },
});

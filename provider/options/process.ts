import * as z from "zod";
import { extraLabels, extraLabelsSchema, namesOf } from "./extra-labels";
import { optionGroup, unlessEmpty } from "./option";

const absolute = z.string().regex(/^(?:\/|[A-Za-z]:[\\/])/, 'is not an absolute path; begin it with "/"');

export const process = optionGroup({
  /** The program to run, without a shell; its arguments are `args`. Unset, the image's own command runs. */
  command: {
    schema: z
      .string()
      .refine((text) => text === "" || text.trim() !== "", {
        error: "is only white space; name a program or leave it out",
      })
      .refine((text) => text.trim() === "" || text === text.trim(), {
        error: "contains extra white space at an end; take it off",
      })
      .optional(),
    change: "replace",
    examples: ["/bin/sleep", "sleep"],
    engine: (command, { args }) => ({ Cmd: command ? [command, ...(args ?? [])] : (args ?? null) }),
  },

  /** Arguments of `command`; without a command, of the image's entrypoint, in place of the image's own. */
  args: {
    schema: z.array(z.string()).optional(),
    change: "replace",
    examples: [["3000"], ["3001"]],
    writtenBy: "command",
  },

  /** Replaces the image's entrypoint, and drops the image's own arguments. An empty list clears it. */
  entrypoint: {
    schema: z.array(z.string()).optional(),
    change: "replace",
    examples: [
      ["/bin/sleep", "3000"],
      ["/bin/sh", "-c", "exec sleep 3000"],
    ],
    engine: (entrypoint) => ({ Entrypoint: entrypoint ?? null }),
  },

  /** The directory in which the command starts. An absolute path; the engine creates it. */
  workDir: {
    schema: absolute.optional(),
    change: "replace",
    examples: ["/work", "/tmp"],
    engine: (WorkingDir) => ({ ...(WorkingDir !== undefined && { WorkingDir }) }),
  },

  /** Who runs the command: a name or number of the image, with an optional group: `"1000:1000"`, `"app"`. */
  user: {
    schema: z.string().optional(),
    change: "replace",
    stanza: "task",
    examples: ["1000", "app:app"],
    engine: (user) => ({ ...(user && { User: user }) }),
  },

  /**
   * Environment variables. They win over the image's and over the `NOMAD_*` ones that longshore sets.
   * A value may be a secret; only that value is then hidden.
   */
  env: {
    schema: z
      .record(
        z.string().regex(/^[^=\0]+$/, 'is not the name of a variable; it may be neither empty nor hold a "="'),
        z.string(),
      )
      .optional(),
    change: "replace",
    interpolated: "loosely",
    stanza: "task",
    unprinted: true,
    examples: [{ GREETING: "hello" }, { GREETING: "good day", PORT: "8081" }],
    engine: (env) => ({ ...(env && { Env: Object.entries(env).map(([name, value]) => `${name}=${value}`) }) }),
    canonical: unlessEmpty,
  },

  /** Labels of the container, beside those by which longshore knows it (`longshore.…`, which are refused here). */
  labels: {
    schema: z
      .record(
        z
          .string()
          .regex(/^(?!longshore\.)./, "is not free: longshore.… labels are longshore's own; choose another name"),
        z.string(),
      )
      .optional(),
    change: "replace",
    unprinted: true,
    examples: [{ team: "web" }, { team: "api", tier: "1" }],
    engine: (labels, { extraLabels: names }, facts) => {
      const Labels = { ...labels, ...extraLabels(names, facts) };
      return { ...(labels || Object.keys(Labels).length > 0 ? { Labels } : {}) };
    },
    canonical: unlessEmpty,
  },

  /**
   * Labels that say where the container belongs: `longshore.job_name` and its like, by their names without
   * `longshore.` (job_id, job_name, namespace, node_id, node_name, task_group_name, task_name) or by pattern: `"task*"`.
   * Those of the plugin's `extraLabels` are added.
   */
  extraLabels: {
    schema: extraLabelsSchema.optional(),
    change: "replace",
    examples: [["job_name"], ["job_name", "task*"]],
    writtenBy: "labels",
    canonical: namesOf,
    inherit: (names, plugin) => (plugin.extraLabels ? [...new Set([...(names ?? []), ...plugin.extraLabels])] : names),
  },

  /** Allocates a terminal. */
  tty: {
    schema: z.boolean().default(false),
    change: "replace",
    examples: [true],
    engine: (on) => ({ ...(on && { Tty: true }) }),
  },

  /** Keeps standard input open. */
  interactive: {
    schema: z.boolean().default(false),
    change: "replace",
    examples: [true],
    engine: (on) => ({ ...(on && { OpenStdin: true }) }),
  },

  /** Mounts the container's own file system read-only; `/alloc`, `/local` and `/secrets` stay writable. */
  readonlyRootfs: {
    schema: z.boolean().default(false),
    change: "replace",
    examples: [true],
    engine: (on) => ({ HostConfig: { ...(on && { ReadonlyRootfs: true }) } }),
  },
});

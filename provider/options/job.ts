import * as z from "zod";
import { durationSchema } from "../duration";
import { nameServers } from "./name-servers";
import { optionGroup, type PlainPropsOf, type SpecOf, unlessEmpty } from "./option";
import { constraintList } from "./placement";

/** `update` of a job or a group. */
export const updateSchema = z.strictObject({
  /**
   * `start_first`: the new container is up before the old one stops. `stop_first`: the old one stops when the new one is ready to
   * start. `auto`: the former, and the latter where both want something that only one container can have: a static port, the
   * host's network, a fixed address. `auto` when unset.
   */
  order: z.enum(["auto", "start_first", "stop_first"]).optional(),
  /** How long each task has to stay up, after what its `wait` is until, before it counts as up. A duration. 0 when unset. */
  minHealthyTime: durationSchema().optional(),
  /** How long all that may take: `wait.timeout` of the tasks that give none. A duration. 5 minutes when unset. */
  healthyDeadline: durationSchema("1ms").optional(),
  /** Whether a container that stopped first is started again when the new one does not come up. It is when unset. */
  autoRevert: z.boolean().optional(),
});

const meta = z.record(z.string().min(1), z.string());

export const jobOptions = optionGroup({
  /** `service` runs until it is stopped; `batch` runs to its end. It decides when the engine starts a task again. */
  type: { schema: z.enum(["service", "batch"]).default("service"), change: "replace", examples: ["batch"] },

  /** The job's name, where it is not its id. Told to the tasks as `NOMAD_JOB_NAME`. */
  name: { schema: z.string().min(1).optional(), change: "replace", examples: ["shop"] },

  /** Told to the tasks as `NOMAD_DC`; of several, the first. */
  datacenters: { schema: z.array(z.string().min(1)).default(["dc1"]), change: "replace", examples: [["north"]] },

  /** Told to the tasks as `NOMAD_REGION`. */
  region: { schema: z.string().min(1).default("global"), change: "replace", examples: ["europe"] },

  /** Told to the tasks as `NOMAD_NAMESPACE`. */
  namespace: { schema: z.string().min(1).default("default"), change: "replace", examples: ["shop"] },

  /** Told to the tasks as `NOMAD_META_<key>`, and once more with the key in capitals. */
  meta: { schema: meta.optional(), change: "replace", interpolated: "loosely", examples: [{ owner: "web" }] },

  /**
   * What an engine has to be for any task of the job: `{ attribute: "${attr.cpu.arch}", operator: "=", value: "amd64" }`.
   * Checked in each preview, which says what an engine lacks.
   */
  constraints: {
    schema: constraintList,
    change: "record",
    examples: [[{ attribute: "${attr.cpu.arch}", operator: "=", value: "amd64" }]],
    canonical: unlessEmpty,
  },

  /** How containers of the job are replaced: in which order, and when the new one counts as up. */
  update: {
    schema: updateSchema.optional(),
    change: "record",
    examples: [{ minHealthyTime: "10s", healthyDeadline: "2m" }],
  },
});

const port = z.strictObject({
  /** The port on the host. One that is free, from 20000 to 32000, when unset. */
  static: z.int().min(1).max(65_535).optional(),
  /** The port inside the container. The same as on the host when unset or 0. */
  to: z.int().min(0).max(65_535).optional(),
  /** The host's address to publish on, `::` for all of both families. The plugin's `hostAddress` when unset. */
  hostIp: z.union([z.ipv4(), z.ipv6()]).optional(),
});

const words = z.array(z.string().min(1, "is empty; take it out"));

const label = z.string().regex(/^[A-Za-z0-9_-]+$/, "is not a port label; use letters, digits, dashes and underscores");

export const groupOptions = optionGroup({
  /** How many allocations of the group run. */
  count: { schema: z.int().min(0, "is below 0; raise it").default(1), change: "record", examples: [2] },

  /**
   * The network of each allocation of the group: whether its tasks share one, and the ports that it has, by label.
   */
  network: {
    schema: z
      .strictObject({
        /**
         * `bridge`: the tasks share one network of their own, in which they meet on localhost; all ports are published.
         * `none`: they share one that leads nowhere. `host`: they are in the network of the engine's host. When unset, each task
         * has a network to itself, and publishes the ports that its own `ports` names. A task with a `networkMode` of its own
         * goes by that.
         */
        mode: z.enum(["bridge", "host", "none"]).optional(),
        /** The ports, by label. */
        ports: z.record(label, port).default({}),
        /** Where the tasks look names up. What is left out is as on the engine's host. */
        dns: z
          .strictObject({
            /** Name servers, as IP addresses. */
            servers: nameServers.optional(),
            /** Domains in which short names are looked up. */
            searches: words.optional(),
            /** Options of the resolver, as in resolv.conf: `"ndots:2"`. */
            options: words.optional(),
          })
          .optional(),
      })
      .optional(),
    change: "replace",
    examples: [{ ports: { http: { to: 8080 } } }, { mode: "bridge", dns: { servers: ["10.0.0.2"] } }],
    policy: ({ mode, ports }) => {
      const labels = Object.keys(ports);
      return mode === "none" && labels.length > 0
        ? `has the mode "none" and ports (${labels.join(", ")}), to which nothing would lead; take one of the two out`
        : undefined;
    },
    warns: ({ mode, dns }) =>
      mode === "none" && dns !== undefined
        ? 'has dns, which has no effect with the mode "none": no name server can be reached'
        : undefined,
  },

  /** As the job's `meta`, for the tasks of this group. */
  meta: { schema: meta.optional(), change: "replace", interpolated: "loosely", examples: [{ tier: "front" }] },

  /** As the job's `constraints`, for the tasks of this group. */
  constraints: {
    schema: constraintList,
    change: "record",
    examples: [[{ attribute: "${meta.rack}", operator: "set_contains_any", value: "r1,r2" }]],
    canonical: unlessEmpty,
  },

  /** What becomes of the data of an allocation when the next one takes its place. */
  ephemeralDisk: {
    schema: z
      .strictObject({
        /**
         * Whether the next allocation has the data of the one before: `alloc/data`, and each task's `local`. The old
         * container then stops before the new one starts. They go when the allocation goes for good.
         */
        sticky: z.boolean().default(false),
        /** Whether they go along to another engine. They do not; it is accepted for Nomad's files. */
        migrate: z.boolean().default(false),
      })
      .optional(),
    change: "replace",
    examples: [{ sticky: true }],
    warns: ({ migrate }) =>
      migrate ? "has migrate, which has no effect: data stay on the engine that they are on" : undefined,
  },

  /** As the job's `update`, for the tasks of this group; what it leaves out is as the job says. */
  update: {
    schema: updateSchema.optional(),
    change: "record",
    examples: [{ order: "stop_first", autoRevert: false }],
  },
});

/** What a program writes about a job. */
export interface JobOptions extends PlainPropsOf<typeof jobOptions> {}
/** What a program writes about a group. */
export interface GroupOptions extends PlainPropsOf<typeof groupOptions> {}
export type JobSpec = SpecOf<typeof jobOptions>;
export type GroupSpec = SpecOf<typeof groupOptions>;
/** How containers are replaced, as it was written. */
export type UpdateSpec = z.output<typeof updateSchema>;
/** The ports of a group, defaults applied. */
export type NetworkSpec = NonNullable<GroupSpec["network"]>;
/** `meta` of a task. */
export const metaSchema = meta;

/** `meta` from the outermost to the innermost, which wins; undefined when there is none. */
export const metaOf = (
  ...metas: readonly (Readonly<Record<string, string>> | undefined)[]
): Readonly<Record<string, string>> | undefined => {
  const merged: Record<string, string> = Object.assign({}, ...metas) as Record<string, string>;
  return Object.keys(merged).length > 0 ? merged : undefined;
};

import * as z from "zod";
import { durationSchema } from "../duration";
import { optionGroup, type PropsOf, type SpecOf } from "./option";

const capability = z.string().min(1);

export const pluginOptions = optionGroup({
  /**
   * Where the engine listens: `unix:///path`, `npipe:////./pipe/name`, `tcp://host:port`. When unset: `DOCKER_HOST`,
   * then the docker command's context, then the platform's default socket.
   */
  endpoint: { schema: z.string().min(1).optional(), change: "record", examples: ["unix:///var/run/docker.sock"] },

  /** The address of the engine's host on which ports are published, unless a port says otherwise. */
  hostAddress: {
    schema: z.union([z.ipv4(), z.ipv6()]).default("127.0.0.1"),
    change: "record",
    examples: ["0.0.0.0"],
  },

  /** MHz of all the engine's cores together, for `cpuHardLimit`. Read from this machine when the engine is on it. */
  cpuTotalCompute: { schema: z.int().min(1).optional(), change: "record", examples: [5192] },

  /** A pull that says nothing for so long is given up. A duration, at least `1m`. */
  pullActivityTimeout: { schema: durationSchema("1m").default("2m"), change: "record", examples: ["3m"] },

  /** What is cleaned up when it is used no more. */
  gc: {
    schema: z
      .strictObject({
        /** Not acted upon yet: images stay. */
        image: z.boolean().default(true),
        /** Not acted upon yet. */
        imageDelay: durationSchema().default("3m"),
        /** Whether a container is removed after it was stopped. */
        container: z.boolean().default(true),
        /** Not acted upon yet. */
        danglingContainers: z
          .strictObject({
            enabled: z.boolean().default(true),
            dryRun: z.boolean().default(false),
            period: durationSchema().default("5m"),
            creationGrace: durationSchema("1m").default("5m"),
          })
          .prefault({}),
      })
      .prefault({}),
    change: "record",
    examples: [{ container: false }],
  },

  /** Not acted upon yet. */
  infraImage: { schema: z.string().min(1).optional(), change: "record", examples: ["longshore/pause:3.1"] },

  /** Not acted upon yet. */
  infraImagePullTimeout: { schema: durationSchema().default("5m"), change: "record", examples: ["10m"] },

  /** Not acted upon yet. */
  allowPrivileged: { schema: z.boolean().default(false), change: "record", examples: [true] },

  /** Not acted upon yet. */
  allowCaps: { schema: z.array(capability).optional(), change: "record", examples: [["ALL"]] },

  /** Not acted upon yet. */
  allowRuntimes: { schema: z.array(z.string()).default(["runc", "nvidia"]), change: "record", examples: [["runc"]] },

  /** Not acted upon yet. */
  volumes: {
    schema: z.strictObject({ enabled: z.boolean().default(false), selinuxlabel: z.string().optional() }).prefault({}),
    change: "record",
    examples: [{ enabled: true }],
  },

  /** Not acted upon yet. */
  auth: {
    schema: z.strictObject({ config: z.string().min(1).optional(), helper: z.string().min(1).optional() }).optional(),
    change: "record",
    examples: [{ helper: "pass" }],
  },

  /** Not acted upon yet. */
  disableLogCollection: { schema: z.boolean().default(false), change: "record", examples: [true] },
});

/** What a program writes about an engine. */
export interface PluginOptions extends PropsOf<typeof pluginOptions> {}
export type PluginSpec = SpecOf<typeof pluginOptions>;

/** Options that are understood, so that a job file's set is read whole, and not acted upon in this version. */
export const withoutEffectYet: readonly (keyof PluginSpec)[] = [
  "infraImage",
  "infraImagePullTimeout",
  "allowPrivileged",
  "allowCaps",
  "allowRuntimes",
  "volumes",
  "auth",
  "disableLogCollection",
];

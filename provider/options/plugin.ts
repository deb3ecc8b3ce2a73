import * as z from "zod";
import { capabilities, capabilityName, capabilityPresets, isCapability } from "../capabilities";
import { durationSchema } from "../duration";
import { engineAddress } from "../engine-address";
import { didYouMean } from "./folds";
import { named } from "./named";
import { optionGroup, type PropsOf, type SpecOf } from "./option";

const isAllowable = (entry: string) => entry in capabilityPresets || isCapability(entry);

const allowedCapabilities = z.union([z.string(), z.array(z.string())]).check(({ value, issues }) => {
  for (const [index, entry] of [value].flat().entries())
    if (!isAllowable(entry))
      issues.push({
        code: "custom",
        input: value,
        path: typeof value === "string" ? [] : [index],
        message: `is neither a capability nor a list of them${didYouMean(capabilityName(entry), [...Object.keys(capabilityPresets), "ALL", ...capabilities])}`,
      });
});

const addressOfEngine = z.string().superRefine((text, context) => {
  const address = engineAddress(text);
  if (typeof address === "string") context.addIssue({ code: "custom", message: address });
});

export const pluginOptions = optionGroup({
  /**
   * Where the engine listens: `unix:///path`, `npipe:////./pipe/name`, `tcp://host:port`, `https://host:port`, or
   * `ssh://user@host:port/path` through your own `ssh` (its keys and configuration hold; the host needs the docker
   * command). When unset: `DOCKER_HOST` with `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH`, then `DOCKER_CONTEXT` or the
   * docker command's current context, then the platform's default socket. Tasks move to another engine when it becomes
   * another one's address: the new ones are made there before the old ones go.
   * Or the `Provider` of `@pulumi/docker` that talks to the engine.
   */
  endpoint: {
    schema: named("engine", addressOfEngine).optional(),
    change: "record",
    examples: ["unix:///var/run/docker.sock", "ssh://deploy@build-host"],
  },

  /**
   * Certificates for an endpoint `tcp://` (then port 2376, unless it names one) or `https://`: files in PEM form, relative
   * to the program's directory. Used only with `endpoint`.
   */
  tls: {
    schema: z
      .strictObject({
        /** The client's certificate, which the engine's CA has signed. Goes with `key`. */
        cert: z.string().min(1).optional(),
        /** The client's private key. Goes with `cert`. */
        key: z.string().min(1).optional(),
        /** The CA that signed the engine's certificate. When unset, those that the machine trusts. */
        ca: z.string().min(1).optional(),
      })
      .optional(),
    change: "record",
    examples: [{ cert: "certs/cert.pem", key: "certs/key.pem", ca: "certs/ca.pem" }],
    with: { endpoint: "tcp://127.0.0.1:2376" },
    policy({ cert, key }, { endpoint }) {
      if ((cert === undefined) !== (key === undefined))
        return `has ${cert === undefined ? "a key without its cert" : "a cert without its key"}; give both, or neither`;
      // It may be known only later.
      return typeof endpoint === "string" && endpoint.startsWith("http://")
        ? "is given, and endpoint is http://, which is without TLS; write tcp:// or https://, or leave tls out"
        : undefined;
    },
    warns(_, { endpoint }) {
      if (endpoint === undefined) return "is ignored: it is used only with endpoint, which is not given";
      return /^(?:unix|npipe|ssh):/.test(endpoint) ? `is ignored: ${endpoint} is reached without TLS` : undefined;
    },
  },

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
  infraImage: {
    schema: named("image", z.string().min(1)).optional(),
    change: "record",
    examples: ["longshore/pause:3.1"],
  },

  /** Not acted upon yet. */
  infraImagePullTimeout: { schema: durationSchema().default("5m"), change: "record", examples: ["10m"] },

  /**
   * Whether tasks may have what reaches the engine's host: `privileged`, and the host's or another container's namespaces
   * (`ipcMode`, `pidMode`, `utsMode`, `usernsMode`, `cgroupns`).
   */
  allowPrivileged: { schema: z.boolean().default(false), change: "record", examples: [true] },

  /**
   * Linux capabilities that tasks may have, in any case, with or without `CAP_`. In place of a name may stand a list's: `"nomad-1.0"`
   * (Docker's usual fourteen, the default), `"hardened"` (these without `NET_RAW`), or `"ALL"`; such a name may also
   * stand alone: `"hardened"`. What of the usual ones is not allowed is taken from every task, as its `capDrop` shows.
   */
  allowCaps: {
    schema: allowedCapabilities.default("nomad-1.0"),
    change: "record",
    examples: ["hardened", ["nomad-1.0", "NET_ADMIN"], ["ALL"]],
  },

  /** Runtimes that tasks may name in `runtime`. An empty list forbids to name any; the engine's default needs no leave. */
  allowRuntimes: { schema: z.array(z.string()).default(["runc", "nvidia"]), change: "record", examples: [["runc"]] },

  /**
   * Devices of the engine's host that tasks may name in `devices`: paths, in which `*` and `?` stand for characters other than
   * `/`, and `**` for any. A directory stands for all devices in it. All when unset, none when empty.
   */
  allowDevices: {
    schema: z.array(z.string().min(1)).optional(),
    change: "record",
    examples: [["/dev/fuse", "/dev/dri/*"], []],
  },

  /** The runtime of tasks that ask for a GPU and name no `runtime`; it must be in `allowRuntimes`. `""` for the engine's default. */
  nvidiaRuntime: { schema: z.string().default("nvidia"), change: "record", examples: ["nvidia-cdi", ""] },

  /** What tasks may mount besides the directories of their allocation. */
  volumes: {
    schema: z
      .strictObject({
        /** Whether tasks may mount paths of the engine's host and volumes by name, and use `volumeDriver`. */
        enabled: z.boolean().default(false),
        /**
         * The SELinux label of the allocation's directories and of what `volumes` mounts: `"z"` (shared) or `"Z"`
         * (private). Put on the directories too where `enabled` is false.
         */
        selinuxlabel: z.enum(["z", "Z"]).optional(),
      })
      .prefault({}),
    change: "record",
    examples: [{ enabled: true }, { selinuxlabel: "z" }],
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
  "auth",
  "disableLogCollection",
];

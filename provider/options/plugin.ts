import * as z from "zod";
import { capabilities, capabilityName, capabilityPresets, isCapability } from "../capabilities";
import { durationSchema } from "../duration";
import { engineAddress } from "../engine-address";
import { didYouMean } from "./folds";
import { named } from "./named";
import { extraLabelsSchema } from "./extra-labels";
import { optionGroup, type PropsOf, type SpecOf } from "./option";

const isAllowable = (entry: string) => Object.hasOwn(capabilityPresets, entry) || isCapability(entry);

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

/** What is meant by the name of a helper's program, or by a path to it. */
const helperName = (written: string): string =>
  written
    .replace(/^.*[\\/]/s, "")
    .replace(/^docker-credential-/, "")
    .replace(/\.exe$/i, "") || "pass";

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
    legacy: { "docker.endpoint": "" },
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
    legacy: { "docker.tls.cert": "cert", "docker.tls.key": "key", "docker.tls.ca": "ca" },
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

  /**
   * The address of the engine's host on which ports are published, unless a port says otherwise: `0.0.0.0` for all of IPv4,
   * `::` for all of both families.
   */
  hostAddress: {
    schema: z.union([z.ipv4(), z.ipv6()]).default("127.0.0.1"),
    change: "record",
    examples: ["0.0.0.0"],
  },

  /** MHz of all the engine's cores together, for `cpuHardLimit`. Read from this machine when the engine is on it. */
  cpuTotalCompute: { schema: z.int().min(1).optional(), change: "record", examples: [5192] },

  /** A pull during which the engine says nothing for so long is given up. A duration, at least `1m`. */
  pullActivityTimeout: { schema: durationSchema("1m").default("2m"), change: "record", examples: ["3m"] },

  /** What is cleaned up when it is used no more. */
  gc: {
    schema: z
      .strictObject({
        /**
         * Whether an image goes when its last task has gone: `true`, if its registry (or the archive of `load`) can give
         * it back; `"all"`, also if nothing can; `false`, never. What any container of the engine uses stays, whoever
         * owns it, and what has another name than its tasks'.
         */
        image: z.union([z.boolean(), z.literal("all")]).default(true),
        /**
         * How long an image stays after its last use; a task that comes within that time finds it there. A duration. Then
         * a process in the background removes it, or, where that is no more, the next run or `longshore gc`.
         */
        imageDelay: durationSchema().default("3m"),
        /** Whether a container is removed after it was stopped. If not, it stays until the next one of its task is made. */
        container: z.boolean().default(true),
        /**
         * Containers of this stack that its state does not know, and what belonged to such: `longshore gc --containers` looks
         * for them.
         */
        danglingContainers: z
          .strictObject({
            /** Whether they are looked for. */
            enabled: z.boolean().default(true),
            /** Only tells of them. */
            dryRun: z.boolean().default(false),
            /** Time between two looks of `longshore gc --containers --watch`. A duration. */
            period: durationSchema().default("5m"),
            /** Younger ones are left alone. A duration, at least `1m`. */
            creationGrace: durationSchema("1m").default("5m"),
          })
          .prefault({}),
      })
      .prefault({}),
    change: "record",
    examples: [{ container: false }],
    legacy: {
      "docker.cleanup.image": "image",
      "docker.cleanup.image.delay": "imageDelay",
      "docker.cleanup.container": "container",
    },
  },

  /**
   * The image of the container whose network an allocation's tasks share (the group network's `mode`). Pulled when the
   * engine does not have it, or its tag is omitted or `latest`; its program has to run until it is stopped. When unset,
   * `gcr.io/google_containers/pause-<architecture of the engine>:3.1`. Allocations that run keep theirs.
   */
  infraImage: {
    schema: named("image", z.string().min(1)).optional(),
    change: "record",
    examples: ["longshore/pause:3.1"],
  },

  /** How long the pull of `infraImage` may take in all. A duration. */
  infraImagePullTimeout: { schema: durationSchema().default("5m"), change: "record", examples: ["10m"] },

  /**
   * Labels that every container gets, as in the task's `extraLabels`: job_id, job_name, namespace, node_id, node_name,
   * task_group_name, task_name, each as `longshore.<name>`, or by pattern: `"task*"`.
   */
  extraLabels: { schema: extraLabelsSchema.optional(), change: "record", examples: [["job_name", "task*"]] },

  /**
   * The most processes and threads any task may have. A task's `pidsLimit` above it is refused, and a task without one
   * gets this. No limit when unset or 0.
   */
  pidsLimit: {
    schema: z.int().min(0, "is below 0; leave it out for no limit").optional(),
    change: "record",
    examples: [200],
  },

  /** The logging of tasks that say nothing of theirs. When unset, `json-file` with two files of 2 MB. */
  logging: {
    schema: z
      .strictObject({
        /** The log driver. */
        type: z.string().min(1).default("json-file"),
        /** The log driver's options. */
        config: z.record(z.string().min(1), z.string()).optional(),
      })
      .optional(),
    change: "record",
    unprinted: true,
    examples: [{ type: "json-file", config: { "max-size": "5m" } }],
  },

  /**
   * Whether tasks may have what reaches the engine's host: `privileged`, and the host's or another container's namespaces
   * (`ipcMode`, `pidMode`, `utsMode`, `usernsMode`, `cgroupns`).
   */
  allowPrivileged: {
    schema: z.boolean().default(false),
    change: "record",
    examples: [true],
    legacy: { "docker.privileged.enabled": "" },
  },

  /**
   * Linux capabilities that tasks may have, in any case, with or without `CAP_`. In place of a name may stand a list's: `"nomad-1.0"`
   * (Docker's usual fourteen, the default), `"hardened"` (these without `NET_RAW`), or `"ALL"`; such a name may also
   * stand alone: `"hardened"`. What of the usual ones is not allowed is taken from every task, as its `capDrop` shows.
   */
  allowCaps: {
    schema: allowedCapabilities.default("nomad-1.0"),
    change: "record",
    examples: ["hardened", ["nomad-1.0", "NET_ADMIN"], ["ALL"]],
    legacy: { "docker.caps.allowlist": "", "docker.caps.whitelist": "" },
  },

  /** Runtimes that tasks may name in `runtime`. An empty list forbids to name any; the engine's default needs no leave. */
  allowRuntimes: { schema: z.array(z.string()).default(["runc", "nvidia"]), change: "record", examples: [["runc"]] },

  /**
   * Devices of the engine's host that tasks may name in `devices`: paths, in which `*` and `?` stand for characters other than
   * `/`, and `**` for any. A directory stands for all devices in it. And those that they may ask for in `deviceRequests`:
   * `nvidia.com/gpu=*`. All when unset, none when empty.
   */
  allowDevices: {
    schema: z.array(z.string().min(1)).optional(),
    change: "record",
    examples: [["/dev/fuse", "/dev/dri/*"], []],
  },

  /** The runtime of tasks that ask for a GPU and name no `runtime`; it must be in `allowRuntimes`. `""` for the engine's default. */
  nvidiaRuntime: {
    schema: z.string().default("nvidia"),
    change: "record",
    examples: ["nvidia-cdi", ""],
    legacy: { "docker.nvidia_runtime": "" },
  },

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
    legacy: { "docker.volumes.enabled": "enabled", "docker.volumes.selinuxlabel": "selinuxlabel" },
  },

  /**
   * Where credentials come from for tasks without an `auth` of their own. The first that has any for the image's registry:
   * in `config` its `auths`, `credHelpers`, `credsStore`; then `helper`; then there are none. When neither is given, the
   * docker command's own config is looked into (`$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`), in the docker
   * command's order: the registry's helper or the `credsStore`, else `auths`. Registries are matched by their name as
   * Docker does, with their port; Docker's own is `https://index.docker.io/v1/` or `docker.io`.
   *
   * A place of the plugin that cannot be looked into fails the pull, unless the task has `authSoftFail`; with the docker
   * command's own config that is a warning. What is not there is no failure. No secret from there is in the state.
   */
  auth: {
    schema: z
      .strictObject({
        /**
         * A file in the docker command's own form, with `auths`, `credHelpers` or `credsStore`. A path relative to the
         * program's directory.
         */
        config: z.string().min(1).optional(),
        /**
         * `X` for a credential helper: a program `docker-credential-X` on the `PATH` of this machine, that speaks the protocol
         * of Docker's docker-credential-helpers. It is asked for every registry, once in a run, and ended when it gives no
         * answer in 30 seconds; what it prints is never shown.
         */
        helper: z
          .string()
          .min(1)
          .regex(/^[^\\/]*$/, {
            error: ({ input }) =>
              `is a path, and helpers are found on the PATH; write ${JSON.stringify(helperName(String(input)))}`,
          })
          .regex(/^(?:(?!docker-credential-)|.*[\\/])/, {
            error: ({ input }) => `is a program's name; write ${JSON.stringify(helperName(String(input)))}`,
          })
          .optional(),
      })
      .optional(),
    change: "record",
    examples: [{ helper: "pass" }, { config: "registries.json" }],
    legacy: { "docker.auth.config": "config", "docker.auth.helper": "helper" },
  },

  /**
   * Keeps the command line's watching mode from copying the logs of tasks into their allocations. Without effect in this
   * version, which copies none.
   */
  disableLogCollection: {
    schema: z.boolean().default(false),
    change: "record",
    examples: [true],
    withoutEffect: true,
  },
});

/** What a program writes about an engine. */
export interface PluginOptions extends PropsOf<typeof pluginOptions> {}
export type PluginSpec = SpecOf<typeof pluginOptions>;

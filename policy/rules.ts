/** The rules by name. A new one is a row here, and two tests: one that it fires, one that it does not. */
import type { AnyRule } from "./rule";
import { capabilities, devices, hostPaths, namespaces, privileged, runtimes, unconfined } from "./rules/host";
import { noLatest, pinnedImages, registries } from "./rules/images";
import { memoryLimit, pidsLimit, rootUser } from "./rules/limits";
import { plainSecrets } from "./rules/plain-secrets";
import { publishedPorts } from "./rules/published-ports";

export const rules = {
  privileged,
  "host-namespaces": namespaces,
  capabilities,
  runtimes,
  "host-paths": hostPaths,
  devices,
  unconfined,
  registries,
  "no-latest": noLatest,
  "pinned-images": pinnedImages,
  "memory-limit": memoryLimit,
  "pids-limit": pidsLimit,
  "published-ports": publishedPorts,
  "plain-secrets": plainSecrets,
  "root-user": rootUser,
} as const satisfies Readonly<Record<string, AnyRule>>;

export type RuleName = keyof typeof rules;

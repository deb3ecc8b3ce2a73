/** The container whose network the tasks of an allocation share: what it is called, and what the engine is asked for. Pure. */
import type { CreateRequest, PortBinding } from "./engine/types";
import type { AllocatedPort } from "./facts";
import { imageName } from "./image-reference";
import type { NetworkSpec } from "./options/job";
import { bindingsOf } from "./options/published-ports";
import type { PluginSpec } from "./options/plugin";

export const infraName = (allocId: string): string => `longshore_init_${allocId}`;

/** What `uname -m` calls by another name than images do. */
const architectures: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  aarch64: "arm64",
  armv7l: "arm",
  armv6l: "arm",
};

export const infraImageOf = ({ infraImage }: Pick<PluginSpec, "infraImage">, machine: string): string =>
  infraImage ?? `gcr.io/google_containers/pause-${architectures[machine] ?? machine}:3.1`;

export interface InfraParts {
  readonly network: NetworkSpec;
  readonly ports: Readonly<Record<string, AllocatedPort>>;
  /** Labels that tasks with a network of their own publish. */
  readonly publishedByTasks?: readonly string[] | undefined;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** All ports of the allocation, each on tcp and on udp, but those that its tasks publish. */
function publishedPorts({
  ports,
  publishedByTasks = [],
}: InfraParts): Readonly<Record<string, readonly PortBinding[]>> {
  const bindings: Record<string, PortBinding[]> = {};
  for (const [label, port] of Object.entries(ports)) {
    if (publishedByTasks.includes(label)) continue;
    for (const protocol of ["tcp", "udp"]) (bindings[`${port.to}/${protocol}`] ??= []).push(...bindingsOf(port));
  }
  return bindings;
}

/** The body of `POST /containers/create`. */
export function infraRequest(parts: InfraParts): CreateRequest {
  const { mode, dns = {} } = parts.network;
  const bindings = publishedPorts(parts);
  return {
    Image: imageName(parts.image),
    Labels: parts.labels,
    ...(Object.keys(bindings).length > 0 && {
      ExposedPorts: Object.fromEntries(Object.keys(bindings).map((port) => [port, {}])),
    }),
    HostConfig: {
      ConsoleSize: [0, 0],
      NetworkMode: mode === "none" ? "none" : "default",
      ...(Object.keys(bindings).length > 0 && { PortBindings: bindings }),
      ...(dns.servers && { Dns: dns.servers }),
      ...(dns.searches && { DnsSearch: dns.searches }),
      ...(dns.options && { DnsOptions: dns.options }),
      // Without it no task comes back after a restart of the engine.
      RestartPolicy: { Name: "always" },
    },
  };
}

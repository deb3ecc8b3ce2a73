/** The container whose network the tasks of an allocation share: what it is called, and what the engine is asked for. Pure. */
import { goArchitecture } from "./architecture";
import type { CreateRequest } from "./engine/types";
import type { AllocatedPort } from "./facts";
import { imageName } from "./image-reference";
import type { NetworkSpec } from "./options/job";
import { publishing } from "./options/published-ports";
import type { PluginSpec } from "./options/plugin";

export const infraName = (allocId: string): string => `longshore_init_${allocId}`;

export const infraImageOf = ({ infraImage }: Pick<PluginSpec, "infraImage">, machine: string): string =>
  infraImage ?? `gcr.io/google_containers/pause-${goArchitecture(machine)}:3.1`;

export interface InfraParts {
  readonly network: NetworkSpec;
  readonly ports: Readonly<Record<string, AllocatedPort>>;
  /** Labels that tasks with a network of their own publish. */
  readonly publishedByTasks?: readonly string[] | undefined;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** All ports of the allocation but those that its tasks publish. */
const publishedPorts = ({ ports, publishedByTasks = [] }: InfraParts): readonly AllocatedPort[] =>
  Object.entries(ports).flatMap(([label, port]) => (publishedByTasks.includes(label) ? [] : [port]));

/** The body of `POST /containers/create`. */
export function infraRequest(parts: InfraParts): CreateRequest {
  const { mode, dns = {} } = parts.network;
  const ports = publishedPorts(parts);
  const { HostConfig, ...exposed } = ports.length > 0 ? publishing(ports) : {};
  return {
    Image: imageName(parts.image),
    Labels: parts.labels,
    ...exposed,
    HostConfig: {
      ConsoleSize: [0, 0],
      NetworkMode: mode === "none" ? "none" : "default",
      ...HostConfig,
      ...(dns.servers && { Dns: dns.servers }),
      ...(dns.searches && { DnsSearch: dns.searches }),
      ...(dns.options && { DnsOptions: dns.options }),
      // Without it no task comes back after a restart of the engine.
      RestartPolicy: { Name: "always" },
    },
  };
}

/** Why tasks have no network when the program of the image that holds it is not one that stays. */
export const endedText = (image: string, exitCode: number): string =>
  `the program of the infra image ${image} ended with exit code ${exitCode}; name an image in the plugin option ` +
  `infra_image whose program runs until it is stopped`;

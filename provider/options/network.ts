import { isIP } from "node:net";
import * as z from "zod";
import type { PortBinding } from "../engine/types";
import { optionGroup } from "./option";

const distinct = (labels: readonly string[]) => new Set(labels).size === labels.length;

export const network = optionGroup({
  /**
   * Labels of the group network's ports to publish from this container, each on tcp and on udp.
   * The container's side is the port's `to`, or, without one, the same number as on the host.
   */
  ports: {
    schema: z.array(z.string().min(1)).refine(distinct, { error: "names a label twice; name each once" }).optional(),
    change: "replace",
    examples: [["http"], ["http", "admin"]],
    engine: (labels, _, { allocation }) => {
      if (!labels?.length) return {};
      const bindings: Record<string, PortBinding[]> = {};
      for (const label of labels) {
        const port = allocation.ports[label];
        if (port === undefined) continue;
        for (const protocol of ["tcp", "udp"])
          (bindings[`${port.to}/${protocol}`] ??= []).push({ HostIp: port.hostIp, HostPort: String(port.value) });
      }
      return {
        ExposedPorts: Object.fromEntries(Object.keys(bindings).map((port) => [port, {}])),
        HostConfig: { PortBindings: bindings },
      };
    },
    policy: (labels, _, { portLabels }) => {
      const unknown = portLabels && labels.find((label) => !portLabels.includes(label));
      return unknown === undefined
        ? undefined
        : `names "${unknown}", and the group's network has ${portLabels?.length ? `the ports ${portLabels.join(", ")}` : "no ports"}; ` +
            `add it to the network's ports, or take it out`;
    },
    canonical: (labels) => [...labels].sort(),
  },

  /** The container's host name. Every allocation of the group has the same one. The container's id when unset. */
  hostname: {
    schema: z
      .string()
      .max(64, "is longer than 64 characters; shorten it")
      .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/, "is not a host name; use letters, digits, dashes and dots")
      .optional(),
    change: "replace",
    examples: ["web", "web.example"],
    engine: (Hostname) => ({ ...(Hostname !== undefined && { Hostname }) }),
  },

  /** Lines for `/etc/hosts`, each `"host:address"`; the address `host-gateway` is the engine's host. */
  extraHosts: {
    schema: z
      .array(
        z.string().refine((line) => /^[^:\s]+:\S+$/.test(line) && isAddress(line.slice(line.indexOf(":") + 1)), {
          error: 'is not "host:address"; write a name, a colon and an IP address, for example "db:10.0.0.7"',
        }),
      )
      .optional(),
    change: "replace",
    examples: [["db:10.0.0.7"], ["db:10.0.0.8", "six:fd00::1"]],
    engine: (ExtraHosts) => ({ HostConfig: { ...(ExtraHosts?.length && { ExtraHosts }) } }),
  },

  /** Name servers, as IP addresses. */
  dnsServers: {
    schema: z
      .array(
        z
          .string()
          .refine((text) => isIP(text) !== 0, { error: "is not an IP address; a name server is given by address" }),
      )
      .optional(),
    change: "replace",
    examples: [["10.0.0.2"], ["10.0.0.2", "10.0.0.3"]],
    engine: (Dns) => ({ HostConfig: { ...(Dns?.length && { Dns }) } }),
  },

  /** Domains in which short names are looked up. */
  dnsSearchDomains: {
    schema: z.array(z.string().min(1)).optional(),
    change: "replace",
    examples: [["example.test"], ["example.test", "other.test"]],
    engine: (DnsSearch) => ({ HostConfig: { ...(DnsSearch?.length && { DnsSearch }) } }),
  },

  /** Options of the resolver, as in resolv.conf: `"ndots:2"`. */
  dnsOptions: {
    schema: z.array(z.string().min(1)).optional(),
    change: "replace",
    examples: [["ndots:2"], ["ndots:3", "rotate"]],
    engine: (DnsOptions) => ({ HostConfig: { ...(DnsOptions?.length && { DnsOptions }) } }),
  },
});

function isAddress(text: string): boolean {
  return text === "host-gateway" || isIP(text.replace(/^\[(.*)\]$/, "$1")) !== 0;
}

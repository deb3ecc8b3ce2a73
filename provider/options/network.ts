import { isIP } from "node:net";
import * as z from "zod";
import {
  isInGroupNetwork,
  networkKind,
  networkModeOf,
  refusedForSeveral,
  refusedInContainers,
  refusedOutsideNamed,
} from "./network-mode";
import { nameServers } from "./name-servers";
import { named } from "./named";
import { optionGroup, unlessEmpty } from "./option";
import { containerPort, publishedLabels, publishing } from "./published-ports";

const distinct = (labels: readonly string[]) => new Set(labels).size === labels.length;

const ownNetwork = "backend";

/** One text for all spellings of an IPv6 address. */
const ipv6Text = (address: string) =>
  isIP(address) === 6 ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;

const macText = (address: string) => address.toLowerCase().replaceAll("-", ":");
const isMac = (text: string) => /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(macText(text));
// The lowest bit of the first byte marks an address of many receivers; no interface can have one.
const isForOne = (text: string) => !isMac(text) || Number.parseInt(text.slice(0, 2), 16) % 2 === 0;
const isZero = (text: string) => /^[0:-]+$/.test(text);

export const network = optionGroup({
  /**
   * The network that the container is in: `bridge`, `host`, `none`, `container:NAME` (the network of another container),
   * or the name of a network that somebody made on the engine, of whatever driver. Unset, what the group's network has for
   * its `mode`, or else the engine's default network: `bridge`, on a Windows engine `nat`. A network that is not there is
   * found out when the container starts.
   *
   * With `host`, the old container goes before the new one comes, for both want the host's own ports.
   */
  networkMode: {
    schema: named(
      "network",
      z
        .string()
        .regex(/^(?!container:?$)/, "names no container; write container:NAME")
        .regex(/^\S*$/, "holds white space; write the name of one network"),
    ).optional(),
    change: "replace",
    interpolated: "early",
    examples: ["host", "none"],
    engine: (mode, _, { engine, allocation: { infra } }) => ({
      HostConfig: {
        NetworkMode: mode === undefined && infra !== undefined ? `container:${infra}` : networkModeOf(mode, engine.os),
      },
    }),
    policy: (mode, _, { engine }) =>
      mode === "host" && engine?.os === "windows"
        ? 'is "host", which a Windows engine does not have; leave it out, which means nat'
        : undefined,
    exclusive: (mode) => (networkKind(mode) === "host" ? ["the host's network"] : []),
    exposes: (mode) => (networkKind(mode) === "host" ? [{ kind: "namespace", name: "network" }] : []),
    // Where the tasks of the group share a network, unset is that one, and "bridge" is not.
    canonical: (mode) => (mode === "default" ? "bridge" : mode || undefined),
  },

  /** Names by which other containers of the network find this one. Only in a user-defined network (`networkMode`). */
  networkAliases: {
    schema: z.array(z.string().min(1, "is empty; name the container, or take it out")).optional(),
    change: "replace",
    examples: [["web"], ["web", "www.example"]],
    with: { networkMode: ownNetwork },
    engine: (aliases, { networkMode, ipv4Address, ipv6Address }, { engine }) => {
      const address = {
        ...(ipv4Address !== undefined && { IPv4Address: ipv4Address }),
        ...(ipv6Address !== undefined && { IPv6Address: ipv6Address }),
      };
      const endpoint = {
        ...(aliases?.length && { Aliases: aliases }),
        ...(Object.keys(address).length > 0 && { IPAMConfig: address }),
      };
      if (Object.keys(endpoint).length === 0) return {};
      return { NetworkingConfig: { EndpointsConfig: { [networkModeOf(networkMode, engine.os)]: endpoint } } };
    },
    policy: (aliases, { networkMode }, scope) =>
      aliases.length === 0 ? undefined : refusedOutsideNamed(aliases, networkMode, scope),
    canonical: (aliases) => (aliases.length === 0 ? undefined : [...new Set(aliases)].sort()),
  },

  /**
   * A fixed IPv4 address. Only in a user-defined network (`networkMode`) that was made with a subnet of its own, and only
   * for a group of one. The old container goes before the new one comes.
   */
  ipv4Address: {
    schema: z
      .string()
      .refine((text) => isIP(text) === 4, {
        error: 'is not an IPv4 address; write four numbers, for example "10.0.0.7"',
      })
      .optional(),
    change: "replace",
    interpolated: "early",
    examples: ["192.0.2.10", "192.0.2.11"],
    with: { networkMode: ownNetwork },
    writtenBy: "networkAliases",
    policy: (address, { networkMode }, scope) =>
      refusedOutsideNamed(address, networkMode, scope) ?? refusedForSeveral(address, scope.allocations),
    exclusive: (address, { networkMode }) => [`${address} in ${networkModeOf(networkMode)}`],
  },

  /** A fixed IPv6 address. As `ipv4Address`; the network must have been made with IPv6. */
  ipv6Address: {
    schema: z
      .string()
      .refine((text) => isIP(text) === 6 && !text.includes("%"), {
        error: 'is not an IPv6 address; write one, for example "fd00::7"',
      })
      .optional(),
    change: "replace",
    interpolated: "early",
    examples: ["2001:db8::10", "2001:db8::11"],
    with: { networkMode: ownNetwork },
    writtenBy: "networkAliases",
    policy: (address, { networkMode }, scope) =>
      refusedOutsideNamed(address, networkMode, scope) ?? refusedForSeveral(address, scope.allocations),
    exclusive: (address, { networkMode }) => [`${ipv6Text(address)} in ${networkModeOf(networkMode)}`],
    canonical: ipv6Text,
  },

  /**
   * The address of the container's network interface, as `"02:68:b3:29:da:98"`; the engine chooses one when unset.
   * Only for a group of one. The old container goes before the new one comes.
   */
  macAddress: {
    schema: z
      .string()
      .refine(isMac, { error: 'is not a MAC address; write six bytes, for example "02:68:b3:29:da:98"' })
      .refine((text) => !isMac(text) || !isZero(text), {
        error: "is all zeros, which no interface can have; choose another",
      })
      .refine(isForOne, {
        error: "is an address of many receivers, which no interface can have; make its first byte even, for example 02",
      })
      .optional(),
    change: "replace",
    interpolated: "early",
    examples: ["02:68:b3:29:da:98", "02:68:b3:29:da:99"],
    engine: (MacAddress) => ({ ...(MacAddress !== undefined && { MacAddress }) }),
    policy: (address, { networkMode }, scope) => {
      const kind = networkKind(networkMode);
      if (isInGroupNetwork(networkMode, scope))
        return refusedInContainers(address, "one interface", networkMode, scope);
      return kind === "host" || kind === "container" || kind === "none"
        ? `is "${address}", and with network_mode "${networkMode ?? ""}" the container has no interface of its own to ` +
            `give it to; take one of the two out`
        : refusedForSeveral(address, scope.allocations);
    },
    exclusive: (address, { networkMode }) => [`${macText(address)} in ${networkModeOf(networkMode)}`],
    canonical: macText,
  },

  /**
   * Has the task advertise its IPv6 address (the engine's `GlobalIPv6Address`): `task.ip()` is then that one, not the
   * IPv4 address. The container itself is the same.
   */
  advertiseIpv6Address: { schema: z.boolean().default(false), change: "record", examples: [true] },

  /**
   * Labels of the group network's ports to publish from this container, each on tcp and on udp.
   * The container's side is the port's `to`, or, without one, the same number as on the host. In a group whose network has
   * the mode `bridge` all ports are published, named here or not.
   *
   * With the network mode `host` nothing needs to be published: the program listens on the host's own port, which is
   * `NOMAD_HOST_PORT_<label>`. With `container:NAME` the other container publishes; with `none` there is no way in.
   */
  ports: {
    schema: z.array(z.string().min(1)).refine(distinct, { error: "names a label twice; name each once" }).optional(),
    change: "replace",
    interpolated: "early",
    examples: [["http"], ["http", "admin"]],
    engine: (ports, { portMap, networkMode }, { allocation }) => {
      const labels = publishedLabels({ ports, portMap });
      // The engine refuses bindings of a container that has another one's network.
      const isShared = isInGroupNetwork(networkMode, { sharesNetwork: allocation.infra !== undefined });
      if (labels.length === 0 || isShared || networkKind(networkMode) === "container") return {};
      return publishing(
        labels.flatMap((label) => {
          const port = allocation.ports[label];
          return port ? [{ ...port, to: containerPort({ portMap }, label, port) }] : [];
        }),
      );
    },
    policy: (labels, _, { portLabels }) => {
      const unknown = portLabels && labels.find((label) => !portLabels.includes(label));
      return unknown === undefined
        ? undefined
        : `names "${unknown}", and the group's network has ${portLabels?.length ? `the ports ${portLabels.join(", ")}` : "no ports"}; ` +
            `add it to the network's ports, or take it out`;
    },
    warns: (labels, { networkMode }) => {
      const kind = networkKind(networkMode);
      return labels.length > 0 && (kind === "none" || kind === "container")
        ? `publishes nothing with network_mode "${networkMode ?? ""}"; ` +
            (kind === "none" ? "the container has no network" : "that container publishes what the two listen on")
        : undefined;
    },
    canonical: (labels) => [...labels].sort(),
  },

  /**
   * Ports inside the container for labels of the group network's ports: `{ http: 8080 }`. Each label is published, as if
   * `ports` named it and the port had that number for its `to`, which it overrides.
   */
  portMap: {
    schema: z
      .record(
        z.string().min(1),
        z.int().min(1, "is below 1; choose a port").max(65_535, "is above 65535; choose a port"),
      )
      .optional(),
    change: "replace",
    examples: [{ http: 8081 }, { http: 8082, admin: 9091 }],
    writtenBy: "ports",
    deprecated: "give the ports of the group's network their `to`, and name them in ports",
    policy: (map, { networkMode }, { portLabels, sharesNetwork }) => {
      if (isInGroupNetwork(networkMode, { sharesNetwork }) && Object.keys(map).length > 0)
        return (
          `cannot map ports of a network that the group's tasks share (${Object.keys(map).join(", ")}); ` +
          `give the network's ports their \`to\` instead`
        );
      const unknown = portLabels && Object.keys(map).find((label) => !portLabels.includes(label));
      return unknown === undefined
        ? undefined
        : `cannot map "${unknown}": the group's network has ${portLabels?.length ? `the ports ${portLabels.join(", ")}` : "no ports"}; ` +
            `give it the port, with its \`to\`, and use ports instead`;
    },
    canonical: (map) => (Object.keys(map).length === 0 ? undefined : map),
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
    policy: (name, { networkMode }, scope) => refusedInContainers(name, "the host name", networkMode, scope),
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
    policy: (list, { networkMode }, scope) =>
      list.length === 0 ? undefined : refusedInContainers(list, "the hosts file", networkMode, scope),
    canonical: unlessEmpty,
  },

  /** Name servers, as IP addresses. */
  dnsServers: {
    schema: nameServers.optional(),
    change: "replace",
    examples: [["10.0.0.2"], ["10.0.0.2", "10.0.0.3"]],
    engine: (Dns) => ({ HostConfig: { ...(Dns?.length && { Dns }) } }),
    policy: (list, { networkMode }, scope) =>
      list.length === 0
        ? undefined
        : refusedInContainers(list, "the name servers", networkMode, scope, "set dns.servers of the group's network"),
    canonical: unlessEmpty,
  },

  /** Domains in which short names are looked up. */
  dnsSearchDomains: {
    schema: z.array(z.string().min(1)).optional(),
    change: "replace",
    examples: [["example.test"], ["example.test", "other.test"]],
    engine: (DnsSearch) => ({ HostConfig: { ...(DnsSearch?.length && { DnsSearch }) } }),
    policy: (list, { networkMode }, scope) =>
      list.length === 0
        ? undefined
        : refusedInContainers(
            list,
            "the search domains",
            networkMode,
            scope,
            "set dns.searches of the group's network",
          ),
    canonical: unlessEmpty,
  },

  /** Options of the resolver, as in resolv.conf: `"ndots:2"`. */
  dnsOptions: {
    schema: z.array(z.string().min(1)).optional(),
    change: "replace",
    examples: [["ndots:2"], ["ndots:3", "rotate"]],
    engine: (DnsOptions) => ({ HostConfig: { ...(DnsOptions?.length && { DnsOptions }) } }),
    policy: (list, { networkMode }, scope) =>
      list.length === 0
        ? undefined
        : refusedInContainers(
            list,
            "the resolver's options",
            networkMode,
            scope,
            "set dns.options of the group's network",
          ),
    canonical: unlessEmpty,
  },
});

function isAddress(text: string): boolean {
  return text === "host-gateway" || isIP(text.replace(/^\[(.*)\]$/, "$1")) !== 0;
}

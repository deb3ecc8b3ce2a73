/** Ports that are open to whoever reaches the engine's host. */
import * as z from "zod";
import { networkKind } from "../../provider/options/network-mode";
import { hasUnknown } from "../../provider/options/folds";
import { groupOptions, type NetworkSpec } from "../../provider/options/job";
import { publishedLabels } from "../../provider/options/published-ports";
import { tryLimits } from "../../provider/plugin-spec";
import { type Finding, rule } from "../rule";
import { type Bag, type Subject, isNotKnown } from "../subject";

const isEverywhere = (address: string | undefined): boolean => address !== undefined && /^[0:.]+$/.test(address);

const networkOf = ({ network }: Bag): NetworkSpec | undefined => {
  if (network === undefined || hasUnknown(network, isNotKnown)) return undefined;
  const read = groupOptions.network.schema.safeParse(network);
  return read.success ? read.data : undefined;
};

/** The labels that are published: by a task that is alone, those that it names; of an allocation, all. */
const labelsIn = ({ kind, options }: Subject, { mode, ports }: NetworkSpec): readonly string[] => {
  if (mode === "host" || mode === "none") return [];
  if (kind !== "Task") return Object.keys(ports);
  const { networkMode, ports: named, portMap } = options;
  const isKnown = !hasUnknown([networkMode, named, portMap], isNotKnown);
  const isOwn = isKnown && ["default", "named"].includes(networkKind(networkMode));
  return isOwn ? publishedLabels({ ports: named, portMap } as Parameters<typeof publishedLabels>[0]) : [];
};

export const publishedPorts = rule({
  refuses: "ports that are published on all addresses of the engine's host",
  level: "mandatory",
  config: z.strictObject({
    allow: z.array(z.string().min(1)).default([]).describe("Labels of ports that may be: http, https."),
  }),
  judge(subject, { allow }) {
    const network = networkOf(subject.inputs);
    if (!network) return [];
    const usual = tryLimits((subject.inputs.plugin ?? {}) as Bag, isNotKnown)?.hostAddress;
    return labelsIn(subject, network).flatMap((label): readonly Finding[] => {
      const own = network.ports[label]?.hostIp;
      const address = own ?? usual;
      if (!network.ports[label] || !isEverywhere(address) || allow.includes(label)) return [];
      const by = own === undefined ? " by the plugin option host_address" : "";
      return [
        {
          at: ["network", "ports", label],
          reason: `is published on ${address ?? ""}${by}, which is every address of the host: whoever reaches it reaches the task`,
          wayOut: `give the port a host_ip, such as "127.0.0.1" behind a proxy, or the address of one network`,
          allow: `"${label}"`,
        },
      ];
    });
  },
});

/** What the network of a group means for its tasks. Pure. */
import { type Failure, nomadName } from "./folds";
import type { NetworkSpec } from "./job";
import { isInGroupNetwork, networkKind } from "./network-mode";
import { publishedLabels } from "./published-ports";

type Bag = Readonly<Record<string, unknown>>;

/** Whether the tasks of each allocation share the network of one container: the infra container. */
export const sharesNetwork = (network: Pick<NetworkSpec, "mode"> | undefined): boolean =>
  network?.mode === "bridge" || network?.mode === "none";

/** Without parts that say nothing, so that they are no change. */
export function settledNetwork(network: NetworkSpec | undefined): NetworkSpec | undefined {
  if (!network) return undefined;
  const { dns, ...rest } = network;
  const said = Object.entries(dns ?? {}).filter(([, list]) => list && list.length > 0);
  return { ...rest, ...(said.length > 0 && { dns: Object.fromEntries(said) }) };
}

/** The options of a task that the network's `dns` stands for. */
const dnsOptions = { servers: "dnsServers", searches: "dnsSearchDomains", options: "dnsOptions" } as const;

/** Whether a task is in a network that its group's tasks share. */
const isInShared = ({ networkMode }: Bag, network: NetworkSpec | undefined): boolean =>
  isInGroupNetwork(networkMode, { sharesNetwork: sharesNetwork(network) });

/**
 * A task's options with what it has from its group's network. A task in a network that its group shares, or that another
 * container shares with it, has nothing of its own.
 */
export function withGroupNetwork<T extends object>(options: T, network: NetworkSpec | undefined): T {
  const own = options as Bag;
  const mode = network?.mode === "host" && own.networkMode === undefined ? { networkMode: "host" } : {};
  const isApart = !isInShared(own, network) && networkKind(own.networkMode) !== "container";
  const dns = Object.entries(dnsOptions).flatMap(([part, option]) => {
    const list = network?.dns?.[part as keyof typeof dnsOptions];
    return isApart && list && own[option] === undefined ? [[option, list]] : [];
  });
  return { ...options, ...mode, ...(Object.fromEntries(dns) as Bag) };
}

/** What a task says of its name servers beside its group. In a shared network the rows refuse it. */
export const dnsBesideGroup = (options: object, network: NetworkSpec | undefined): readonly Failure[] =>
  network?.dns === undefined || isInShared(options as Bag, network)
    ? []
    : Object.values(dnsOptions)
        .filter((option) => (options as Bag)[option] !== undefined)
        .map((option) => ({
          property: option,
          reason:
            `${nomadName(option)} is set, and so is dns of the group's network, which holds for all its tasks; ` +
            `take one of the two out`,
        }));

/**
 * The labels of a bridge's ports that tasks with a network of their own publish: the infra container leaves them alone.
 * Undefined when there are none.
 */
export function labelsPublishedByTasks(tasks: readonly Bag[]): readonly string[] | undefined {
  const labels = tasks
    .filter(({ networkMode }) => networkMode !== undefined && !["none", "container"].includes(networkKind(networkMode)))
    .flatMap((options) => publishedLabels(options));
  return labels.length > 0 ? [...new Set(labels)].sort() : undefined;
}

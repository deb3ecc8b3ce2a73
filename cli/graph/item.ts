/** The options of a task or an allocation as a picture has them: names, and no values of env, auth or labels. Pure. */
import { networkKind } from "../../provider/options/network-mode";
import { publishedLabels } from "../../provider/options/published-ports";
import { isHostPath, tryReadVolume } from "../../provider/options/volume-text";
import { unknownText } from "../../provider/wire";
import type { Change, GraphPort, GraphThing, Item } from "./model";

export type Bag = Readonly<Record<string, unknown>>;

export const isBag = (value: unknown): value is Bag =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const bag = (value: unknown): Bag => (isBag(value) ? value : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** How a preview writes what is a secret, and what it does not know yet. */
const hidden: Readonly<Record<string, string>> = {
  "[secret]": "(secret)",
  "[unknown]": "(known later)",
  [unknownText]: "(known later)",
};

/** A text that may be shown: a secret is an object in a state, and an output one in a program. */
const shown = (value: unknown): string =>
  typeof value === "string" ? (hidden[value] ?? value) : value === undefined ? "" : "(not shown)";

/** A password in an address is nobody's to see. */
const withoutPassword = (address: string): string => address.replace(/^(\w+:\/\/[^/@:]*):[^@/]*@/, "$1@");

export const engineName = (plugin: unknown): string =>
  withoutPassword(shown(bag(plugin).endpoint)) || "engine of the docker command";

/** Of a digest its beginning, as the docker command shows ids. */
const imageText = (image: string): string => image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, "$1");

const number = (value: unknown): number => (typeof value === "number" ? value : 0);

const addressOf = (hostIp: unknown, port: number): string => {
  const host = shown(hostIp);
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
};

/** @param given what the engine gave, by label */
const portsOf = (labels: readonly string[], network: unknown, given: unknown): readonly GraphPort[] =>
  [...new Set(labels)].sort().map((label) => {
    const asked = bag(bag(bag(network).ports)[label]);
    const { hostIp, value, to } = bag(bag(given)[label]);
    const host = typeof value === "number" ? addressOf(hostIp, value) : `${number(asked.static) || ""}`;
    return { label, host, to: number(asked.to) || number(to) };
  });

/** Volumes and paths of the host that a task mounts; what is in its own directories is not drawn. */
function mountsOf({ mounts, mount, volumes, volumeDriver }: Bag): readonly GraphThing[] {
  const asMounts = [...list(mounts), ...list(mount)].flatMap((one): readonly GraphThing[] => {
    const { type = "volume", source } = bag(one);
    const name = shown(source);
    if (name === "") return [];
    if (type === "volume") return [{ kind: "volume", name }];
    return type === "bind" && isHostPath(name) ? [{ kind: "path", name }] : [];
  });
  const asTexts = list(volumes).flatMap((one): readonly GraphThing[] => {
    const name = typeof one === "string" ? tryReadVolume(one)?.source : undefined;
    if (name === undefined) return [];
    if (isHostPath(name)) return [{ kind: "path", name }];
    return volumeDriver === undefined || volumeDriver === "" ? [] : [{ kind: "volume", name }];
  });
  return [...asMounts, ...asTexts];
}

const networkOf = ({ networkMode }: Bag): readonly GraphThing[] => {
  const name = shown(networkMode);
  return name !== "" && networkKind(name) !== "default" ? [{ kind: "network", name }] : [];
};

const distinct = (all: readonly GraphThing[]): readonly GraphThing[] =>
  [...new Map(all.map((one) => [`${one.kind} ${one.name}`, one])).entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, one]) => one);

interface Told {
  readonly app: string;
  readonly engine: string;
  readonly change?: Change | undefined;
  readonly changed?: readonly string[];
  readonly hostPorts?: unknown;
}

/** @param options as a resource has them for inputs */
export function itemOf(place: unknown, options: Bag, { hostPorts, changed = [], ...told }: Told): Item {
  const { job, group, index, task } = bag(place);
  const { mode } = bag(options.network);
  const isTask = typeof task === "string";
  // Where tasks have networks of their own, they publish what they name; else the group has the ports.
  const labels = isTask
    ? publishedLabels(options as never).map(shown)
    : typeof mode === "string"
      ? Object.keys(bag(bag(options.network).ports))
      : [];
  return {
    ...told,
    ...{ job: shown(job), group: shown(group), index: number(index), changed: [...changed].sort() },
    task: isTask ? task : undefined,
    image: isTask ? imageText(shown(options.image)) : undefined,
    mode: typeof mode === "string" ? mode : undefined,
    ports: portsOf(labels, options.network, hostPorts),
    things: distinct([...mountsOf(options), ...networkOf(options)]),
  };
}

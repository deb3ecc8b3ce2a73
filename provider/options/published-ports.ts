/** Which ports of its allocation a task publishes, and as what. */
import type { AllocatedPort } from "../facts";

interface Published {
  readonly ports?: readonly string[] | undefined;
  readonly portMap?: Readonly<Record<string, number>> | undefined;
}

/** The labels in the order in which they were written, each once. */
export const publishedLabels = ({ ports = [], portMap = {} }: Published): readonly string[] => [
  ...new Set([...ports, ...Object.keys(portMap)]),
];

/** The port inside the container. */
export const containerPort = ({ portMap = {} }: Published, label: string, { to }: Pick<AllocatedPort, "to">): number =>
  portMap[label] ?? to;

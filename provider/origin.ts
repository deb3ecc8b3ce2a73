/**
 * From which state's runs a container is. Two stacks of one name have the same keys on an engine: of two backends, or one
 * after the other. So what a run makes bears an origin, which the resources of its state have too. See docs/adr/0017.
 */
import { randomUUID } from "node:crypto";

export const originLabel = "longshore.origin";

/** Those that the state has told of; what a run makes has the first of them. */
const learned = new Set<string>();
let madeUp: string | undefined;

/** A resource of the state tells it. */
export function learnOrigin(origin: unknown): void {
  if (typeof origin === "string") learned.add(origin);
}

/** A new one, where the state has told of none yet. */
export const ownOrigin = (): string => {
  const [first] = learned;
  return first ?? (madeUp ??= randomUUID());
};

/** Whether a run of this state made what bears it. What bears none is older than origins are. */
export const isOwnOrigin = (origin: string | undefined): boolean =>
  origin === undefined || learned.has(origin) || origin === madeUp;

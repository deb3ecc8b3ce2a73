/**
 * From which state's runs a container is. Two stacks of one name have the same keys on an engine: of two backends, or one
 * after the other. So what a run makes bears an origin, which the resources of its state have too. See docs/adr/0017.
 */
import { randomUUID } from "node:crypto";

export const originLabel = "longshore.origin";

let own: string | undefined;

/** A resource of the state tells it: what else this run makes has the same. */
export function learnOrigin(origin: unknown): void {
  if (typeof origin === "string") own ??= origin;
}

/** A new one, where the state has told of none yet. */
export const ownOrigin = (): string => (own ??= randomUUID());

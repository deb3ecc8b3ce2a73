/** What is not known yet, in a preview or before a program's outputs are there. */
import { at } from "./failure";

type Bag = Readonly<Record<string, unknown>>;

/** Whether the value at a path, or one above it, is not known yet. */
export const hidden = (value: unknown, path: readonly PropertyKey[], isUnknown: (value: unknown) => boolean) =>
  path.some((_, depth) => isUnknown(at(value, path.slice(0, depth)))) || isUnknown(at(value, path));

/** Whether a value, or any part of it, is not known yet. */
export const hasUnknown = (value: unknown, isUnknown: (value: unknown) => boolean): boolean =>
  isUnknown(value) ||
  (typeof value === "object" && value !== null && Object.values(value).some((part) => hasUnknown(part, isUnknown)));

class NotKnownYet extends Error {}

/** What is asked of values; undefined where the answer hangs on one that is not known yet. */
export const askKnown = <V extends Bag, T>(
  values: V,
  isUnknown: (value: unknown) => boolean,
  ask: (values: V) => T,
): T | undefined => {
  const get = (all: V, key: string) => {
    if (hasUnknown(all[key], isUnknown)) throw new NotKnownYet();
    return all[key];
  };
  try {
    return ask(new Proxy(values, { get: (all, key) => get(all, String(key)) }));
  } catch (error) {
    if (error instanceof NotKnownYet) return undefined;
    throw error;
  }
};

/** The types of longshore's resources in every state ever written: never change them. */
import type { Kind } from "./inputs";

const before = "pulumi-nodejs:dynamic/longshore:";

export const typeToken = <K extends Kind>(kind: K): `${typeof before}${K}` => `${before}${kind}`;

const kinds: ReadonlyMap<string, Kind> = new Map(
  (["Image", "Allocation", "Task"] as const).map((kind) => [typeToken(kind), kind]),
);

/** The kind that a resource's type names, or nothing for another's. */
export const kindOf = (type: string): Kind | undefined => kinds.get(type);

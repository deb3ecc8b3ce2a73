/** Resources that a program gives in an option, in place of the name of what they make. */
import { Resource } from "@pulumi/pulumi";
import { type Failure, pathText } from "../provider/options/folds";
import { nomadPath } from "../provider/options/names";
import { type Named, namedAt } from "../provider/options/named";
import type { AnyRows } from "../provider/options/option";
import { askedFor, described, nameOf, tryKindOf } from "./pulumi-docker";

type Path = readonly PropertyKey[];

/** Whether a value is a resource of Pulumi's, of whatever package. */
export const isResource = (value: unknown): value is Resource => Resource.isInstance(value);

const isPlain = (value: object) => [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);

/** A value with each resource in it replaced. What is known only later is not looked into. */
function replaced(value: unknown, path: Path, by: (resource: Resource, path: Path) => unknown): unknown {
  if (isResource(value)) return by(value, path);
  if (Array.isArray(value)) return value.map((part, index) => replaced(part, [...path, index], by));
  if (typeof value !== "object" || value === null || !isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replaced(part, [...path, key], by)]));
}

const takenAt = (rows: AnyRows, [key, ...path]: Path): readonly Named[] => {
  const row = rows[String(key)];
  return row ? namedAt(row.schema, path) : [];
};

/** Options in which each resource that may stand where it does is replaced by the name of what it makes. */
export const withNames = <T extends object>(rows: AnyRows, options: T): T =>
  replaced(options, [], (resource, path) => {
    const kind = tryKindOf(resource);
    return kind && takenAt(rows, path).includes(kind) ? nameOf(resource, kind) : resource;
  }) as T;

/** What to say of the resources that {@link withNames} has left where they are. */
export function strayResources(rows: AnyRows, options: object): readonly Failure[] {
  const failures: Failure[] = [];
  replaced(options, [], (resource, path) => {
    const property = pathText(path);
    const asked = takenAt(rows, path).map(askedFor);
    const takes =
      asked.length > 0 ? asked.join(", or ") : "no resource; give the output of it that is meant, for example its name";
    failures.push({ property, reason: `${nomadPath(rows, property)} is ${described(resource)}, and takes ${takes}` });
  });
  return failures;
}

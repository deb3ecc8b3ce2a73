/** What can be read off a schema: its JSON Schema, its type in words, its default, and the keys inside it. */
import * as z from "zod";
import { formOf } from "../../provider/options/names";

export type Json = Readonly<Record<string, unknown>>;

const isRequired = (schema: z.ZodType): boolean => !schema.safeParse(undefined).success;

/** The value that an option has when it is left out. */
export const defaultOf = (schema: z.ZodType): unknown => {
  const parsed = schema.safeParse(undefined);
  return parsed.success ? parsed.data : undefined;
};

/** zod's own JSON Schema of a schema without parts, less what says nothing. */
export function leafSchema(schema: z.ZodType): Json {
  const { $schema: _, default: __, ...leaf } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return Object.fromEntries(
    Object.entries(leaf).filter(
      ([key, value]) =>
        !(key === "maximum" && value === Number.MAX_SAFE_INTEGER) &&
        !(key === "minimum" && value === Number.MIN_SAFE_INTEGER),
    ),
  );
}

const numbers = ["minimum", "maximum", "minItems", "maxLength"] as const;
const boundsOf = (leaf: Json) =>
  Object.fromEntries(
    numbers.flatMap((name) => (typeof leaf[name] === "number" ? [[name, leaf[name]] as const] : [])),
  ) as Partial<Record<(typeof numbers)[number], number>>;

const bounds = (leaf: Json): string => {
  const { minimum, maximum, minItems, maxLength } = boundsOf(leaf);
  if (minimum !== undefined && maximum !== undefined) return `, ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `, at least ${minimum}`;
  if (maximum !== undefined) return `, at most ${maximum}`;
  if (maxLength !== undefined) return `, at most ${maxLength} long`;
  return minItems === undefined ? "" : `, at least ${minItems} long`;
};

const code = (value: unknown): string => `\`${JSON.stringify(value)}\``;

/** The type in words. */
export function typeText(schema: z.ZodType): string {
  const { shape, element, valueType, options } = formOf(schema);
  if (shape) return "object";
  if (element) return `list of ${plural(typeText(element))}`;
  if (valueType) return `map of ${plural(typeText(valueType))}`;
  if (options) return [...new Set(options.map(typeText))].join(" or ");
  const leaf = leafSchema(schema);
  const { title, type, enum: values, const: only, format } = leaf;
  if (typeof title === "string") return title;
  if (Array.isArray(values)) return values.map(code).join(" or ");
  if (only !== undefined) return code(only);
  if (type === "integer") return `whole number${bounds(leaf)}`;
  if (format === "ipv4" || format === "ipv6") return "IP address";
  return `${type === "string" ? "text" : String(type)}${bounds(leaf)}`;
}
const plural = (type: string) =>
  type.replace(
    /^(text|list|map|object|duration|whole number|IP address)/,
    (name) => `${name}${name.endsWith("s") ? "es" : "s"}`,
  );

/** A key inside an option. */
export interface Key {
  /** `gc.danglingContainers.period`; a list's elements are `[]`, a map's values `.*`. */
  readonly path: string;
  /** The path without those marks, by which its comment is known. */
  readonly comment: string;
  readonly schema: z.ZodType;
  readonly isRequired: boolean;
}

/** All keys inside an option, in their order. */
export function keysOf(schema: z.ZodType, path: string, comment = path): readonly Key[] {
  const { shape, element, valueType, options } = formOf(schema);
  if (element) return keysOf(element, `${path}[]`, comment);
  if (valueType) return keysOf(valueType, `${path}.*`, comment);
  if (options) return options.flatMap((option) => keysOf(option, path, comment));
  return Object.entries(shape ?? {}).flatMap(([key, inner]) => {
    const own = { path: `${path}.${key}`, comment: `${comment}.${key}`, schema: inner, isRequired: isRequired(inner) };
    return [own, ...keysOf(inner, own.path, own.comment)];
  });
}
export { isRequired };

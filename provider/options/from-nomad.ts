/** Values as Nomad's files hold them become a table's values. Over schemas; names no option. */
import type * as z from "zod";
import { durationOfNs } from "../duration";
import { type Failure, didYouMean, pathText } from "./folds";
import { type Form, formOf, nomadName } from "./names";

type Bag = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

/**
 * Where a value stands: in a file of the driver's own keys, in the API's form, where a length of time is a number, or
 * where keys are spelled as in a file or as in a program.
 */
export type Dialect = "config" | "api" | "either";

interface Context {
  readonly dialect: Dialect;
  readonly failures: Failure[];
}

export const isBag = (value: unknown): value is Bag =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** HCL's parsers write a block as a list of maps, one for each time it stands there. */
export const asBlock = (value: unknown): unknown =>
  Array.isArray(value) && value.length > 0 && value.every(isBag) ? (Object.assign({}, ...value) as Bag) : value;

const spoken: Readonly<Record<string, (value: unknown, dialect: Dialect) => readonly unknown[]>> = {
  string: (value, dialect) => {
    if (typeof value === "boolean") return [String(value)];
    return typeof value === "number" ? [String(value), ...(dialect === "api" ? [durationOfNs(value)] : [])] : [];
  },
  number: (value) => (typeof value === "string" && value.trim() !== "" ? [Number(value)] : []),
  boolean: (value) => {
    if (value === "true" || value === "1") return [true];
    return value === "false" || value === "0" ? [false] : [];
  },
};

/** A number or yes-or-no given as a text, and the other way round, where the schema takes it so. */
const asScalar = (schema: z.ZodType, { type }: Form, value: unknown, { dialect }: Context): unknown => {
  const candidates = spoken[type]?.(value, dialect) ?? [];
  return candidates.find((candidate) => schema.safeParse(candidate).success) ?? value;
};

/** The key of a table or shape that a file means by a name; or, for a message, the name that it may have meant. */
export const keyOf = (keys: readonly string[], name: string, dialect: Dialect) => {
  const spelled = (key: string) => (dialect === "either" && !name.includes("_") ? key : nomadName(key));
  const key = keys.find((one) => spelled(one) === name);
  return { key, hint: key === undefined ? didYouMean(name, keys.map(spelled)) : "" };
};

function asObject(shape: Readonly<Record<string, z.ZodType>>, value: Bag, path: Path, context: Context): Bag {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) => {
      if (part === null) return [];
      const { key, hint } = keyOf(Object.keys(shape), name, context.dialect);
      if (key !== undefined) return [[key, read(shape[key] as z.ZodType, part, [...path, name], context)]];
      context.failures.push({
        property: pathText([...path, name]),
        reason: `${pathText(path)} has no key "${name}"${hint}`,
      });
      return [];
    }),
  );
}

function read(schema: z.ZodType, value: unknown, path: Path, context: Context): unknown {
  const form = formOf(schema);
  const { shape, valueType, element, options } = form;
  const block = shape || valueType ? asBlock(value) : value;
  if (shape && isBag(block)) return asObject(shape, block, path, context);
  if (valueType && isBag(block))
    return Object.fromEntries(
      Object.entries(block).map(([key, part]) => [key, read(valueType, part, [...path, key], context)]),
    );
  // A block that may stand there more than once is a list; one that stands there once may be written without it.
  const list = element && formOf(element).shape && isBag(value) ? [value] : value;
  if (element && Array.isArray(list))
    return list.map((part: unknown, index) => read(element, part, [...path, index], context));
  const chosen = options?.find(
    (option) => option.safeParse(read(option, value, path, { ...context, failures: [] })).success,
  );
  return chosen ? read(chosen, value, path, context) : asScalar(schema, form, value, context);
}

/**
 * One option's value. What the schema refuses stays as it is, for the schema to say so; a key that the schema does not
 * have is a failure of its own, in the words of the file.
 */
export const fromNomad = (schema: z.ZodType, value: unknown, name: string, dialect: Dialect = "config") => {
  const failures: Failure[] = [];
  return { value: read(schema, value, [name], { dialect, failures }), failures };
};

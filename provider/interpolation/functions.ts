/** The functions of an expression: those that Nomad's driver has for its options. */
import { didYouMean } from "../options/did-you-mean";
import { type Value, TemplateError } from "./expression";

const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

export const kindOf = (value: Value): string => {
  if (value === null) return "null";
  if (isList(value)) return "a list";
  return (
    { string: "a text", number: "a number", boolean: "true or false", object: "a map" }[typeof value as string] ?? ""
  );
};

/** A number, or a text that is one. */
export const numberFrom = (value: Value, where: string): number => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw new TemplateError(`gives ${where} ${kindOf(value)} that is no number; give it a number`);
};

/** A text, or what has one. */
export const textFrom = (value: Value, where: string): string => {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new TemplateError(`gives ${where} ${kindOf(value)}, which is no text; use jsonencode() or name a part of it`);
};

const listFrom = (value: Value, where: string): readonly Value[] => {
  if (isList(value)) return value;
  throw new TemplateError(`gives ${where} ${kindOf(value)}, which is no list; write [a, b]`);
};

// What a reader sees as one letter counts as one.
const letters = (text: string): readonly string[] =>
  Array.from(new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text), ({ segment }) => segment);

const lengthOf = (value: Value): number => {
  if (isList(value)) return value.length;
  if (typeof value === "object" && value !== null) return Object.keys(value).length;
  throw new TemplateError(`gives length() ${kindOf(value)}; give it a list or a map, or use strlen()`);
};

const part = (text: string, offset: number, length: number): string => {
  const all = letters(text);
  const from = offset < 0 ? Math.max(0, all.length + offset) : offset;
  return all.slice(from, length < 0 ? undefined : from + length).join("");
};

const decoded = (text: string): Value => {
  try {
    return JSON.parse(text) as Value;
  } catch (error) {
    throw new TemplateError(`gives jsondecode() a text that is no JSON: ${(error as Error).message}`);
  }
};

/** Characters that HTML cares for are written out, as Go does it. */
const encoded = (value: Value): string =>
  JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);

interface Function {
  /** How many arguments; the second number is the most. */
  readonly takes: readonly [number, number];
  readonly call: (...args: readonly Value[]) => Value;
}

const one = [1, 1] as const;
const some = [1, Infinity] as const;
const numbers = (args: readonly Value[], name: string) => args.map((arg) => numberFrom(arg, name));

const functions: Readonly<Record<string, Function>> = {
  abs: { takes: one, call: (value) => Math.abs(numberFrom(value ?? null, "abs()")) },
  coalesce: {
    takes: some,
    call: (...args) => {
      const found = args.find((arg) => arg !== null && arg !== "");
      if (found !== undefined) return found;
      throw new TemplateError("gives coalesce() nothing but empty values; add one that is not");
    },
  },
  concat: { takes: some, call: (...args) => args.flatMap((arg) => listFrom(arg, "concat()")) },
  hasindex: {
    takes: [2, 2],
    call: (of = null, key = null) =>
      isList(of)
        ? typeof key === "number" && Number.isInteger(key) && key >= 0 && key < of.length
        : typeof of === "object" && of !== null && typeof key === "string" && Object.hasOwn(of, key),
  },
  int: { takes: one, call: (value = null) => Math.trunc(numberFrom(value, "int()")) },
  jsondecode: { takes: one, call: (value = null) => decoded(textFrom(value, "jsondecode()")) },
  jsonencode: { takes: one, call: (value = null) => encoded(value) },
  length: { takes: one, call: (value = null) => lengthOf(value) },
  lower: { takes: one, call: (value = null) => textFrom(value, "lower()").toLowerCase() },
  max: { takes: some, call: (...args) => Math.max(...numbers(args, "max()")) },
  min: { takes: some, call: (...args) => Math.min(...numbers(args, "min()")) },
  reverse: { takes: one, call: (value = null) => letters(textFrom(value, "reverse()")).toReversed().join("") },
  strlen: { takes: one, call: (value = null) => letters(textFrom(value, "strlen()")).length },
  substr: {
    takes: [3, 3],
    call: (text = null, offset = null, length = null) =>
      part(textFrom(text, "substr()"), numberFrom(offset, "substr()"), numberFrom(length, "substr()")),
  },
  upper: { takes: one, call: (value = null) => textFrom(value, "upper()").toUpperCase() },
};

export const functionNames = Object.keys(functions);

export function call(name: string, args: readonly Value[]): Value {
  const found = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!found)
    throw new TemplateError(`calls ${name}(), which is no function${didYouMean(name, functionNames, "functions")}`);
  const [least, most] = found.takes;
  if (args.length < least || args.length > most)
    throw new TemplateError(
      `gives ${name}() ${args.length} arguments; it takes ${most === Infinity ? `${least} or more` : least}`,
    );
  return found.call(...args);
}

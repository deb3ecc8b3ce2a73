/** What a table's options, and the keys inside them, are called in Nomad. By rule; no list of names. */
import type * as z from "zod";
import type { AnyRows } from "./option";

/** `memoryHardLimit` as an operator writes it: `memory_hard_limit`. */
export const nomadName = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The parts of a zod schema by which a table's form is known. */
export interface Form {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
}

/** The form of a schema, below its default and whether it may be left out. */
export const formOf = (schema: z.ZodType): Form => {
  const form = schema.def as Form;
  return form.innerType ? formOf(form.innerType) : form;
};

const inside = (schema: z.ZodType | undefined, rest: string): string => {
  if (!schema || rest === "") return rest;
  const { shape, element } = formOf(schema);
  const [, index, afterIndex = ""] = /^(\[\d+\])(.*)$/s.exec(rest) ?? [];
  if (element && index !== undefined) return index + inside(element, afterIndex);
  const [, key, afterKey = ""] = /^\.(\w+)(.*)$/s.exec(rest) ?? [];
  return shape && key !== undefined && key in shape ? `.${nomadName(key)}${inside(shape[key], afterKey)}` : rest;
};

/** `gc.imageDelay` as an operator writes it: `gc.image_delay`. Keys that a user chose (`env.HOME`) stay. */
export const nomadPath = (rows: AnyRows, property: string): string => {
  const [key = ""] = /^\w+/.exec(property) ?? [];
  const row = rows[key];
  return row ? nomadName(key) + inside(row.schema, property.slice(key.length)) : property;
};

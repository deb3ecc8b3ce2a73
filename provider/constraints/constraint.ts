/** What an engine has to be, for what runs on it. */
import * as z from "zod";
import { didYouMean } from "../options/did-you-mean";
import { distinct, operatorNames, operatorOf } from "./operators";

const reference = /^\$\{\s*((?:attr|node|meta)\.[^\s}]+)\s*\}$/;

/** The name that a side of a constraint is: `attr.cpu.arch` of `${attr.cpu.arch}`; undefined for a text. */
export const nameIn = (side: string): string | undefined => reference.exec(side)?.[1];

const side = z.string().refine((text) => !text.includes("${") || nameIn(text) !== undefined, {
  error: 'is no one name of an engine; write "${attr.…}", "${node.…}" or "${meta.…}", or a text',
});

interface Written {
  readonly attribute?: string | undefined;
  readonly operator: string;
  readonly value?: string | undefined;
}

/** What is wrong with the whole: the key that has it, and words that complete "`key` …". */
function wrongWith({ attribute, operator, value }: Written): readonly [keyof Written, string] | undefined {
  if (operator === "distinct_hosts")
    return value === undefined || ["true", "false"].includes(value)
      ? undefined
      : ["value", 'is neither "true" nor "false"; leave it out'];
  if (attribute === undefined || attribute === "")
    return ["attribute", `is missing; "${operator}" needs one, as in "\${attr.cpu.arch}"`];
  if (operator === "distinct_property")
    return value === undefined || /^[1-9]\d*$/.test(value)
      ? undefined
      : ["value", "is no whole number above 0; write how many allocations may share the property"];
  const known = operatorOf(operator);
  if (known?.takes !== "both") return undefined;
  if (value === undefined) return ["value", `is missing; "${operator}" needs one`];
  const refused = nameIn(value) === undefined ? known.refuses?.(value) : undefined;
  return refused === undefined ? undefined : ["value", refused];
}

export const constraintSchema = z
  .strictObject({
    /** What is looked at: `"${attr.cpu.arch}"`. A text without `${` stands for itself. */
    attribute: side.optional(),
    /** How the two are compared. */
    operator: z
      .string()
      .refine((word) => operatorNames.includes(word), {
        error: ({ input }) => `is no operator${didYouMean(String(input), operatorNames, "operators")}`,
      })
      .default("="),
    /** What it is compared with: a text, or another name of the engine. */
    value: side.optional(),
  })
  .superRefine((written, context) => {
    const wrong = operatorNames.includes(written.operator) ? wrongWith(written) : undefined;
    if (wrong) context.addIssue({ code: "custom", path: [wrong[0]], message: wrong[1] });
  });

export type Constraint = z.output<typeof constraintSchema>;

export const isDistinct = ({ operator }: Constraint): boolean => (distinct as readonly string[]).includes(operator);

/** Constraints of what is around a task, with where they stand. */
export interface OuterConstraint extends Constraint {
  /** `job "shop"`, `group "front"` */
  readonly of: string;
  /** Which one there, from 0. */
  readonly index: number;
}

/** What Nomad's API calls the keys. */
export const apiKeys = { attribute: "LTarget", operator: "Operand", value: "RTarget" } as const;

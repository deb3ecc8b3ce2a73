/** What stands between `${` and `}`: HCL's expressions, as far as a text of a task has use for them. */

/** What an expression means. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

export type BinaryOperator = "+" | "-" | "*" | "/" | "%" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "&&" | "||";

export type Expression =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "template"; readonly parts: readonly Part[] }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "member"; readonly of: Expression; readonly name: string }
  | { readonly kind: "index"; readonly of: Expression; readonly index: Expression }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: "unary"; readonly operator: "-" | "!"; readonly of: Expression }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: "conditional";
      readonly when: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    };

/** A text as it is, or an expression with how it was written. */
export type Part = string | { readonly expression: Expression; readonly source: string };

/** A text cannot be filled in; the words complete the sentence "`option` …". */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
  /** @param unquoted the same without any of the text, where the message has some of it */
  constructor(
    message: string,
    readonly unquoted = message,
  ) {
    super(message);
  }
}

/** What an expression means where names have a meaning. */
import { type BinaryOperator, type Expression, type Part, type Value, TemplateError } from "./expression";
import { call, kindOf, numberFrom, textFrom } from "./functions";
import { type Scope, engineFact, engineRoots, variable } from "./scope";

export function evaluate(expression: Expression, scope: Scope): Value {
  switch (expression.kind) {
    case "value":
      return expression.value;
    case "template":
      return textOf(expression.parts, scope);
    case "name":
      return nameOf(expression.name, scope);
    case "member":
    case "index":
      return stepOf(expression, scope);
    case "call":
      return call(
        expression.name,
        expression.args.map((arg) => evaluate(arg, scope)),
      );
    case "list":
      return expression.items.map((item) => evaluate(item, scope));
    case "map":
      return Object.fromEntries(
        expression.entries.map(([key, value]) => [textFrom(evaluate(key, scope), "a key"), evaluate(value, scope)]),
      );
    case "unary": {
      const value = evaluate(expression.of, scope);
      return expression.operator === "!" ? !truth(value) : -numberFrom(value, '"-"');
    }
    case "binary":
      return binary(expression.operator, expression.left, expression.right, scope);
    case "conditional":
      return evaluate(truth(evaluate(expression.when, scope)) ? expression.then : expression.otherwise, scope);
  }
}

/** The parts as one text. */
export const textOf = (parts: readonly Part[], scope: Scope): string =>
  parts
    .map((part) =>
      typeof part === "string" ? part : textFrom(evaluate(part.expression, scope), `the place of ${part.source}`),
    )
    .join("");

const nameOf = (name: string, scope: Scope): Value => {
  if (name !== "env" && !engineRoots.includes(name)) return variable(scope, name);
  throw new TemplateError(`names ${name} as a whole; name one of its values, as in ${name}["KEY"]`);
};

/** `attr.driver.docker.version` is one name: its dots are part of it. */
const engineName = (expression: Expression, scope: Scope): string | undefined => {
  if (expression.kind === "name") return engineRoots.includes(expression.name) ? expression.name : undefined;
  if (expression.kind !== "member" && expression.kind !== "index") return undefined;
  const before = engineName(expression.of, scope);
  if (before === undefined) return undefined;
  const last = expression.kind === "member" ? expression.name : textFrom(evaluate(expression.index, scope), "a key");
  return `${before}.${last}`;
};

const stepOf = (expression: Extract<Expression, { kind: "member" | "index" }>, scope: Scope): Value => {
  const name = engineName(expression, scope);
  if (name !== undefined) return engineFact(scope, name);
  const key = expression.kind === "member" ? expression.name : evaluate(expression.index, scope);
  if (expression.of.kind === "name" && expression.of.name === "env") return variable(scope, textFrom(key, "env[…]"));
  return partOf(evaluate(expression.of, scope), key);
};

const partOf = (of: Value, key: Value): Value => {
  if (typeof of !== "object" || of === null)
    throw new TemplateError(`asks ${kindOf(of)} for a part of it; only lists and maps have parts`);
  const found = (Array.isArray(of) ? of[numberFrom(key, "an index")] : of[textFrom(key, "a key") as never]) as
    Value | undefined;
  if (found !== undefined) return found;
  throw new TemplateError(`asks for the part ${JSON.stringify(key)}, which is not there`);
};

const truth = (value: Value): boolean => {
  if (typeof value === "boolean") return value;
  if (value === "true" || value === "false") return value === "true";
  throw new TemplateError(`takes ${kindOf(value)} for a condition; it must be true or false`);
};

/** A text and a number are equal when they are written alike. */
const alike = (left: Value, right: Value): boolean => comparable(left) === comparable(right);
const comparable = (value: Value) =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);

const arithmetic: Partial<Record<BinaryOperator, (left: number, right: number) => Value>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "%": (left, right) => left % right,
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
};

function binary(operator: BinaryOperator, leftOf: Expression, rightOf: Expression, scope: Scope): Value {
  const left = evaluate(leftOf, scope);
  if (operator === "&&") return truth(left) && truth(evaluate(rightOf, scope));
  if (operator === "||") return truth(left) || truth(evaluate(rightOf, scope));
  const right = evaluate(rightOf, scope);
  if (operator === "==") return alike(left, right);
  if (operator === "!=") return !alike(left, right);
  const where = `"${operator}"`;
  const [a, b] = [numberFrom(left, where), numberFrom(right, where)];
  if (b === 0 && (operator === "/" || operator === "%"))
    throw new TemplateError("divides by zero; give another number");
  return arithmetic[operator]?.(a, b) ?? null;
}

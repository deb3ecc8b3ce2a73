/** Reads texts with `${…}`: HCL's templates without their directives. */
import { type BinaryOperator, type Expression, type Part, TemplateError } from "./expression";

const identifier = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;
const memberName = /[\p{ID_Continue}-]+/uy;
const number = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const space = /\s+/y;
const directive = /%\{~?\s*(?:if|else|endif|for|endfor)\b/y;

/** From the loosest to the tightest. */
const operators: readonly (readonly BinaryOperator[])[] = [
  ["||"],
  ["&&"],
  ["==", "!="],
  ["<=", ">=", "<", ">"],
  ["+", "-"],
  ["*", "/", "%"],
];

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

const escapeHint = "; write $${ where the text is to hold ${ as it is";

const shortened = (text: string) => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

/** A place in a text, moved on by what is read there. */
class Reader {
  at = 0;
  constructor(readonly text: string) {}

  get isAtEnd() {
    return this.at >= this.text.length;
  }

  isAt(form: RegExp): boolean {
    form.lastIndex = this.at;
    return form.test(this.text);
  }

  take(form: RegExp): string | undefined {
    form.lastIndex = this.at;
    const found = form.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  takeText(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** A sign of an expression, which space may go before. */
  takeSign(sign: string): boolean {
    const before = this.at;
    this.take(space);
    if (this.takeText(sign)) return true;
    this.at = before;
    return false;
  }

  expect(sign: string): void {
    if (!this.takeSign(sign)) this.fail(`lacks a "${sign}"`);
  }

  fail(what: string): never {
    const rest = shortened(this.text.slice(this.at));
    const where = rest === "" ? "at its end" : `before "${rest}"`;
    throw new TemplateError(
      `holds "${shortened(this.text)}", which ${what} ${where}${escapeHint}`,
      `holds a \${…} that ${what}${escapeHint}`,
    );
  }
}

/** The parts of a text. */
export function parseTemplate(text: string): readonly Part[] {
  const reader = new Reader(text);
  return templateParts(
    reader,
    () => reader.isAtEnd,
    () => reader.text[reader.at++] ?? "",
  );
}

/** The parts of a text in which what is no expression is text. */
export function parseLoosely(text: string): readonly Part[] {
  const reader = new Reader(text);
  const parts: Part[] = [];
  while (!reader.isAtEnd) {
    const from = reader.at;
    if (reader.takeText("$${")) parts.push("${");
    else parts.push(tryPlaceholder(reader) ?? reader.text.slice(from, (reader.at = nextDollar(text, from))));
  }
  return parts;
}

const nextDollar = (text: string, from: number) => {
  const next = text.indexOf("$", from + 1);
  return next < 0 ? text.length : next;
};

function tryPlaceholder(reader: Reader): Part | undefined {
  const from = reader.at;
  try {
    return placeholderFrom(reader);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    reader.at = from;
    return undefined;
  }
}

function placeholderFrom(reader: Reader): Part | undefined {
  const from = reader.at;
  if (!reader.takeText("${")) return undefined;
  const expression = expressionFrom(reader);
  reader.expect("}");
  return { expression, source: reader.text.slice(from, reader.at) };
}

function templateParts(reader: Reader, isEnd: () => boolean, takeCharacter: () => string): readonly Part[] {
  const parts: Part[] = [];
  let plain = "";
  const add = (part: Part) => {
    if (plain !== "") parts.push(plain);
    plain = "";
    parts.push(part);
  };
  while (!isEnd()) {
    if (reader.isAtEnd) reader.fail('lacks a closing "');
    if (reader.takeText("$${")) plain += "${";
    else if (reader.takeText("%%{")) plain += "%{";
    else if (reader.isAt(directive))
      reader.fail("has a directive, which is not evaluated here (write ${a ? b : c} for a choice, %%{ for a text),");
    else {
      const placeholder = placeholderFrom(reader);
      if (placeholder === undefined) plain += takeCharacter();
      else add(placeholder);
    }
  }
  if (plain !== "") parts.push(plain);
  return parts;
}

function expressionFrom(reader: Reader): Expression {
  const when = binaryFrom(reader, 0);
  if (!reader.takeSign("?")) return when;
  const then = expressionFrom(reader);
  reader.expect(":");
  return { kind: "conditional", when, then, otherwise: expressionFrom(reader) };
}

function binaryFrom(reader: Reader, level: number): Expression {
  const signs = operators[level];
  if (!signs) return unaryFrom(reader);
  let left = binaryFrom(reader, level + 1);
  for (;;) {
    const operator = signs.find((sign) => reader.takeSign(sign));
    if (operator === undefined) return left;
    left = { kind: "binary", operator, left, right: binaryFrom(reader, level + 1) };
  }
}

function unaryFrom(reader: Reader): Expression {
  if (reader.takeSign("!")) return { kind: "unary", operator: "!", of: unaryFrom(reader) };
  if (reader.takeSign("-")) return { kind: "unary", operator: "-", of: unaryFrom(reader) };
  return traversalFrom(reader);
}

function traversalFrom(reader: Reader): Expression {
  let expression = primaryFrom(reader);
  for (;;) {
    if (reader.takeSign(".")) {
      const name = reader.take(memberName) ?? reader.fail("lacks a name");
      expression = { kind: "member", of: expression, name };
    } else if (reader.takeSign("[")) {
      const index = expressionFrom(reader);
      reader.expect("]");
      expression = { kind: "index", of: expression, index };
    } else return expression;
  }
}

const keywords: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

function primaryFrom(reader: Reader): Expression {
  if (reader.takeSign("(")) {
    const inner = expressionFrom(reader);
    reader.expect(")");
    return inner;
  }
  if (reader.takeSign("[")) return { kind: "list", items: listFrom(reader, "]", expressionFrom) };
  if (reader.takeSign("{")) return { kind: "map", entries: listFrom(reader, "}", entryFrom) };
  if (reader.takeSign('"')) return quotedFrom(reader);
  reader.take(space);
  const digits = reader.take(number);
  if (digits !== undefined) return { kind: "value", value: Number(digits) };
  const name = reader.take(identifier) ?? reader.fail("lacks a name or a value");
  if (reader.takeSign("(")) return { kind: "call", name, args: listFrom(reader, ")", expressionFrom) };
  return Object.hasOwn(keywords, name) ? { kind: "value", value: keywords[name] ?? null } : { kind: "name", name };
}

function listFrom<T>(reader: Reader, end: string, item: (reader: Reader) => T): readonly T[] {
  const items: T[] = [];
  while (!reader.takeSign(end)) {
    items.push(item(reader));
    if (reader.takeSign(",")) continue;
    reader.expect(end);
    break;
  }
  return items;
}

/** A bare name is a key's text; any other key is an expression, in parentheses or quotes. */
function entryFrom(reader: Reader): readonly [Expression, Expression] {
  reader.take(space);
  const bare = reader.take(identifier);
  const key: Expression = bare === undefined ? primaryFrom(reader) : { kind: "value", value: bare };
  if (!reader.takeSign("=")) reader.expect(":");
  return [key, expressionFrom(reader)];
}

function quotedFrom(reader: Reader): Expression {
  const character = (): string => {
    const one = reader.text[reader.at++] ?? "";
    if (one !== "\\") return one;
    const escaped = reader.text[reader.at++] ?? "";
    if (Object.hasOwn(escapes, escaped)) return escapes[escaped] ?? "";
    reader.at -= 2;
    return reader.fail("holds an unknown escape");
  };
  return { kind: "template", parts: templateParts(reader, () => reader.takeText('"'), character) };
}

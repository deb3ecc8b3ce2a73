/** Values as TypeScript, laid out as prettier does at 120 columns. */
import { visible } from "../../provider/visible";

const width = 120;

/** Text of a program that stands where a value does. */
export class Code {
  constructor(readonly text: string) {}
}

/** One property of an object. */
export interface Property {
  readonly key: string;
  readonly value: unknown;
  /** What is to be said above it. */
  readonly comments?: readonly string[];
}

/** An object whose properties may have comments. */
export class Properties {
  constructor(readonly all: readonly Property[]) {}
}

const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

/** A text, in the quotes that need fewer escapes. What is unseen is written out; `${…}` means nothing here. */
export function quoted(text: string): string {
  const count = (quote: string) => text.split(quote).length;
  const quote = count('"') > count("'") ? "'" : '"';
  const inside = text.replace(/[\n\r\t\\"']/g, (one) => (one === quote ? `\\${one}` : (escapes[one] ?? one)));
  // What has no other half cannot stand in a file.
  const whole = inside.replace(/\p{Surrogate}/gu, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
  return `${quote}${visible(whole)}${quote}`;
}

const keyText = (key: string): string => {
  // As a plain or quoted name it would be the object's prototype.
  if (key === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key);
};

const propertiesOf = (value: object): readonly Property[] =>
  value instanceof Properties
    ? value.all
    : Object.entries(value)
        .filter(([, part]) => part !== undefined)
        .map(([key, part]) => ({ key, value: part as unknown }));

const hasComment = (value: unknown): boolean => {
  if (typeof value !== "object" || value === null || value instanceof Code) return false;
  if (Array.isArray(value)) return value.some(hasComment);
  return propertiesOf(value).some(({ comments = [], value: part }) => comments.length > 0 || hasComment(part));
};

const isBigObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !(value instanceof Code) && propertiesOf(value).length > 1;

/** Whether prettier gives each element a line, even where all would fit on one. */
const isBroken = (value: unknown): boolean => {
  if (Array.isArray(value)) {
    const isTable = value.length > 1 && (value.every(Array.isArray) || !value.some(Array.isArray));
    return (isTable && value.every(isBigObject)) || value.some(isBroken);
  }
  if (typeof value !== "object" || value === null || value instanceof Code) return false;
  return propertiesOf(value).some(({ value: part }) => isBroken(part));
};

/** On one line. */
export function flat(value: unknown): string {
  if (value instanceof Code) return value.text;
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(flat).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const all = propertiesOf(value).map(({ key, value: part }) => `${keyText(key)}: ${flat(part)}`);
  return all.length > 0 ? `{ ${all.join(", ")} }` : "{}";
}

/** As many words to a line as fit. */
export function comment(text: string, indent: string): string {
  const start = `${indent}//`;
  const lines: string[] = [];
  let line = start;
  for (const word of text.split(/\s+/).map(visible)) {
    if (line !== start && `${line} ${word}`.length > width) {
      lines.push(line);
      line = start;
    }
    line += ` ${word}`;
  }
  return [...lines, line].map((one) => `${one}\n`).join("");
}

/** Whether a value may stand on one line that has so much before and after it. */
const fits = (value: unknown, before: number, after: number): boolean =>
  !hasComment(value) && !isBroken(value) && before + flat(value).length + after <= width;

function property({ key, value, comments = [] }: Property, indent: string): string {
  const said = comments.map((text) => comment(text, indent)).join("");
  const name = keyText(key);
  const start = `${indent}${name}: `;
  const isLong = typeof value === "string" && !fits(value, start.length, 1) && name.length >= 5;
  return (
    said +
    (isLong
      ? `${indent}${name}:\n${indent}  ${flat(value)},\n`
      : `${start}${expression(value, start.length, indent)},\n`)
  );
}

/**
 * @param column where it begins
 * @param indent of the line on which it begins
 */
export function expression(value: unknown, column: number, indent: string, after = 1): string {
  const isLeaf = typeof value !== "object" || value === null || value instanceof Code;
  if (isLeaf || fits(value, column, after)) return flat(value);
  const deeper = `${indent}  `;
  if (!Array.isArray(value))
    return `{\n${propertiesOf(value)
      .map((one) => property(one, deeper))
      .join("")}${indent}}`;
  const elements = (value as readonly unknown[]).map((one) => expression(one, deeper.length, deeper));
  if (!value.every((one) => typeof one === "number"))
    return `[\n${elements.map((one) => `${deeper}${one},\n`).join("")}${indent}]`;
  // Numbers stand as many to a line as fit.
  const lines = elements.reduce<string[]>((all, one) => {
    const last = all.at(-1);
    return last !== undefined && `${deeper}${last} ${one},`.length <= width
      ? [...all.slice(0, -1), `${last} ${one},`]
      : [...all, `${one},`];
  }, []);
  return `[\n${lines.map((line) => `${deeper}${line}\n`).join("")}${indent}]`;
}

/** A call that is a statement; its last argument may be an object, which then goes on over lines. */
export function statement(head: string, args: readonly unknown[], options: Properties): string {
  const all = options.all.length > 0 ? [...args, options] : args;
  const line = `${head}(${all.map(flat).join(", ")});`;
  if (line.length <= width && all.every((one) => fits(one, 0, 0))) return `${line}\n`;
  const start = `${head}(${args.map(flat).join(", ")}, `;
  if (options.all.length > 0 && start.length + 1 <= width) return `${start}${expression(options, Infinity, "")});\n`;
  return `${head}(\n${all.map((one) => `  ${expression(one, 2, "  ")},\n`).join("")});\n`;
}

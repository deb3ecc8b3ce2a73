/** docs/policy.md: what is written there, with the table of the rules as they are. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { AnyRule } from "../../policy/rule";
import { rules } from "../../policy/rules";

const page = join(__dirname, "../../docs/policy.md");
const [begin, end] = ["<!-- rules: npm run docs -->", "<!-- /rules -->"];

interface Property {
  readonly type: string;
  readonly description?: string;
  readonly default?: unknown;
}

const configText = ({ config }: AnyRule): string => {
  const { properties = {} } = z.toJSONSchema(config as z.ZodObject, { io: "input" }) as {
    properties?: Readonly<Record<string, Property>>;
  };
  return Object.entries(properties)
    .map(([key, { description = "", default: usual }]) => {
      const says =
        usual === undefined || JSON.stringify(usual) === "[]" ? "" : ` Default: \`${JSON.stringify(usual)}\`.`;
      return `\`${key}\`: ${description}${says}`;
    })
    .join(" ");
};

const rows: readonly (readonly string[])[] = [
  ["Rule", "Level", "Refuses", "Config"],
  ...Object.entries<AnyRule>(rules).map(([name, rule]) => [`\`${name}\``, rule.level, rule.refuses, configText(rule)]),
];

/** As prettier writes one. */
function table(): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...rest] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rest.map(line)].join("\n");
}

export function policy(): string {
  const text = readFileSync(page, "utf8");
  const [before, after] = [text.split(begin)[0], text.split(end)[1]];
  if (before === undefined || after === undefined) throw new Error(`docs/policy.md has no ${begin} … ${end}`);
  return `${before}${begin}\n\n${table()}\n\n${end}${after}`;
}

/** The reference page. */
import { interpolatedOf } from "../../provider/options/folds";
import type { AnyRow, Change, Interpolated } from "../../provider/options/option";
import { formOf, nomadName, nomadPath } from "../../provider/options/names";
import { type Key, defaultOf, isRequired, keysOf, typeText } from "./forms";
import { apiName, inNomad } from "./json-schema";
import type { Table, TableName } from "./tables";

const head = `# Reference

<!-- Written by \`npm run docs\` from the option tables in provider/options/; a change goes there. -->

Every option by the name a program gives it and, beside it, the one it has in Nomad's files. Lengths of time are
texts, a number and a unit: \`"90s"\`, \`"1m30s"\`, \`"2h"\`. A value may be an output of another resource.

What a change of an option costs:

| | |
| - | - |
| **in place** | the engine gives it to the live container |
| **replace** | a new container takes the place of the old one |
| **record** | no container is touched; the next pull, stop or wait goes by it |

The same in a machine's words: [schema/job.schema.json](schema/job.schema.json), [schema/plugin.schema.json](schema/plugin.schema.json).
`;

const titles: Readonly<Record<TableName, readonly [title: string, use: string]>> = {
  plugin: ["Plugin", 'An engine and its operator\'s limits: `new Plugin(app, "engine", { … })`.'],
  job: ["Job", '`new Job(app, "shop", { … })`'],
  group: ["Task group", '`new TaskGroup(job, "front", { … })`'],
  task: ["Task", '`new Task(group, "echo", { … })`'],
};

const costs: Readonly<Record<Change, string>> = { "in-place": "in place", replace: "replace", record: "record" };

const cell = (text: string) => text.replace(/\|/g, "\\|");
const code = (text: string) => `\`${text}\``;

/** A value as a program writes it. */
const written = (value: unknown): string =>
  typeof value !== "object" || value === null
    ? JSON.stringify(value)
    : Array.isArray(value)
      ? `[${value.map(written).join(", ")}]`
      : Object.keys(value).length === 0
        ? "{}"
        : `{ ${Object.entries(value)
            .map(([key, part]) => `${/^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key)}: ${written(part)}`)
            .join(", ")} }`;

const whenLeftOut = (schema: Key["schema"]): string => {
  if (isRequired(schema)) return "required";
  const value = defaultOf(schema);
  return value === undefined || keysOf(schema, "").length > 0 ? "" : code(written(value));
};

const inFiles = ({ name }: Table, key: string, row: AnyRow): string => {
  if (name === "job" || name === "group") return code(apiName(key, row));
  if (row.stanza === "none") return "no name in Nomad's files";
  if (row.stanza === "task") return `${code(apiName(key, row))} of the task`;
  if (row.stanza === "resources") return `${code(apiName(key, row))} of the task's resources`;
  return code(nomadName(key));
};

const fillings: Readonly<Record<Interpolated, readonly string[]>> = {
  early: ["`${…}` in it is filled in when the program runs, and names what is known then."],
  late: ["`${…}` in it is filled in when the container is made."],
  loosely: ["`${…}` in it is filled in when the container is made; what may be the shell's stays as it is."],
  never: [],
};

/** Whether its value has texts of the author's own. */
const hasTexts = ({ schema }: AnyRow): boolean => {
  const { type, element, valueType, shape, options } = formOf(schema);
  const inner = [element, valueType, ...Object.values(shape ?? {}), ...(options ?? [])];
  return type === "string" || inner.some((part) => part !== undefined && hasTexts({ schema: part } as AnyRow));
};

const sentences = (table: Table, key: string, row: AnyRow): readonly string[] => {
  const silent = row.withoutEffect === true ? [key] : (row.withoutEffect ?? []).map((path) => `${key}.${path}`);
  const { legacy = {} } = row;
  return [
    ...(row.deprecated === undefined ? [] : [`**Deprecated:** ${row.deprecated}.`]),
    ...(silent.length > 0 ? [`**Without effect in this version:** ${silent.map(code).join(", ")}.`] : []),
    ...(row.alias === undefined ? [] : [`Nomad's files may call it ${code(row.alias)} too.`]),
    ...(row.os === undefined ? [] : [`For ${row.os === "linux" ? "Linux" : "Windows"} engines only.`]),
    ...(table.name === "task" && hasTexts(row) ? fillings[interpolatedOf(row)] : []),
    ...(row.inherit ? ["Takes what the plugin gives."] : []),
    ...(row.policy ? ["Checked against the other options, the engine, and the operator's limits."] : []),
    ...(row.exclusive
      ? ["One container of an engine has it for itself alone: the old one goes before the new one comes."]
      : []),
    ...(row.secret || row.unprinted ? ["Never printed."] : []),
    ...Object.entries(legacy).map(
      ([name, path]) =>
        `Nomad's old ${code(name)} is ${code(nomadPath(table.rows, [key, path].filter(Boolean).join(".")))}.`,
    ),
  ];
};

const keysTable = (table: Table, key: string, row: AnyRow): readonly string[] => {
  const keys = keysOf(row.schema, key);
  if (keys.length === 0) return [];
  return [
    "| key | type | default | |",
    "| - | - | - | - |",
    ...keys.map(
      ({ path, comment, schema }) =>
        `| ${[code(path), cell(typeText(schema)), cell(whenLeftOut(schema)), cell(table.comments.get(comment) ?? "")].join(" | ")} |`,
    ),
    "",
  ];
};

function option(table: Table, key: string, row: AnyRow, level: string): readonly string[] {
  const left = whenLeftOut(row.schema);
  const facts = [
    inFiles(table, key, row),
    typeText(row.schema),
    ...(left === "required" ? ["required"] : left === "" ? [] : [`default ${left}`]),
    ...(table.name === "plugin" ? [] : [`**${costs[row.change]}**`]),
  ];
  const [example] = row.examples as readonly unknown[];
  const inNomads = JSON.stringify({ [nomadName(key)]: inNomad(row.schema, example) });
  const isOfDriver = table.name === "plugin" || (table.name === "task" && (row.stanza ?? "config") === "config");
  const differs = isOfDriver && inNomads !== JSON.stringify({ [key]: example });
  return [
    `${level} ${key}`,
    "",
    facts.join(" · "),
    "",
    table.comments.get(key) ?? "",
    "",
    ...keysTable(table, key, row),
    ...sentences(table, key, row).flatMap((sentence) => [sentence, ""]),
    "```ts",
    `${key}: ${written(example)}${differs ? ` // ${inNomads}` : ""}`,
    "```",
    "",
  ];
}

const overview = (table: Table): readonly string[] => [
  `| option | type | default |${table.name === "plugin" ? "" : " change |"}`,
  `| - | - | - |${table.name === "plugin" ? "" : " - |"}`,
  ...Object.entries(table.rows).map(([key, row]) => {
    const cells = [`[${code(key)}](#${anchor(table, key)})`, cell(typeText(row.schema)), cell(whenLeftOut(row.schema))];
    return `| ${[...cells, ...(table.name === "plugin" ? [] : [costs[row.change]])].join(" | ")} |`;
  }),
  "",
];

/** What GitHub makes of a heading; of two alike, the later gets a number. */
const seen = new Map<string, number>();
const anchors = new Map<string, string>();
const anchor = ({ name }: Table, key: string): string => {
  const id = `${name}.${key}`;
  const known = anchors.get(id);
  if (known !== undefined) return known;
  const slug = key.toLowerCase();
  const count = seen.get(slug) ?? 0;
  seen.set(slug, count + 1);
  const made = count === 0 ? slug : `${slug}-${count}`;
  anchors.set(id, made);
  return made;
};

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** What a construct is given besides. */
const besides = ({ rows, hovers }: Table): readonly string[] => {
  const others = [...hovers].filter(([path]) => !((path.split(".")[0] ?? path) in rows));
  return others.length === 0 ? [] : ["Besides:", "", ...others.map(([name, text]) => `- ${code(name)}: ${text}`), ""];
};

function section(table: Table): readonly string[] {
  const [title, use] = titles[table.name];
  const entries = Object.entries(table.rows);
  const groups = Map.groupBy(entries, ([key]) => table.groups.get(key) ?? "");
  const parts =
    groups.size === 1
      ? entries.flatMap(([key, row]) => option(table, key, row, "###"))
      : [...groups].flatMap(([group, rows]) => [
          `### ${capital(group)} options`,
          "",
          ...rows.flatMap(([key, row]) => option(table, key, row, "####")),
        ]);
  return [`## ${title}`, "", use, "", ...overview(table), ...besides(table), ...parts];
}

export const reference = (tables: Readonly<Record<TableName, Table>>): string =>
  [head, ...[tables.plugin, tables.job, tables.group, tables.task].flatMap(section)].join("\n");

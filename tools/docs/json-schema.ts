/** The JSON Schema of a job file and of a plugin file, in Nomad's own names. */
import type * as z from "zod";
import { rowsIn } from "../../constructs/jobspec/fields";
import { apiKeys } from "../../provider/constraints/constraint";
import { operatorNames } from "../../provider/constraints/operators";
import { formOf, nomadName } from "../../provider/options/names";
import type { AnyRow, AnyRows } from "../../provider/options/option";
import { type Json, defaultOf, isRequired, leafSchema } from "./forms";
import type { Table, TableName } from "./tables";

/** How values are written: in the driver's own keys, or in Nomad's API. */
type Dialect = "config" | "api";

/** HCL's parsers write a block as a list of maps. */
const block = (schema: Json): Json => ({ anyOf: [schema, { type: "array", minItems: 1, items: schema }] });

/** A number or yes-or-no may be a text, and the other way round. */
function scalar(schema: z.ZodType, dialect: Dialect): Json {
  const leaf = leafSchema(schema);
  const { type, title, pattern, format, enum: values, const: only } = leaf;
  if (type === "boolean")
    return { ...leaf, type: ["boolean", "string"], enum: [true, false, "true", "false", "1", "0"] };
  if (type === "integer" || type === "number")
    return { ...leaf, type: [type, "string"], pattern: "^\\s*-?[0-9]+\\s*$" };
  const isDuration = typeof title === "string";
  if (isDuration) return dialect === "api" ? { ...leaf, type: ["string", "integer"] } : leaf;
  const isFree = [pattern, format, values, only].every((part) => part === undefined);
  return type === "string" && isFree ? { ...leaf, type: ["string", "number", "boolean"] } : leaf;
}

/** Shapes by name, each written once. */
type Defs = Record<string, Json>;

class Converter {
  readonly defs: Defs = {};
  constructor(
    private readonly table: Table,
    private readonly dialect: Dialect = "config",
  ) {}

  /** @param path where it is: `gc.danglingContainers` */
  schema(schema: z.ZodType, path: string): Json {
    const { shape, element, valueType, options } = formOf(schema);
    if (options) return { anyOf: options.map((option) => this.schema(option, path)) };
    if (element) {
      const items = this.schema(element, path);
      return formOf(element).shape ? items : { type: "array", items };
    }
    if (valueType) {
      const { propertyNames } = leafSchema(schema);
      return block({
        type: "object",
        ...(propertyNames !== undefined && { propertyNames }),
        additionalProperties: this.schema(valueType, path),
      });
    }
    return shape ? this.shape(shape, path) : scalar(schema, this.dialect);
  }

  /** What a program may not write either: keys that the schema does not have. */
  private shape(shape: Readonly<Record<string, z.ZodType>>, path: string): Json {
    const name = `${this.table.name}.${path.split(".").map(nomadName).join(".")}`;
    const required = Object.keys(shape).filter((key) => isRequired(shape[key] as z.ZodType));
    this.defs[name] = {
      type: "object",
      properties: Object.fromEntries(
        Object.entries(shape).map(([key, inner]) => [nomadName(key), this.described(inner, `${path}.${key}`)]),
      ),
      ...(required.length > 0 && { required: required.map(nomadName) }),
      additionalProperties: false,
    };
    return block({ $ref: `#/$defs/${name}` });
  }

  private described(schema: z.ZodType, path: string): Json {
    const description = this.table.comments.get(path);
    const value = defaultOf(schema);
    return {
      ...(description && { description }),
      ...this.schema(schema, path),
      ...(value !== undefined && { default: inNomad(schema, value) }),
    };
  }

  row(key: string, row: AnyRow): Json {
    return {
      ...this.described(row.schema, key),
      ...(row.deprecated !== undefined && { deprecated: true }),
      examples: row.examples.map((example: unknown) => inNomad(row.schema, example)),
    };
  }

  rows(rows: AnyRows, nameOf: (key: string, row: AnyRow) => string): Json {
    return Object.fromEntries(
      Object.entries(rows).flatMap(([key, row]) =>
        [nameOf(key, row), ...(row.alias === undefined ? [] : [row.alias])].map((name) => [name, this.row(key, row)]),
      ),
    );
  }
}

/** A value with its keys as an operator writes them. */
export function inNomad(schema: z.ZodType, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { shape, element, valueType, options } = formOf(schema);
  const chosen = options?.find((option) => option.safeParse(value).success);
  if (chosen) return inNomad(chosen, value);
  if (Array.isArray(value)) return element ? value.map((part: unknown) => inNomad(element, part)) : value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      const inner = shape?.[key] ?? valueType;
      return [shape ? nomadName(key) : key, inner ? inNomad(inner, part) : part];
    }),
  );
}

/** By which an editor knows the schema of a file. */
const link: Json = { type: "string" };
const draft = "https://json-schema.org/draft/2020-12/schema";
const configName = (key: string) => nomadName(key);

/** What Nomad's API calls an option: `killTimeout` is `KillTimeout`. */
export const apiName = (key: string, { field }: AnyRow): string => field ?? key.charAt(0).toUpperCase() + key.slice(1);

/** In the API a field that nobody set is null, empty or zero. */
const orUnset = (properties: Json, unset: readonly unknown[]): Json =>
  Object.fromEntries(
    Object.entries(properties as Readonly<Record<string, Json>>).map(([name, { description, examples, ...schema }]) => [
      name,
      { ...(description !== undefined && { description }), anyOf: [schema, { enum: unset }], examples },
    ]),
  );

/** Blocks have a form of their own in the API; it is told apart, and not by the table. */
const plainRows = (rows: AnyRows): AnyRows =>
  Object.fromEntries(Object.entries(rows).filter(([, { schema }]) => !isBlock(schema)));

const isBlock = (schema: z.ZodType): boolean => {
  const { shape, element } = formOf(schema);
  return shape !== undefined || (element !== undefined && isBlock(element));
};

const listOf = (items: Json): Json => ({ type: ["array", "null"], items });

const texts = listOf({ type: "string" });

/** What a group's `Networks` and a task's say, in the API's own form. */
function networks({ comments }: Table): Defs {
  const said = (path: string): Json => ({ description: comments.get(`network.${path}`) ?? "" });
  const port: Json = {
    type: "object",
    properties: {
      Label: { type: "string", minLength: 1 },
      Value: { description: "The port on the host, of a reserved one.", type: ["integer", "null"] },
      To: {
        description: "The port inside the container. The same as on the host when 0 or -1.",
        type: ["integer", "null"],
      },
      HostNetwork: { description: 'The host\'s address to publish on, or "default".', type: ["string", "null"] },
    },
    required: ["Label"],
  };
  const ports: Json = { DynamicPorts: listOf(port), ReservedPorts: listOf(port) };
  return {
    network: {
      type: "object",
      properties: {
        Mode: {
          description:
            "`bridge`: the tasks share one network of their own, in which they meet on localhost; all ports are published. " +
            "`none`: they share one that leads nowhere. `host` or nothing: each has a network to itself.",
          enum: ["bridge", "none", "host", "", null],
        },
        ...ports,
        DNS: {
          ...said("dns"),
          type: ["object", "null"],
          properties: {
            Servers: { ...said("dns.servers"), ...texts },
            Searches: { ...said("dns.searches"), ...texts },
            Options: { ...said("dns.options"), ...texts },
          },
        },
      },
    },
    task_network: { type: "object", deprecated: true, properties: ports },
  };
}

export function jobSchema({ job, group, task }: Readonly<Record<TableName, Table>>): Json {
  const [ofJob, ofGroup, config, ofTask] = [
    new Converter(job, "api"),
    new Converter(group, "api"),
    new Converter(task),
    new Converter(task, "api"),
  ];
  const open = { type: ["object", "null"] };
  const text = { type: ["string", "null"] };
  const constraints = {
    Constraints: listOf({
      type: "object",
      properties: {
        [apiKeys.attribute]: text,
        [apiKeys.operator]: { enum: [...operatorNames, "", null] },
        [apiKeys.value]: text,
      },
      additionalProperties: false,
    }),
  };
  const required = Object.entries(rowsIn(task.rows, "config")).filter(([, { schema }]) => isRequired(schema));
  const defs: Defs = {
    job: {
      type: "object",
      properties: {
        ID: { type: "string", minLength: 1, pattern: "^[^/]+$" },
        ...orUnset(ofJob.rows(plainRows(job.rows), apiName), [null, ""]),
        ...constraints,
        TaskGroups: { type: "array", minItems: 1, items: { $ref: "#/$defs/group" } },
      },
      required: ["ID", "TaskGroups"],
    },
    group: {
      type: "object",
      properties: {
        Name: { type: "string", minLength: 1, pattern: "^[^/]+$" },
        ...orUnset(ofGroup.rows(plainRows(group.rows), apiName), [null]),
        ...constraints,
        Networks: listOf({ $ref: "#/$defs/network" }),
        RestartPolicy: open,
        Tasks: { type: "array", minItems: 1, items: { $ref: "#/$defs/task" } },
      },
      required: ["Name", "Tasks"],
    },
    task: {
      type: "object",
      properties: {
        Name: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]*$" },
        Driver: { const: "docker" },
        Config: block({ $ref: "#/$defs/config" }),
        ...orUnset(ofTask.rows(rowsIn(task.rows, "task"), apiName), [null, "", 0]),
        Resources: {
          type: ["object", "null"],
          properties: {
            ...orUnset(ofTask.rows(rowsIn(task.rows, "resources"), apiName), [null]),
            Networks: listOf({ $ref: "#/$defs/task_network" }),
          },
        },
        ...constraints,
        RestartPolicy: open,
      },
      required: ["Name", "Driver", "Config"],
    },
    config: {
      description: "The options of the driver.",
      type: "object",
      properties: config.rows(rowsIn(task.rows, "config"), configName),
      required: required.map(([key]) => nomadName(key)),
      additionalProperties: false,
    },
  };
  return {
    $schema: draft,
    title: "A job for longshore, in the form of Nomad's API",
    type: "object",
    if: { required: ["Job"] },
    then: { properties: { $schema: link, Job: { $ref: "#/$defs/job" } } },
    else: { $ref: "#/$defs/job" },
    $defs: { ...defs, ...networks(group), ...ofJob.defs, ...ofGroup.defs, ...ofTask.defs, ...config.defs },
  };
}

/** The same properties, written elsewhere. */
const refs = (name: string, properties: Json): Json =>
  Object.fromEntries(Object.keys(properties).map((key) => [key, { $ref: `#/$defs/${name}/properties/${key}` }]));

export function pluginSchema({ plugin }: Readonly<Record<TableName, Table>>): Json {
  const converter = new Converter(plugin);
  const properties = converter.rows(plugin.rows, configName);
  const legacy: Json = Object.fromEntries(
    Object.entries(plugin.rows).flatMap(([key, row]) =>
      Object.entries(row.legacy ?? {}).map(([name, path]) => {
        const successor = [key, ...path.split(".").filter(Boolean)];
        return [
          name,
          {
            description:
              `Use ${successor.map(nomadName).join(".")}. ${plugin.comments.get(successor.join(".")) ?? ""}`.trim(),
            deprecated: true,
            type: ["string", "boolean"],
          },
        ];
      }),
    ),
  );
  const config = { $ref: "#/$defs/config" };
  const wrapped = (name: string, inner: Json): Json => block({ type: "object", properties: { [name]: inner } });
  return {
    $schema: draft,
    title: "The options of a plugin for longshore, in the form of Nomad's",
    type: "object",
    if: { anyOf: [{ required: ["plugin"] }, { required: ["client"] }] },
    then: {
      description: "A Nomad agent's file.",
      properties: {
        plugin: wrapped("docker", wrapped("config", block(config))),
        client: wrapped("options", block({ $ref: "#/$defs/client_options" })),
      },
    },
    else: {
      if: { anyOf: [{ required: ["docker"] }, { required: ["config"] }] },
      then: {
        properties: { $schema: link, docker: wrapped("config", block(config)), config: block(config) },
        additionalProperties: false,
      },
      else: {
        properties: { $schema: link, ...refs("config", properties), ...refs("client_options", legacy) },
        additionalProperties: false,
      },
    },
    $defs: {
      config: { type: "object", properties, additionalProperties: false },
      client_options: {
        type: "object",
        properties: legacy,
        patternProperties: { "^(?!docker\\.)": true },
        additionalProperties: false,
      },
      ...converter.defs,
    },
  };
}

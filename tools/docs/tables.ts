/** The tables of the documentation, with their comments. */
import { taskOptions } from "../../provider/options";
import { groupOptions, jobOptions } from "../../provider/options/job";
import type { AnyRows } from "../../provider/options/option";
import { pluginOptions } from "../../provider/options/plugin";
import { type DocumentedTable, documented } from "./comments";

const sources = {
  plugin: {
    table: { file: "provider/options/plugin.ts", name: "pluginOptions" },
    props: { file: "provider/options/plugin.ts", name: "PluginOptions" },
  },
  job: {
    table: { file: "provider/options/job.ts", name: "jobOptions" },
    props: { file: "constructs/job.ts", name: "JobProps" },
  },
  group: {
    table: { file: "provider/options/job.ts", name: "groupOptions" },
    props: { file: "constructs/task-group.ts", name: "TaskGroupProps" },
  },
  task: {
    table: { file: "provider/options/index.ts", name: "taskOptions" },
    props: { file: "constructs/task.ts", name: "TaskProps" },
  },
} as const;

export type TableName = keyof typeof sources;

const rows: Readonly<Record<TableName, AnyRows>> = {
  plugin: pluginOptions,
  job: jobOptions,
  group: groupOptions,
  task: taskOptions,
};

export interface Table extends DocumentedTable {
  readonly name: TableName;
  readonly rows: AnyRows;
}

export const tables = (): Readonly<Record<TableName, Table>> => {
  const documents = documented(sources);
  const tableOf = (name: TableName): Table => ({ name, rows: rows[name], ...documents[name] });
  return { plugin: tableOf("plugin"), job: tableOf("job"), group: tableOf("group"), task: tableOf("task") };
};

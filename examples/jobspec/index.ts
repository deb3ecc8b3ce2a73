import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Config } from "@pulumi/pulumi";
import { App, Task, fromJobspec, pluginFromJson } from "longshore";

const config = new Config();
const read = (file: string): unknown => JSON.parse(readFileSync(resolve(import.meta.dirname, file), "utf8"));

const app = new App("jobspec");
const plugin = config.get("plugin");
const job = fromJobspec(app, read(config.require("job")), {
  plugin: plugin === undefined ? undefined : pluginFromJson(app, "engine", read(plugin)),
});
app.synth();

const tasks = job.node.findAll().filter((construct) => construct instanceof Task);

/** The containers of each task. */
export const containers = Object.fromEntries(tasks.map((task) => [task.node.path, task.containerIds]));

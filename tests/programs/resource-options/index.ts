/** A task under the resource options that options.json names. */
import { readFileSync } from "node:fs";
import { ComponentResource } from "@pulumi/pulumi";
import { App, Job, Task, TaskGroup } from "longshore";

interface Options {
  /** Of all resources. */
  readonly all?: object;
  /** All of them go with another resource. */
  readonly goesWithHost?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly tasks?: readonly string[];
  readonly app?: string;
  readonly was?: string;
}

const {
  all,
  goesWithHost,
  env,
  tasks = ["web"],
  app: name = "app",
  was,
} = JSON.parse(readFileSync("options.json", "utf8")) as Options;
const host = new ComponentResource("tests:index:Host", "host");
const app = new App(name, {
  ...all,
  ...(goesWithHost && { deletedWith: host }),
  ...(was !== undefined && { aliases: [{ name: was }] }),
});
const group = (id: string) => new TaskGroup(new Job(app, id), "group");
for (const id of tasks) new Task(group(id), id, { image: "longshore/pause:3.1", ...(env && { env }) });
app.synth();

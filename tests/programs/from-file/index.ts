/**
 * Runs what tests write into tree.json; values { "$secret": x } and { "$output": x } become secrets and outputs, and
 * { "$later": x } an output that a preview does not know.
 */
import { readFileSync } from "node:fs";
import { output, runtime, secret, unknown } from "@pulumi/pulumi";
import { App, Job, Plugin, Task, TaskGroup } from "longshore";

interface Tree {
  readonly plugin?: object;
  readonly job?: object;
  readonly groups: Record<string, { readonly group?: object; readonly tasks: Record<string, object> }>;
}

const revive = (_: string, value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value;
  if ("$secret" in value) return secret(value.$secret);
  if ("$output" in value) return output(Promise.resolve(value.$output));
  if ("$later" in value) return output<unknown>(runtime.isDryRun() ? unknown : value.$later);
  return value;
};

const tree = JSON.parse(readFileSync("tree.json", "utf8"), revive) as Tree;
const app = new App("app");
if (tree.plugin) new Plugin(app, "engine", tree.plugin);
const job = new Job(app, "job", tree.job);
for (const [name, { group, tasks }] of Object.entries(tree.groups)) {
  const made = new TaskGroup(job, name, group);
  for (const [task, options] of Object.entries(tasks)) new Task(made, task, options as never);
}
app.synth();

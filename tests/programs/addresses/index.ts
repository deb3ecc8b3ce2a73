/** Runs the groups that tests write into program.json, and tells by which addresses their tasks are reached. */
import { readFileSync } from "node:fs";
import { App, type AddressMode, Job, Plugin, Task, TaskGroup } from "longshore";

interface Program {
  readonly plugin: object;
  /** Each with a port `web`. */
  readonly groups: Record<string, { readonly group: object; readonly tasks: Record<string, object> }>;
}

const { plugin, groups } = JSON.parse(readFileSync("program.json", "utf8")) as Program;
const app = new App("app");
new Plugin(app, "engine", plugin);
const job = new Job(app, "job");
const all = Object.entries(groups).flatMap(([name, { group, tasks }]) => {
  const made = new TaskGroup(job, name, group);
  return Object.entries(tasks).map(([task, options]) => [task, new Task(made, task, options as never)] as const);
});
app.synth();

const modes: readonly AddressMode[] = ["host", "driver", "auto"];
export const reached = Object.fromEntries(
  all.map(([name, task]) => [
    name,
    {
      ...Object.fromEntries(modes.map((mode) => [mode, task.address("web", { mode })])),
      plain: task.address("web"),
      ip: task.ip(),
      networks: task.networks(),
    },
  ]),
);

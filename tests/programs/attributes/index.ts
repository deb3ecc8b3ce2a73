/** A program that reads what is known of its engine. */
import { App, Job, Task, TaskGroup } from "longshore";

const app = new App("app");
const arch = app.attributes.apply((all) => all["attr.cpu.arch"] ?? "?");
const group = new TaskGroup(new Job(app, "job"), "group");
new Task(group, "task", {
  image: "longshore/busybox:1.35",
  command: "sleep",
  args: ["3000"],
  killSignal: "SIGKILL",
  labels: { arch },
});
app.synth();

export const attributes = app.attributes;

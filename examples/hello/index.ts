import { App, Job, Task, TaskGroup } from "longshore";
import { interpolate } from "@pulumi/pulumi";

const app = new App("hello");
const web = new Job(app, "web");
const server = new TaskGroup(web, "server", { network: { ports: { http: { to: 8080 } } } });
const echo = new Task(server, "echo", {
  image: "longshore/echo:1",
  env: { GREETING: "hello from longshore" },
  memory: 64,
  ports: ["http"],
});
app.synth();

/** Where the service answers. */
export const url = interpolate`http://${echo.address("http")}`;

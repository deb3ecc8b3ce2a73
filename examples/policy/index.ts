import { Config, interpolate } from "@pulumi/pulumi";
import { App, Job, Task, TaskGroup } from "longshore";

const app = new App("policy");
const server = new TaskGroup(new Job(app, "web"), "server", { network: { ports: { http: { to: 8080 } } } });
const echo = new Task(server, "echo", {
  image: "longshore/echo:1",
  user: "1000",
  memory: 64,
  pidsLimit: 100,
  ports: ["http"],
  env: {
    GREETING: "hello from longshore",
    API_TOKEN: new Config().requireSecret("apiToken"),
  },
});
app.synth();

/** Where the service answers. */
export const url = interpolate`http://${echo.address("http")}`;

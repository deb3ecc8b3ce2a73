import { interpolate } from "@pulumi/pulumi";
import { App, Job, Task, TaskGroup } from "longshore";

const app = new App("shop");
const group = new TaskGroup(new Job(app, "web"), "server", { network: { ports: { http: { to: 5678 } } } });
const echo = new Task(group, "echo", { image: "longshore/busybox:1.35", command: "true", memory: 64, ports: ["http"] });
app.synth();
export const url = interpolate`http://${echo.address("http")}`;

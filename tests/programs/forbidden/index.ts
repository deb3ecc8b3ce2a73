/** All that the operator's gates let through, and a policy does not. */
import { App, Job, Plugin, Task, TaskGroup } from "longshore";
import { secret } from "@pulumi/pulumi";

const app = new App("forbidden");
const open = new Plugin(app, "open", {
  allowPrivileged: true,
  allowCaps: ["ALL"],
  volumes: { enabled: true },
  hostAddress: "0.0.0.0",
});
const group = new TaskGroup(new Job(app, "web", { plugin: open }), "server", {
  network: { ports: { http: { to: 8080 } } },
});
new Task(group, "echo", {
  image: "longshore/echo:1",
  privileged: true,
  pidMode: "host",
  capAdd: ["NET_ADMIN"],
  volumes: ["/etc:/host-etc:ro"],
  mount: [{ type: "bind", source: secret("/hidden/place"), target: "/hidden" }],
  devices: [{ hostPath: "/dev/null" }],
  ports: ["http"],
  env: { DB_PASSWORD: "hunter2 in plain", API_TOKEN: secret("tok-in-secret") },
});
app.synth();

import { interpolate } from "@pulumi/pulumi";
import { App, Job, Task, TaskGroup } from "longshore";

const app = new App("group");
const site = new Job(app, "site");
const pages = new TaskGroup(site, "pages", { network: { ports: { http: { to: 8080 } } } });

// Writes a page into the directory that both tasks see at /alloc.
new Task(pages, "writer", {
  image: "longshore/busybox:1.35",
  command: "/bin/sh",
  args: ["-c", "while :; do date > /alloc/data/index.html; sleep 1; done"],
  memory: 32,
  killTimeout: "1s",
});

const server = new Task(pages, "server", {
  image: "longshore/busybox:1.35",
  command: "/bin/httpd",
  args: ["-f", "-p", "8080", "-h", "/alloc/data"],
  memory: 32,
  killTimeout: "1s",
  ports: ["http"],
});
app.synth();

/** The page that the writer keeps new. */
export const url = interpolate`http://${server.address("http")}`;

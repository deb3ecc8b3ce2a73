/** What a program may write of Pulumi's docker packages. Nothing runs here: that it compiles is the test. */
import * as docker from "@pulumi/docker";
import * as dockerBuild from "@pulumi/docker-build";
import { output } from "@pulumi/pulumi";
import { App, Job, Plugin, Task, TaskGroup } from "longshore";

const app = new App("shop");
const group = new TaskGroup(new Job(app, "web"), "server");
const network = new docker.Network("backend");
const volume = new docker.Volume("data");
const provider = new docker.Provider("remote", { host: "ssh://deploy@build-host" });

new Plugin(app, "engine", { endpoint: provider, infraImage: new docker.RemoteImage("pause", { name: "pause:3" }) });
new Plugin(app, "same", { endpoint: provider.host.apply((host) => host ?? "") });
// @ts-expect-error an engine is no volume
new Plugin(app, "wrong", { endpoint: volume });

new Task(group, "pulled", { image: new docker.RemoteImage("echo", { name: "longshore/echo:1" }) });
new Task(group, "built", { image: new docker.Image("echo", { imageName: "longshore/echo:1" }) });
new Task(group, "with-buildkit", { image: new dockerBuild.Image("echo", { push: false }) });
new Task(group, "plain", { image: "longshore/echo:1" });
new Task(group, "later", { image: output("longshore/echo:1"), env: { NETWORK: network.name } });
// @ts-expect-error an image is no network
new Task(group, "wrong", { image: network });
// @ts-expect-error a variable is a text
new Task(group, "stray", { image: "longshore/echo:1", env: { DATA: volume } });
// @ts-expect-error a command is a text
new Task(group, "command", { image: "longshore/echo:1", command: network });

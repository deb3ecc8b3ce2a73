import { readFileSync } from "node:fs";
import { App, Job, Task, TaskGroup } from "longshore";

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly [string, ...string[]];
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly killSignal: string;
  readonly killTimeoutSeconds: number;
}

const spec = JSON.parse(readFileSync("spec.json", "utf8")) as { readonly containers: readonly Container[] };
const app = new App("bench");
const job = new Job(app, "job");
for (const { name, image, command, labels, env, memoryMb, killSignal, killTimeoutSeconds } of spec.containers) {
  const [program, ...args] = command;
  new Task(new TaskGroup(job, name), name, {
    image,
    command: program,
    args,
    labels,
    env,
    memory: memoryMb,
    killSignal,
    killTimeout: `${killTimeoutSeconds}s`,
  });
}
app.synth();

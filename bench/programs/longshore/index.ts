import { readFileSync } from "node:fs";
import { App, Job, Plugin, Task, TaskGroup } from "longshore";

interface Container {
  readonly group: string;
  readonly name: string;
  readonly image: string;
  readonly command: readonly [string, ...string[]];
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly killSignal: string;
  readonly killTimeoutSeconds: number;
  readonly networkMode?: string;
}

interface Spec {
  readonly containers: readonly Container[];
  /** Whether images stay on the engine when their tasks have gone. */
  readonly keepsImages?: boolean;
}

const spec = JSON.parse(readFileSync("spec.json", "utf8")) as Spec;
const app = new App("bench");
if (spec.keepsImages) new Plugin(app, "engine", { gc: { image: false } });
const job = new Job(app, "job");
for (const [name, containers] of Map.groupBy(spec.containers, ({ group }) => group)) {
  const group = new TaskGroup(job, name);
  for (const {
    name,
    image,
    command,
    labels,
    env,
    memoryMb,
    killSignal,
    killTimeoutSeconds,
    networkMode,
  } of containers) {
    const [program, ...args] = command;
    new Task(group, name, {
      image,
      command: program,
      args,
      labels,
      env,
      memory: memoryMb,
      killSignal,
      killTimeout: `${killTimeoutSeconds}s`,
      ...(networkMode !== undefined && { networkMode }),
    });
  }
}
app.synth();

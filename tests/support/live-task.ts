/** One task on the real engine, through the provider's handlers and without Pulumi: to see what its container can do. */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { connectionOf } from "../../provider/connection";
import type { ContainerInfo } from "../../provider/engine/types";
import { taskHandler } from "../../provider/handlers/task";
import type { TaskInputs, TaskOutputs } from "../../provider/inputs";
import type { NetworkSpec } from "../../provider/options/job";

export interface Ended {
  readonly code: number;
  /** Both streams, without the white space at the ends. */
  readonly out: string;
}

export interface LiveTask {
  readonly id: string;
  readonly outs: TaskOutputs;
  info(): Promise<ContainerInfo>;
  /** Runs a program in the container, as its user. */
  exec(...argv: readonly string[]): Promise<Ended>;
  /** The same through the container's shell. */
  sh(script: string): Promise<Ended>;
  /** The same as root. */
  asRoot(script: string): Promise<Ended>;
  /** Stops and removes it with all that was made for it. */
  remove(): Promise<void>;
}

type Bag = Readonly<Record<string, unknown>>;

export interface Surroundings {
  readonly plugin?: Bag;
  readonly network?: NetworkSpec;
  /** @default "task" */
  readonly name?: string;
  /** What happens between the preview and the start. */
  readonly afterCheck?: () => Promise<unknown>;
  /** The allocation it shares with others, and what of it any of them mounts. */
  readonly allocation?: { readonly id: string; readonly sharedDirs?: readonly string[] };
}

const made = new Set<LiveTask>();

/** What `check` says of a task: each failure as `option: reason`. */
export class Refused extends Error {
  override readonly name = "Refused";
}

const run = (argv: readonly string[]) =>
  new Promise<Ended>((resolve) => {
    const [program = "", ...args] = argv;
    execFile(program, args, { timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, out: `${stdout}${stderr}`.trim() }),
    );
  });

/** Runs a script in a container of the default engine that is no task. */
export const inContainer = (id: string, script: string): Promise<Ended> =>
  run(["docker", "exec", id, "/bin/sh", "-c", script]);

/** Starts a task of `longshore/busybox:1.35` that sleeps, unless the options say otherwise. */
export async function startTask(
  options: Bag = {},
  { plugin = {}, network, name = "task", allocation, afterCheck }: Surroundings = {},
): Promise<LiveTask> {
  const key = `live-${randomUUID().slice(0, 8)}/test/job/group[0]/${name}`;
  const image = "longshore/busybox:1.35";
  const common = { image, command: "sleep", args: ["3000"], killSignal: "SIGKILL", ...options };
  const { Id: imageId } = await connectionOf(plugin).engine.inspectImage(common.image);
  const news = {
    kind: "Task",
    key,
    plugin,
    place: { job: "job", group: "group", index: 0, task: name },
    imageId,
    ...(network && { network }),
    ...(allocation && { allocation: allocation.id, sharedDirs: allocation.sharedDirs }),
    ...common,
  } as unknown as TaskInputs;
  const { inputs, failures } = await taskHandler.check({}, news);
  if (failures.length > 0)
    throw new Refused(failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"));
  await afterCheck?.();
  const { id, outs } = await taskHandler.create(inputs);
  const { engine } = connectionOf(plugin);
  const host = ["-H", engine.endpoint.url];
  const task: LiveTask = {
    id,
    outs,
    info: () => engine.inspectContainer(id),
    exec: (...argv) => run(["docker", ...host, "exec", id, ...argv]),
    sh: (script) => run(["docker", ...host, "exec", id, "/bin/sh", "-c", script]),
    asRoot: (script) => run(["docker", ...host, "exec", "-u", "0", id, "/bin/sh", "-c", script]),
    async remove() {
      made.delete(task);
      await taskHandler.delete(id, outs);
    },
  };
  made.add(task);
  return task;
}

/** For `afterEach`: removes the tasks that a test did not. */
export const removeTasks = (): Promise<unknown> => Promise.all([...made].map((task) => task.remove()));

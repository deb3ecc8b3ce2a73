/** What runs: each container of a task with its state, ports and age. */
import type { Engine } from "../provider/engine/engine";
import type { ContainerInfo } from "../provider/engine/types";
import { portsOf } from "../provider/ownership";
import { addressesOf } from "../provider/ports";
import { type Scope, type TaskContainer, containersOn, isUp } from "./containers";
import type { TaskName } from "./task-name";

/** A container of a task, as it is now. */
export interface TaskStatus extends TaskName {
  /** The container's id. */
  readonly container: string;
  /** The container's name. */
  readonly containerName: string;
  readonly image: string;
  readonly imageId: string;
  readonly state: ContainerInfo["State"]["Status"];
  /** Where the container has a healthcheck. */
  readonly health?: "starting" | "healthy" | "unhealthy";
  /** Of a container that has ended. */
  readonly exitCode?: number;
  /** Whether it was ended for want of memory. */
  readonly oomKilled: boolean;
  /** How often the engine has started it again. */
  readonly restarts: number;
  /** By label, the address on the engine's host. */
  readonly ports: Readonly<Record<string, string>>;
  readonly createdAt: string;
  /** Left out where it never did. */
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

export interface PsOptions extends Scope {
  /** Containers that do not run, and those that hold the network of an allocation, too. */
  readonly all?: boolean | undefined;
}

/** Docker's time for "never". */
const isMoment = (time: string | undefined): time is string => time !== undefined && !time.startsWith("0001-");

/** Of the ports of its allocation those that lead to it: that it publishes, or, in a network that is not its own, all. */
function portsTo(one: TaskContainer, { HostConfig, NetworkSettings }: ContainerInfo): TaskStatus["ports"] {
  const mode = HostConfig.NetworkMode ?? "default";
  if (mode === "none" || !isUp(one)) return {};
  const published = Object.values(NetworkSettings.Ports ?? {}).flatMap((bindings) =>
    (bindings ?? []).map(({ HostPort }) => Number(HostPort)),
  );
  const isForeign = mode === "host" || mode.startsWith("container:");
  const ports = portsOf(one.row);
  const labels = Object.entries(ports).flatMap(([label, { value }]) =>
    isForeign || published.includes(value) ? [label] : [],
  );
  return addressesOf(ports, labels);
}

function statusOf(one: TaskContainer, info: ContainerInfo): TaskStatus {
  const { project, stack, app, name, kind } = one;
  const { Status, Health, ExitCode, OOMKilled, StartedAt, FinishedAt } = info.State;
  const hasEnded = Status === "exited" || Status === "dead" || Status === "restarting";
  return {
    ...{ project, stack, app, name, kind },
    container: info.Id,
    containerName: info.Name.replace(/^\//, ""),
    image: info.Config.Image,
    imageId: info.Image,
    state: Status,
    ...(Health && Health.Status !== "none" && { health: Health.Status }),
    ...(hasEnded && { exitCode: ExitCode }),
    oomKilled: OOMKilled,
    restarts: info.RestartCount,
    ports: portsTo(one, info),
    createdAt: info.Created,
    ...(isMoment(StartedAt) && { startedAt: StartedAt }),
    ...(isMoment(FinishedAt) && hasEnded && { finishedAt: FinishedAt }),
  };
}

export async function ps(engine: Engine, { all = false, ...scope }: PsOptions = {}): Promise<readonly TaskStatus[]> {
  const containers = await containersOn(engine, scope);
  const wanted = containers.filter((one) => all || (one.kind === "task" && isUp(one)));
  const looked = wanted.map(async (one) => {
    // One that is gone meanwhile is not told of.
    const info = await engine.tryInspectContainer(one.row.Id);
    return info ? [statusOf(one, info)] : [];
  });
  return (await Promise.all(looked)).flat();
}

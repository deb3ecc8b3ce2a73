/** A task, as the engine is asked for it. Pure: the same in `longshore render` and in the provider. */
import type { CreateRequest } from "./engine/types";
import { environment } from "./environment";
import type { Facts } from "./facts";
import { withLabel, writeVolume } from "./options/volume-text";
import { type TaskSpec, taskOptions } from "./options";
import { toEngine } from "./options/folds";

/** The label by which the allocation of a container is known. */
export const allocLabel = "longshore.alloc_id";

/** A task name is part of the container's name, where a slash cannot stand. */
export const containerName = ({ place, allocation }: Facts): string =>
  `${place.task.replace(/\//g, "_")}-${allocation.id}`;

/** The directories that every task has mounted. */
export const mountedDirs = ["alloc", "local", "secrets"] as const;

const standardBinds = ({ selinuxlabel }: TaskSpec, { dirs }: Facts): readonly string[] =>
  mountedDirs.map((dir) => writeVolume({ source: dirs[dir], target: `/${dir}`, mode: withLabel([], selinuxlabel) }));

/** The body of `POST /containers/create`. */
export function createRequest(spec: TaskSpec, facts: Facts): CreateRequest {
  const told = toEngine(taskOptions, spec, facts);
  const { Binds = [], ...host } = told.HostConfig ?? {};
  return {
    ...told,
    Env: Object.entries(environment(spec, facts)).map(([name, value]) => `${name}=${value}`),
    Labels: { ...told.Labels, [allocLabel]: facts.allocation.id },
    HostConfig: {
      Binds: [...standardBinds(spec, facts), ...Binds],
      ConsoleSize: [0, 0],
      // Engines on cgroup v2, and those of Windows, know no swappiness; some of their runtimes fail on it.
      ...(facts.engine.cgroupVersion !== 2 && facts.engine.os !== "windows" && { MemorySwappiness: 0 }),
      ...host,
    },
  };
}

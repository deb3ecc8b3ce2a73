/** A task, as the engine is asked for it. Pure: the same in `longshore render` and in the provider. */
import type { CreateRequest } from "./engine/types";
import { environment } from "./environment";
import type { AllocationDirs, Facts } from "./facts";
import { type TaskSpec, taskOptions } from "./options";
import { toEngine } from "./options/folds";

/** The label by which the allocation of a container is known. */
export const allocLabel = "longshore.alloc_id";

/** A task name is part of the container's name, where a slash cannot stand. */
export const containerName = ({ place, allocation }: Facts): string =>
  `${place.task.replace(/\//g, "_")}-${allocation.id}`;

/** The body of `POST /containers/create`. */
export function createRequest(spec: TaskSpec, facts: Facts, dirs: AllocationDirs): CreateRequest {
  const told = toEngine(taskOptions, spec, facts);
  return {
    ...told,
    Env: Object.entries(environment(spec, facts)).map(([name, value]) => `${name}=${value}`),
    Labels: { ...told.Labels, [allocLabel]: facts.allocation.id },
    HostConfig: {
      Binds: [`${dirs.alloc}:/alloc`, `${dirs.local}:/local`, `${dirs.secrets}:/secrets`],
      NetworkMode: "default",
      ConsoleSize: [0, 0],
      // Engines on cgroup v2 know no swappiness; some of their runtimes fail on it.
      ...(facts.engine.cgroupVersion !== 2 && { MemorySwappiness: 0 }),
      ...told.HostConfig,
    },
  };
}

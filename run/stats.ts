/** What tasks use of their machine. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../provider/engine/engine";
import type { StatsSample } from "../provider/engine/types";
import { isEngineError } from "../provider/errors";
import type { TaskContainer } from "./containers";

/** What a container uses, as the engine counts it. */
export interface Usage {
  /** Of one core: 150 is one and a half. */
  readonly cpuPercent: number;
  readonly memoryBytes: number;
  /** Of the container, or of the machine. */
  readonly memoryLimitBytes: number;
  /** Since it started, of all that share its network. Left out where that is the host's, or none. */
  readonly network?: { readonly receivedBytes: number; readonly sentBytes: number };
  /** Since it started. */
  readonly blocks: { readonly readBytes: number; readonly writtenBytes: number };
  readonly pids: number;
}

const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);

function cpuPercent({ cpu_stats: now, precpu_stats: before }: StatsSample): number {
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const passed = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  const cores = now.online_cpus || now.cpu_usage.percpu_usage?.length || 1;
  // The first sample of a stream has none before it.
  if (before.system_cpu_usage === undefined || passed <= 0 || used <= 0) return 0;
  return (used / passed) * cores * 100;
}

/** Without the files that the system keeps in memory as long as nobody needs it: as the docker command counts. */
function memoryOf({ usage = 0, stats = {} }: StatsSample["memory_stats"]): number {
  // cgroup v1 has both names, and the one with total_ counts all below the container.
  const idle = stats.total_inactive_file ?? stats.inactive_file ?? 0;
  return idle < usage ? usage - idle : usage;
}

/** What a sample says; undefined of a container that does not run. Pure. */
export function usageOf(sample: StatsSample): Usage | undefined {
  const { memory_stats, networks, blkio_stats, pids_stats } = sample;
  if (memory_stats.usage === undefined) return undefined;
  const blocks = blkio_stats.io_service_bytes_recursive ?? [];
  const ofKind = (kind: string) => sum(blocks.filter(({ op }) => op.toLowerCase() === kind).map(({ value }) => value));
  const interfaces = networks && Object.values(networks);
  return {
    cpuPercent: cpuPercent(sample),
    memoryBytes: memoryOf(memory_stats),
    memoryLimitBytes: memory_stats.limit ?? 0,
    ...(interfaces && {
      network: {
        receivedBytes: sum(interfaces.map(({ rx_bytes }) => rx_bytes)),
        sentBytes: sum(interfaces.map(({ tx_bytes }) => tx_bytes)),
      },
    }),
    blocks: { readBytes: ofKind("read"), writtenBytes: ofKind("write") },
    pids: pids_stats.current ?? 0,
  };
}

/** A task's container, and what it uses. */
export interface Using {
  readonly task: TaskContainer;
  readonly usage: Usage;
}

const isGone = (error: unknown) => isEngineError(error, "notFound", "conflict");

/** Those that run, with what they use: measured over a second. */
export async function stats(engine: Engine, tasks: readonly TaskContainer[]): Promise<readonly Using[]> {
  const measured = tasks.map(async (task) => {
    const sample = await engine.stats(task.row.Id).catch((error: unknown) => {
      if (isGone(error)) return undefined;
      throw error;
    });
    const usage = sample && usageOf(sample);
    return usage ? [{ task, usage }] : [];
  });
  return (await Promise.all(measured)).flat();
}

/** The last that is known of each container, as long as it runs. */
class Watch {
  private readonly latest = new Map<string, Usage | undefined>();
  private failure: unknown;

  constructor(
    private readonly engine: Engine,
    private readonly signal: AbortSignal,
  ) {}

  /** What these use; who is new is looked at from now on. */
  of(tasks: readonly TaskContainer[]): readonly Using[] {
    if (this.failure !== undefined) throw this.failure as Error;
    for (const { row } of tasks)
      if (!this.latest.has(row.Id)) {
        this.latest.set(row.Id, undefined);
        void this.follow(row.Id);
      }
    return tasks.flatMap((task) => {
      const usage = this.latest.get(task.row.Id);
      return usage ? [{ task, usage }] : [];
    });
  }

  private async follow(id: string): Promise<void> {
    try {
      let isFirst = true;
      for await (const sample of await this.engine.watchStats(id, this.signal)) {
        // With nothing before it, it says nothing of the processor.
        if (!isFirst) this.latest.set(id, usageOf(sample));
        isFirst = false;
      }
    } catch (error) {
      if (!this.signal.aborted && !isGone(error)) this.failure = error;
    }
    // If it is still there it is looked at anew.
    this.latest.delete(id);
  }
}

const tickMs = 1_000;

/** Again each second, beginning when something is known of all that run. */
export async function* watchStats(
  engine: Engine,
  tasks: () => Promise<readonly TaskContainer[]>,
  signal?: AbortSignal,
): AsyncGenerator<readonly Using[]> {
  const end = new AbortController();
  const watch = new Watch(engine, signal ? AbortSignal.any([signal, end.signal]) : end.signal);
  try {
    for (let ticks = 0; !signal?.aborted; ticks++) {
      const running = await tasks();
      const all = watch.of(running);
      // The first samples come after two seconds at most.
      if (ticks > 2 || all.length === running.length) yield all;
      await sleep(tickMs);
    }
  } finally {
    end.abort();
  }
}

/** Jobs through the same functions as `longshore render`. */
import type { FailureInFile } from "../../cli/failure-in-file";
import { type Rendered, type RenderedTask, render } from "../../cli/render";

/** The machine of the recordings. */
export const machine = { "cpu.totalcompute": 5192, "cpu.numcores": 2 } as const;
export const fingerprint = { cpuTotalCompute: 5192, cpuCores: 2 } as const;

export const renderOnMachine = (jobspec: unknown, plugin?: unknown): Rendered =>
  render(jobspec, plugin, { fingerprint, attributes: {} });

export const tasksOf = ({ result }: Rendered): readonly RenderedTask[] => {
  if ("tasks" in result) return result.tasks;
  throw new Error(`refused: ${JSON.stringify(result.failures, undefined, 2)}`);
};

export const failuresOf = ({ result }: Rendered): readonly FailureInFile[] =>
  "failures" in result ? result.failures : [];

type Json = Readonly<Record<string, unknown>>;

export interface JobParts {
  readonly config?: Json;
  readonly task?: Json;
  readonly group?: Json;
  readonly job?: Json;
}

/** A job of one task, with parts of its own. */
export const jobOf = ({ config = {}, task = {}, group = {}, job = {} }: JobParts): unknown => ({
  Job: {
    ID: "job",
    Name: "job",
    Type: "service",
    Datacenters: ["dc1"],
    TaskGroups: [
      {
        Name: "g",
        Count: 1,
        Tasks: [
          {
            Name: "web",
            Driver: "docker",
            Config: { image: "busybox:1.35", ...config },
            Resources: { CPU: 100, MemoryMB: 32 },
            ...task,
          },
        ],
        ...group,
      },
    ],
    ...job,
  },
});

/** The only task of a job of one task. */
export const rendered = (parts: JobParts, plugin?: unknown): RenderedTask => {
  const [only] = tasksOf(renderOnMachine(jobOf(parts), plugin));
  if (!only) throw new Error("no task was rendered");
  return only;
};

export const refused = (parts: JobParts, plugin?: unknown): readonly FailureInFile[] =>
  failuresOf(renderOnMachine(jobOf(parts), plugin));

/** A group's network with ports. */
export const network = (ports: {
  readonly dynamic?: readonly object[];
  readonly reserved?: readonly object[];
}): Json => ({
  Networks: [{ Mode: "", DynamicPorts: ports.dynamic ?? [], ReservedPorts: ports.reserved ?? null }],
});

/** A dynamic port. */
export const http = { Label: "http", To: 8080, Value: 0 } as const;

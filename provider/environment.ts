import type { Facts } from "./facts";
import type { TaskSpec } from "./options";
import { containerPort } from "./options/published-ports";

/** Keys under these beginnings may hold letters, digits, dots and underscores only; the rest becomes `_`. */
const cleaned = /^NOMAD_(?:ADDR|IP|PORT|HOST_PORT|META)_/;
const clean = (name: string) => (cleaned.test(name) ? name.replace(/[^A-Za-z0-9_.]/g, "_") : name);

/**
 * The environment of a task: what Nomad's client tells every task, under the task's own `env`, which wins.
 * The image's variables lie below both; the engine merges them.
 */
export function environment(spec: TaskSpec, { place, allocation }: Facts): Readonly<Record<string, string>> {
  const { job, jobName = job, group, index, task, meta = {} } = place;
  const ports = Object.entries(allocation.ports).flatMap(([label, port]) => {
    const { hostIp, value } = port;
    const to = containerPort(spec, label, port);
    const address = `${hostIp.includes(":") ? `[${hostIp}]` : hostIp}:${value}`;
    return [
      [`NOMAD_IP_${label}`, hostIp],
      [`NOMAD_HOST_IP_${label}`, hostIp],
      [`NOMAD_ADDR_${label}`, address],
      [`NOMAD_HOST_ADDR_${label}`, address],
      [`NOMAD_PORT_${label}`, String(to)],
      [`NOMAD_ALLOC_PORT_${label}`, String(to)],
      [`NOMAD_HOST_PORT_${label}`, String(value)],
    ] as const;
  });
  const metas = Object.entries(meta).flatMap(([key, value]) => [
    [`NOMAD_META_${key}`, value] as const,
    [`NOMAD_META_${key.toUpperCase()}`, value] as const,
  ]);
  const told = [
    ["NOMAD_ALLOC_DIR", "/alloc"],
    ["NOMAD_TASK_DIR", "/local"],
    ["NOMAD_SECRETS_DIR", "/secrets"],
    ["NOMAD_ALLOC_ID", allocation.id],
    ["NOMAD_ALLOC_NAME", `${jobName}.${group}[${index}]`],
    ["NOMAD_ALLOC_INDEX", String(index)],
    ["NOMAD_JOB_ID", job],
    ["NOMAD_JOB_NAME", jobName],
    ["NOMAD_GROUP_NAME", group],
    ["NOMAD_TASK_NAME", task],
    ["NOMAD_DC", place.datacenter ?? "dc1"],
    ["NOMAD_REGION", place.region ?? "global"],
    ["NOMAD_NAMESPACE", place.namespace ?? "default"],
    ["NOMAD_CPU_LIMIT", String(spec.cpu)],
    ["NOMAD_MEMORY_LIMIT", String(spec.memory)],
    ...ports,
    ...metas,
    ...Object.entries(spec.env ?? {}),
  ] as const;
  return Object.fromEntries(told.map(([name, value]) => [clean(name), value]));
}

/** The labels that say where a container belongs. */
import * as z from "zod";
import type { Facts } from "../facts";

const prefix = "longshore.";

/** Each by its name without the prefix. */
const labels: Readonly<Record<string, (facts: Facts) => string | undefined>> = {
  job_id: ({ place }) => place.job,
  job_name: ({ place }) => place.jobName ?? place.job,
  namespace: ({ place }) => place.namespace ?? "default",
  node_id: ({ engine }) => engine.id,
  node_name: ({ engine }) => engine.name,
  task_group_name: ({ place }) => place.group,
  task_name: ({ place }) => place.task,
};

const matches = (pattern: string) => {
  const parts = pattern.split(/\*+/).map((text) => text.replace(/\W/g, "\\$&"));
  const form = new RegExp(`^${parts.join(".*")}$`);
  return Object.keys(labels).filter((name) => form.test(name));
};

/** The names that patterns mean, each once, in the order of the alphabet. */
export const namesOf = (patterns: readonly string[]): readonly string[] =>
  [...new Set(patterns.flatMap(matches))].sort();

export const extraLabelsSchema = z.array(
  z.string().refine((pattern) => matches(pattern).length > 0, {
    error: `names no label; choose among ${Object.keys(labels).join(", ")}, or write a pattern, for example "task*"`,
  }),
);

/** The labels that patterns mean, as far as they are known. */
export const extraLabels = (patterns: readonly string[] = [], facts: Facts): Readonly<Record<string, string>> =>
  Object.fromEntries(
    namesOf(patterns).flatMap((name) => {
      const value = labels[name]?.(facts);
      return value === undefined ? [] : [[prefix + name, value]];
    }),
  );

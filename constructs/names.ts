import type { Construct } from "constructs";
import { visible } from "../provider/visible";
import { addFailures } from "./validation";

const kinds = {
  job: { property: "id", words: "Job id", form: /^[^/]+$/, rule: "cannot include slashes" },
  group: { property: "name", words: "Group name", form: /^[^/]+$/, rule: "cannot include slashes" },
  // It begins the container's name, for which the engine has rules.
  task: {
    property: "name",
    words: "Task name",
    form: /^[A-Za-z0-9][A-Za-z0-9_.-]*$/,
    rule: "begins with a letter or digit and has only these, dots, dashes and underscores",
  },
} as const;

export type Named = keyof typeof kinds;

/** The option that a file names a construct by. */
export const namedBy = (kind: Named): string => kinds[kind].property;

/** Refuses a name that cannot be told to a task or to an engine; constructs itself would quietly write it otherwise. */
export function checkName(construct: Construct, kind: Named, name: string): void {
  const { property, words, form, rule } = kinds[kind];
  if (form.test(name)) return;
  const problem = name.includes("/") ? "cannot include slashes" : rule;
  addFailures(construct, () => [
    { property, reason: visible(`${property} is "${name}". ${words} ${problem}; choose another`) },
  ]);
}

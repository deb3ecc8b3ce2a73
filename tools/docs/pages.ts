/** The generated files, by path. */
import { attributes } from "./attributes";
import { pictures } from "./graph";
import { policy } from "./policy";
import { jobSchema, pluginSchema } from "./json-schema";
import { reference } from "./reference";
import { tables } from "./tables";

const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

export function pages(): Readonly<Record<string, string>> {
  const all = tables();
  return {
    "docs/attributes.md": attributes(),
    ...pictures(),
    "docs/policy.md": policy(),
    "docs/reference.md": reference(all),
    "docs/schema/job.schema.json": json(jobSchema(all)),
    "docs/schema/plugin.schema.json": json(pluginSchema(all)),
  };
}

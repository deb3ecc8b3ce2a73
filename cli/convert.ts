/** A job file as a program of longshore's. Pure. */
import { type IConstruct, RootConstruct } from "constructs";
import type { Job } from "../constructs/job";
import { fromJobspec } from "../constructs/jobspec";
import { toManifest } from "../constructs/manifest";
import { findAll } from "../constructs/placement";
import { Plugin } from "../constructs/plugin";
import { pluginFromJson } from "../constructs/plugin-from-json";
import { Task } from "../constructs/task";
import { TaskGroup } from "../constructs/task-group";
import { SynthesisError } from "../constructs/validation";
import { warningsOf } from "../constructs/warnings";
import { Code, Properties, type Property, comment, statement } from "./convert/expression";
import { Identifiers } from "./convert/identifiers";
import { type Said, saidOf } from "./convert/said";
import { type FailureInFile, failureInFile, tableOf } from "./failure-in-file";

/** A credential that the program takes from Pulumi's config. */
export interface KeptSecret {
  /** The key of the config. */
  readonly key: string;
  /** Where it stood: `web/server/echo.auth.password`. */
  readonly path: string;
}

export interface Converted {
  readonly result: { readonly program: string } | { readonly failures: readonly FailureInFile[] };
  readonly warnings: readonly string[];
  readonly secrets: readonly KeptSecret[];
}

/** What is wrong with it wherever it runs. */
function failuresOf(root: IConstruct): readonly FailureInFile[] {
  try {
    toManifest(root);
    return [];
  } catch (error) {
    if (error instanceof SynthesisError) return error.failures.map((failure) => failureInFile(root, failure));
    throw error;
  }
}

const paragraph = ({ comments, options }: Said, head: string, args: readonly unknown[]): string =>
  comments.map((text) => comment(text, "")).join("") + statement(head, args, options);

/** The program of a tree without failures. */
function programOf(root: IConstruct, job: Job, source: string) {
  const secrets: KeptSecret[] = [];
  const keys = new Identifiers();
  const said = (construct: IConstruct, options: object, others?: readonly Property[]): Said =>
    saidOf(
      construct,
      tableOf(construct),
      { ...options },
      (path) => {
        const key = keys.of([construct.node.id, ...path]);
        secrets.push({ key, path: [construct.node.path, ...path].join(".") });
        return key;
      },
      others,
    );
  const groups = findAll(root, TaskGroup);
  const variables = new Identifiers();
  const engines = findAll(root, Plugin).map((plugin) =>
    paragraph(said(plugin, plugin.options), "new Plugin", [new Code("app"), plugin.node.id]),
  );
  const { name, ...options } = job.options;
  // Job files have a name beside the id, most often the same.
  const ofJob = said(job, { ...(name !== job.node.id && { name }), ...options });
  const ofGroups = groups.flatMap((group) => {
    const variable = variables.of(groups.length > 1 ? [group.node.id, "group"] : ["group"]);
    const ofTasks = findAll(group, Task).map((task) => {
      const meta = task.meta ? [{ key: "meta", value: task.meta }] : [];
      return paragraph(said(task, task.ownOptions, meta), "new Task", [new Code(variable), task.node.id]);
    });
    const ofGroup = said(group, group.options);
    return [paragraph(ofGroup, `const ${variable} = new TaskGroup`, [new Code("job"), group.node.id]), ...ofTasks];
  });

  const imports = ["App", "Job", ...(engines.length > 0 ? ["Plugin"] : []), "Task", "TaskGroup"];
  const beginning = [
    comment(`Made from ${source} by longshore convert.`, ""),
    ...(secrets.length > 0 ? ['import { Config } from "@pulumi/pulumi";\n'] : []),
    `import { ${imports.join(", ")} } from "longshore";\n`,
  ];
  const config = secrets.map(({ key }) => comment(`pulumi config set --secret ${key}`, ""));
  const paragraphs = [
    beginning.join(""),
    ...(secrets.length > 0 ? [`${config.join("")}const config = new Config();\n`] : []),
    statement("const app = new App", [job.node.id], new Properties([])),
    ...engines,
    paragraph(ofJob, "const job = new Job", [new Code("app"), job.node.id]),
    ...ofGroups,
    "app.synth();\n",
  ];
  return { program: paragraphs.join("\n"), secrets };
}

/**
 * @param jobspec a job in Nomad's JSON form
 * @param plugin the plugin's options, in their own key names; none is written when it is undefined
 * @param source what the program says that it was made from
 */
export function convert(jobspec: unknown, plugin: unknown, source: string): Converted {
  const root = new RootConstruct();
  const job = fromJobspec(root, jobspec);
  if (plugin !== undefined) pluginFromJson(root, job.node.id === "docker" ? "docker plugin" : "docker", plugin);
  const failures = failuresOf(root);
  const warnings = warningsOf(root);
  if (failures.length > 0) return { result: { failures }, warnings, secrets: [] };
  const { program, secrets } = programOf(root, job, source);
  return { result: { program }, warnings, secrets };
}

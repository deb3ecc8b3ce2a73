/** Runs what tests write into program.json: engines, and a job for each entry of `jobs`, on the engine that it names. */
import { readFileSync } from "node:fs";
import { dynamic, type Input, type Output, secret } from "@pulumi/pulumi";
import { App, Job, Plugin, Task, TaskGroup } from "longshore";

interface Program {
  /** The plugin's options; one with `host: true` has its endpoint and certificates from a resource of this program. */
  readonly engines: Record<
    string,
    { readonly host?: true; readonly secret?: true; readonly options: Record<string, unknown> }
  >;
  readonly jobs: Record<string, { readonly engine: string; readonly tasks: Record<string, object> }>;
}

/** Stands in for a machine that the program makes: what it is like is known when it is there. */
class Host extends dynamic.Resource {
  declare readonly options: Output<Record<string, unknown>>;
  constructor(name: string, options: Input<Record<string, unknown>>) {
    super(
      {
        create: (inputs: { json: string }) =>
          Promise.resolve({ id: "host", outs: { options: JSON.parse(inputs.json) as unknown } }),
        diff: (_id: string, olds: { options: unknown }, news: { json: string }) =>
          Promise.resolve({ changes: JSON.stringify(olds.options) !== news.json, replaces: ["json"] }),
      },
      name,
      { options: undefined, json: JSON.stringify(options) },
    );
  }
}

const { engines, jobs } = JSON.parse(readFileSync("program.json", "utf8")) as Program;
const app = new App("app");

const plugins = Object.fromEntries(
  Object.entries(engines).map(([name, { host, secret: hidden, options }]) => {
    if (!host)
      return [
        name,
        new Plugin(app, name, hidden ? { ...options, endpoint: secret(options.endpoint as string) } : options),
      ];
    const { options: made } = new Host(name, options);
    const { endpoint, tls, ...limits } = options;
    return [
      name,
      new Plugin(app, name, {
        ...limits,
        ...(endpoint !== undefined && { endpoint: made.apply((known) => known.endpoint as string) }),
        ...(tls !== undefined && { tls: { ...tls, ca: made.apply((known) => (known.tls as { ca: string }).ca) } }),
      }),
    ];
  }),
);

for (const [name, { engine, tasks }] of Object.entries(jobs)) {
  const job = new Job(app, name, { plugin: plugins[engine] });
  const group = new TaskGroup(job, "group");
  for (const [task, options] of Object.entries(tasks)) new Task(group, task, options as never);
}
app.synth();

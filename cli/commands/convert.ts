import { basename } from "node:path";
import { readJson } from "../../constructs/json-file";
import { command } from "../command";
import { exitCodes } from "../exit-codes";

export const convert = command({
  summary: "a program for a job file",
  about:
    "Prints a TypeScript program that runs what a job in Nomad's JSON form runs; or all that is wrong with the job, with " +
    "exit code 2. What has no effect here is a comment in it, and passwords are taken from Pulumi's config.",
  arguments: [{ name: "JOB.json", is: "one job file", completes: "file" }],
  options: {
    plugin: {
      value: "PLUGIN.json",
      help: 'the options of the plugin "docker", in their own key names: the program has them too',
      completes: "file",
    },
    out: { value: "FILE", help: "writes the program to a file that is not there yet", completes: "file" },
  },
  notes: "nomad job run -output JOB.nomad writes a job in JSON. docs/moving-from-nomad.md says what becomes of it.",
  async run({ values, positionals: [path = ""] }, { print, say }) {
    const [jobspec, plugin] = [path, values.plugin].map((file) => (file === undefined ? undefined : readJson(file)));
    const [{ convert: converted }, { writeNew }] = await Promise.all([
      import("../convert.js"),
      import("../write-new.js"),
    ]);
    const { result, warnings, secrets } = converted(jobspec, plugin, basename(path));
    for (const warning of warnings) say(`warning: ${warning}\n`);
    if ("failures" in result) {
      for (const failure of result.failures) say(`${failure.path}: ${failure.reason}\n`);
      return exitCodes.refused;
    }
    if (values.out === undefined) print(result.program);
    else writeNew(values.out, result.program);
    for (const secret of secrets)
      say(`${secret.path} is not in the program; give it with: pulumi config set --secret ${secret.key}\n`);
    return exitCodes.done;
  },
});

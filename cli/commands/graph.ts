import { UsageError, command } from "../command";
import { exitCodes } from "../exit-codes";

const formats = ["svg", "mermaid"] as const;

export const graph = command({
  summary: "a picture of a stack, of what a preview changes, or of a job file",
  about:
    "Draws jobs, groups, tasks, ports, volumes, networks and engines, without an engine or a login: of an exported " +
    "state, of a preview with its changes, of both, or of a job in Nomad's JSON form. Values of env, auth and labels are " +
    "not drawn, and secrets never are.",
  options: {
    state: {
      value: "FILE",
      help: 'names what "pulumi stack export" wrote; - is the standard input',
      completes: "file",
    },
    preview: {
      value: "FILE",
      help: 'names what "pulumi preview --json" wrote; - is the standard input',
      completes: "file",
    },
    job: { value: "JOB.json", help: "names one job file; - is the standard input", completes: "file" },
    plugin: { value: "PLUGIN.json", help: 'names the options of the plugin "docker", for --job', completes: "file" },
    format: { value: "FORMAT", help: "names what is drawn: svg, which is the default, or mermaid", completes: formats },
    out: { value: "FILE", help: "names where it is written to, in place of the standard output", completes: "file" },
    title: { value: "TEXT", help: "is written above, in place of the stack's name", completes: [] },
  },
  notes: "docs/graph.md shows some.",
  async run({ values }, { print, say, streams }) {
    const { state, preview, job, plugin, format: named = "svg", out, title } = values;
    const format = formats.find((one) => one === named);
    if (!format) throw new UsageError(`graph has no format "${named}"; the formats are ${formats.join(" and ")}`);
    const sources = { state, preview, job, plugin };
    if (state === undefined && preview === undefined && job === undefined)
      throw new UsageError("graph takes --state, --preview or --job");
    if (job !== undefined && (state !== undefined || preview !== undefined))
      throw new UsageError("graph takes --job alone, or --state and --preview");
    if (plugin !== undefined && job === undefined) throw new UsageError("graph takes --plugin with --job only");
    if (Object.values(sources).filter((path) => path === "-").length > 1)
      throw new UsageError("graph reads one file from the standard input");
    const { graphed, readerOf, writeOut } = await import("../graph.js");
    const drawn = graphed({ ...sources, format, title }, await readerOf(streams.stdin, sources));
    if ("refused" in drawn) {
      say(`${drawn.refused}\n`);
      return exitCodes.refused;
    }
    if (out === undefined) print(drawn.text);
    else writeOut(out, drawn.text);
    return exitCodes.done;
  },
});

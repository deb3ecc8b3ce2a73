/** The pictures of docs/graph.md, as the command draws them. */
import { join } from "node:path";
import { readJson } from "../../constructs/json-file";
import { type GraphSources, graphed } from "../../cli/graph";

const root = join(__dirname, "../..");

function picture(sources: GraphSources): string {
  const drawn = graphed({ ...sources, format: "svg", title: undefined }, (path) => readJson(join(root, path)));
  if ("refused" in drawn) throw new Error(drawn.refused);
  return drawn.text;
}

export const pictures = (): Readonly<Record<string, string>> => ({
  "docs/graph-preview.svg": picture({
    state: "tests/graph/recorded/state.json",
    preview: "tests/graph/recorded/preview.json",
  }),
  "docs/graph-job.svg": picture({ job: "examples/jobspec/job.json" }),
});

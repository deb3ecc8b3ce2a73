/** What is drawn of a job file in Nomad's JSON form. Pure. */
import { RootConstruct } from "constructs";
import { fromJobspec } from "../../constructs/jobspec";
import { toManifest } from "../../constructs/manifest";
import { pluginFromJson } from "../../constructs/plugin-from-json";
import { settledNetwork, sharesNetwork } from "../../provider/options/group-network";
import { engineName, itemOf } from "./item";
import type { Item } from "./model";

interface JobItems {
  readonly job: string;
  readonly items: readonly Item[];
}

/** @throws SynthesisError with all that is wrong with the job */
export function fromJob(jobspec: unknown, plugin: unknown): JobItems {
  const root = new RootConstruct();
  const job = fromJobspec(root, jobspec);
  pluginFromJson(root, job.node.id === "plugin" ? "plugin file" : "plugin", plugin ?? {});
  const items = toManifest(root).allocations.flatMap(({ place, network, plugin, tasks }) => {
    const told = { app: "", engine: engineName(plugin.options) };
    const settled = { network: settledNetwork(network) };
    const isAlone = tasks.length === 1 && !sharesNetwork(network);
    return [
      ...(isAlone ? [] : [itemOf(place, settled, told)]),
      ...tasks.map((task) => itemOf(task.place, { ...task.options, ...(network && settled) }, told)),
    ];
  });
  return { job: job.node.id, items };
}

/** One instance of a task group with more than one task: its id and its ports. Its tasks make its directories. */
import { randomUUID } from "node:crypto";
import { removeAllocationDirs } from "../allocation-dirs";
import { canonicalJson } from "../canonical";
import { connectionOf, isOnEngine } from "../connection";
import { isEngineError } from "../errors";
import type { AllocationInputs, AllocationOutputs } from "../inputs";
import { hasUnknown } from "../options/folds";
import { allocationKeyOf, generationOfContainer, portsOf } from "../ownership";
import { sharedStaticPorts } from "../ports";
import { allocLabel } from "../request";
import { moves } from "./engine-of";
import { type Handler, isUnknown } from "./handler";
import { portsFor } from "./ports-for";

const lasting = ["place", "network", "generation"] as const;
const recorded = ["key", "plugin"] as const;

const differs = (olds: AllocationInputs, news: AllocationInputs, property: keyof AllocationInputs) =>
  hasUnknown(news[property], isUnknown) || canonicalJson(olds[property]) !== canonicalJson(news[property]);

export const allocationHandler: Handler<AllocationInputs, AllocationOutputs> = {
  check: (_olds, news) => Promise.resolve({ inputs: news, failures: [] }),

  async diff(_id, olds, news) {
    const replaces = lasting.filter((property) => differs(olds, news, property));
    const moved = await moves(olds, news);
    return {
      changes: replaces.length > 0 || recorded.some((property) => differs(olds, news, property)),
      replaces: [...replaces, ...(moved ? ["plugin"] : [])],
      deleteBeforeReplace: !moved && sharedStaticPorts(olds.network, news.network).length > 0,
    };
  },

  async create(inputs) {
    const connection = connectionOf(inputs.plugin);
    const engineId = (await connection.info()).ID;
    // Tasks that run in an allocation of this generation are what is wanted: an interrupted run left them.
    const running = [...(await connection.ownContainers())]
      .filter(([key]) => allocationKeyOf(key) === inputs.key)
      .flatMap(([, rows]) => rows)
      .find((row) => row.State === "running" && generationOfContainer(row) === inputs.generation);
    const adopted = running?.Labels[allocLabel];
    if (running && adopted !== undefined)
      return {
        id: adopted,
        outs: { ...inputs, allocatedPorts: portsOf(running), engineId },
      };
    return { id: randomUUID(), outs: { ...inputs, allocatedPorts: await portsFor(connection, inputs), engineId } };
  },

  async read(id, props) {
    const connection = connectionOf(props.plugin);
    if (!(await isOnEngine(connection, props.engineId, `allocation ${props.key}`))) return undefined;
    const { engineId: _, allocatedPorts: __, ...inputs } = props;
    return { id, props, inputs };
  },

  update: (_id, { allocatedPorts, engineId }, news) => Promise.resolve({ outs: { ...news, allocatedPorts, engineId } }),

  async delete(id, props) {
    const connection = connectionOf(props.plugin);
    if (!(await isOnEngine(connection, props.engineId, `allocation ${props.key}`))) return;
    // In use: a later run took the allocation over, and its tasks still run.
    await removeAllocationDirs(connection.engine, id).catch((error: unknown) => {
      if (!isEngineError(error, "conflict")) throw error;
    });
  },
};

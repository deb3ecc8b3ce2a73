/**
 * One instance of a task group with more than one task, or with a network that its tasks share: its id, its ports, and the
 * container that holds the network. Its tasks make its directories.
 */
import { randomUUID } from "node:crypto";
import { removeAllocationDirs } from "../allocation-dirs";
import { canonicalJson } from "../canonical";
import { type Connection, connectionOf, fingerprint, isOnEngine } from "../connection";
import { durationMs } from "../duration";
import { isEngineError } from "../errors";
import { removeKept } from "../kept-dirs";
import type { AllocationInputs, AllocationOutputs } from "../inputs";
import { hasUnknown } from "../options/folds";
import { sharesNetwork } from "../options/group-network";
import { allocationKeyOf, generationOfContainer, portsOf } from "../ownership";
import { pluginSpec, tryLimits } from "../plugin-spec";
import { portsInTheWay } from "../ports";
import { allocLabel } from "../request";
import { ifReachable, moves } from "./engine-of";
import { type Handler, isUnknown } from "./handler";
import { portUser, removeInfra, startInfra, stateOfInfra } from "./infra";
import { know, knownOf } from "./known";
import { hasLeftItsData, leavesItsData } from "./left-data";
import { ofAnotherState, requireOwnRows } from "./own-rows";
import { portsOfAllocation, releaseLeft, releasePorts } from "./ports-for";
import { takenStaticPorts } from "./static-ports";
import { inTimeOfAllocation } from "./time-limits";

const lasting = ["place", "network", "generation", "publishedByTasks", "sticky"] as const;
const recorded = ["key", "plugin", "timeouts"] as const;

/** What a create adds to its inputs. */
const outputKeys = ["engineId", "allocatedPorts", "infra", "token", "adopted", "lost"] as const;

const only = (props: AllocationOutputs, isWanted: (key: string) => boolean) =>
  Object.fromEntries(Object.entries(props).filter(([key]) => isWanted(key)));
const isOutput = (key: string) => outputKeys.includes(key as never);

const differs = (olds: AllocationInputs, news: AllocationInputs, property: keyof AllocationInputs) =>
  hasUnknown(news[property], isUnknown) || canonicalJson(olds[property]) !== canonicalJson(news[property]);

const knowInfra = ({ key, infra }: AllocationOutputs) => {
  if (infra !== undefined) know(key, infra);
};

/** An allocation without a network of its own: the tasks of an interrupted run tell of theirs. */
async function withoutInfra(connection: Connection, inputs: AllocationInputs) {
  // Tasks that run in an allocation of this generation are what is wanted: an interrupted run left them.
  const rows = [...(await connection.ownContainers())]
    .filter(([key]) => allocationKeyOf(key) === inputs.key)
    .flatMap(([, each]) => each)
    .filter((row) => row.State === "running" && generationOfContainer(row) === inputs.generation);
  const [running] = await requireOwnRows(connection.engine, inputs.key, rows, `allocation ${inputs.key}`);
  const adopted = running?.Labels[allocLabel];
  if (running && adopted !== undefined) return { id: adopted, infra: { allocatedPorts: portsOf(running) } };
  const id = randomUUID();
  return { id, infra: { allocatedPorts: await portsOfAllocation(connection, portUser(inputs), id) } };
}

const hostAddressOf = ({ plugin }: AllocationInputs): string => tryLimits(plugin, isUnknown)?.hostAddress ?? "";

/** The allocations that still have a container under an allocation's key. */
const aliveOf = async (connection: Connection, key: string): Promise<ReadonlySet<string | undefined>> =>
  new Set(
    [...(await connection.ownContainersNow())]
      .filter(([one]) => one === key || allocationKeyOf(one) === key)
      .flatMap(([, rows]) => rows.map(({ Labels }) => Labels[allocLabel])),
  );

export const allocationHandler: Handler<AllocationInputs, AllocationOutputs> = {
  async check(olds, news) {
    const limits = tryLimits(news.plugin, isUnknown);
    const engine =
      sharesNetwork(news.network) && limits
        ? await ifReachable(news.plugin, (connection) => fingerprint(connection, limits))
        : undefined;
    const failures =
      engine?.os === "windows"
        ? [
            {
              property: "network.mode",
              reason: `network.mode is "${news.network?.mode ?? ""}", which a Windows engine does not have; leave it out`,
            },
          ]
        : [];
    const foreign = olds.key === undefined ? await ofAnotherState(news) : [];
    return { inputs: news, failures: [...failures, ...foreign, ...(await takenStaticPorts(olds, news))] };
  },

  async diff(id, olds, news) {
    knowInfra(olds);
    const replaces = lasting.filter((property) => differs(olds, news, property));
    const moved = await moves(olds, news);
    if (!moved && news.sticky && (replaces.length > 0 || olds.lost)) leavesItsData(id);
    const all = [...replaces, ...(moved ? ["plugin"] : []), ...(olds.lost ? ["lost"] : [])];
    return {
      changes: all.length > 0 || recorded.some((property) => differs(olds, news, property)),
      replaces: all,
      // Without an infra container the tasks have the ports, each of which sees to that itself.
      deleteBeforeReplace:
        !moved &&
        (olds.infra !== undefined || sharesNetwork(news.network)) &&
        portsInTheWay(olds.allocatedPorts, news.network, hostAddressOf(news)).length > 0,
    };
  },

  create: (inputs) =>
    inTimeOfAllocation("create", inputs, durationMs(pluginSpec(inputs.plugin).infraImagePullTimeout), () =>
      create(inputs),
    ),

  async read(id, props) {
    knowInfra(props);
    const connection = connectionOf(props.plugin);
    if (!(await isOnEngine(connection, props.engineId, `allocation ${props.key}`))) return undefined;
    const inputs = only(props, (key) => !isOutput(key)) as unknown as AllocationInputs;
    if (props.infra === undefined) return { id, props, inputs };
    const { lost: _, ...rest } = props;
    const state = stateOfInfra(await connection.engine.tryInspectContainer(props.infra));
    if (state === "running") return { id, props: rest, inputs };
    // A preview shows what differs in the inputs.
    return { id, props: { ...rest, lost: state }, inputs: { ...inputs, lost: state } as AllocationInputs };
  },

  update(_id, olds, news) {
    knowInfra(olds);
    return Promise.resolve({
      outs: { ...news, ...(only(olds, isOutput) as Omit<AllocationOutputs, keyof AllocationInputs>) },
    });
  },

  delete: (id, props) => inTimeOfAllocation("delete", props, 0, () => remove(id, props)),
};

async function create(inputs: AllocationInputs): Promise<{ readonly id: string; readonly outs: AllocationOutputs }> {
  const connection = connectionOf(inputs.plugin);
  const engineId = (await connection.info()).ID;
  const hasInfra = sharesNetwork(inputs.network);
  const { id, infra } = hasInfra
    ? await startInfra(connection, inputs, knownOf(inputs.key))
    : await withoutInfra(connection, inputs);
  const kept = new Set(await aliveOf(connection, inputs.key));
  // An infra container shows its ports; without one they are reserved until the allocation goes.
  if (hasInfra) kept.delete(id);
  else kept.add(id);
  await releaseLeft(connection, inputs.key, kept);
  return { id, outs: { ...inputs, ...infra, engineId } };
}

async function remove(id: string, props: AllocationOutputs): Promise<void> {
  const connection = connectionOf(props.plugin);
  if (!(await isOnEngine(connection, props.engineId, `allocation ${props.key}`))) return;
  if (!(await removeInfra(connection, props))) return;
  await releasePorts(connection, id);
  if (props.sticky && !hasLeftItsData(id)) await removeKept(connection.engine, props.key);
  // In use: a later run took the allocation over, and its tasks still run.
  await removeAllocationDirs(connection.engine, id).catch((error: unknown) => {
    if (!isEngineError(error, "conflict")) throw error;
  });
}

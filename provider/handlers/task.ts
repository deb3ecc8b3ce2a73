/** One container. */
import { attributesOf } from "../attributes";
import { canonicalJson } from "../canonical";
import { type Connection, connectionOf, fingerprint, isOnEngine } from "../connection";
import { isConstrained, unmetBy } from "../constraints/unmet";
import type { Engine } from "../engine/engine";
import type { ContainerInfo, MountPoint } from "../engine/types";
import type { Fingerprint } from "../facts";
import type { TaskInputs, TaskOutputs } from "../inputs";
import { type Surroundings, portsBefore } from "../environment";
import { filledAtStart, filledTask, namesEngine, unprinted, withoutValuesOf } from "../filled-task";
import { type TaskSpec, taskOptions } from "../options";
import {
  changes,
  drift,
  exclusives,
  hasUnknown,
  inherited,
  isNotYet,
  resolved,
  toUpdate,
  validate,
  valuesOn,
  violations,
  withoutQuietDefaults,
} from "../options/folds";
import type { Failure } from "../options/folds";
import { readLocalFile } from "../local-files";
import { type PluginSpec, pluginOptions } from "../options/plugin";
import { hasOwnPorts, publishedLabels } from "../options/published-ports";
import { removeAllocationDirs, removeMountedDirs } from "../allocation-dirs";
import { ownKept, removeKept } from "../kept-dirs";
import { catchUp } from "../image-gc/background";
import { allocationKeyOf, forgetOwner, isOwner, leave } from "../ownership";
import { pluginSpec, tryLimits } from "../plugin-spec";
import { haveCommon, portsInTheWay } from "../ports";
import { cannotAdopt } from "./adopt-given";
import { ifReachable, moves } from "./engine-of";
import { factsOf, optionsOf } from "./facts-of";
import { goesFirst, isLeft, others, stays } from "./giving-way";
import { know, knownOf } from "./known";
import { hasLeftItsData, leavesItsData } from "./left-data";
import { isCutOff, networkHolder, whereFound } from "./network-holder";
import { ofAnotherState, ownRows } from "./own-rows";
import { releaseLeft } from "./ports-for";
import { settled } from "./settled";
import { filledOrRefused, removeLeftover, start } from "./start";
import { stop } from "./stop";
import { takenStaticPorts } from "./static-ports";
import { inTimeOfTask } from "./time-limits";
import { type Handler, isUnknown } from "./handler";

/** What is not an option of the table, by what a change of it costs. */
const lasting = [
  "place",
  "imageId",
  "network",
  "allocation",
  "generation",
  "allocatedPorts",
  "sharedDirs",
  "infra",
  "sticky",
] as const;
/** What an allocation has for as long as it lives, though a preview may not know it when something of it is updated. */
const ofAllocation = ["allocatedPorts", "infra"] as const;
const recorded = ["key", "plugin", "outerConstraints", "update"] as const;

/** What a create adds to its inputs. */
const outputKeys = [
  "engineId",
  "allocId",
  "hostPorts",
  "addresses",
  "ip",
  "networks",
  "token",
  "adopted",
  "running",
] as const;

const strangers = (inputs: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(inputs).filter(([key]) => ![...lasting, ...recorded, "kind", ...outputKeys].includes(key as never)),
  );

/** Without what has no value; such an output comes over the wire as null. */
const given = <T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined)) as never;

/** The engine's facts for a check, which must go on without them when no engine answers. */
const factsIfReachable = async (news: TaskInputs, limits: PluginSpec | undefined): Promise<Fingerprint | undefined> =>
  limits && ifReachable(news.plugin, (connection) => fingerprint(connection, limits));

/** What is not known in a preview, or hangs on what is known only when the container is made. */
const isUnread = (value: unknown): boolean => isUnknown(value) || isNotYet(value);

/** What texts may name, as far as it is known before there is an allocation. */
function surroundingsOf(
  { place, network, allocation: id, allocatedPorts }: TaskInputs,
  hostAddress: string | undefined,
  attributes: Surroundings["attributes"],
): Surroundings {
  const ports = allocatedPorts ?? portsBefore(network, hostAddress);
  return {
    place,
    allocation: {
      ...(id !== undefined && !isUnknown(id) && { id }),
      ports: hasUnknown(ports, isUnknown) ? undefined : ports,
    },
    attributes,
  };
}

/** What is known of the engine, where texts or constraints name any of it; undefined when no engine answers. */
const attributesIfReachable = async (
  inputs: TaskInputs,
  options: Readonly<Record<string, unknown>>,
  limits: PluginSpec,
): Promise<Surroundings["attributes"]> =>
  namesEngine(options, inputs.place.meta) || isConstrained(inputs)
    ? ifReachable(inputs.plugin, (connection) => attributesOf(connection, limits))
    : undefined;

/** Of its allocation's ports, those that a task publishes, as far as they are known. */
const published = (inputs: TaskInputs, ports: TaskOutputs["hostPorts"]): TaskOutputs["hostPorts"] => {
  if (hasUnknown([ports, inputs.ports, inputs.portMap], isUnknown)) return {};
  const labels = publishedLabels(inputs);
  return Object.fromEntries(Object.entries(ports).filter(([label]) => labels.includes(label)));
};

/** Whether the old container has to go first: it is said so, or both claim the same for themselves alone. */
const isStopFirst = (olds: TaskOutputs, news: TaskInputs): boolean => {
  const { order } = news.update ?? {};
  if (order !== undefined) return order === "stop_first";
  // Two containers would write the same data.
  if (olds.sticky && news.sticky) return true;
  const claims = new Set(exclusives(taskOptions, optionsOf(olds)));
  const hostAddress = tryLimits(news.plugin, isUnknown)?.hostAddress ?? "";
  const { allocatedPorts: given = {} } = news;
  return (
    portsInTheWay(olds.hostPorts, news.network, hostAddress).length > 0 ||
    (news.infra === undefined && haveCommon(published(olds, olds.hostPorts), published(news, given))) ||
    exclusives(taskOptions, optionsOf(news)).some((claim) => claims.has(claim))
  );
};

/** What is wrong with the engine's options, which a program may know only when it runs. */
function pluginFailures({ plugin }: TaskInputs): readonly Failure[] {
  const { values, failures } = validate(pluginOptions, plugin, isUnknown);
  const all = failures.length > 0 ? failures : violations(pluginOptions, values as PluginSpec, {}, isUnknown);
  return all.map(({ property, reason }) => ({
    property: `plugin.${property}`,
    reason: `the plugin option ${reason}`,
  }));
}

/** One in-process fact of a change: the options that a new container must have, or the old one can be given. */
function changeOf(olds: TaskOutputs, news: TaskInputs) {
  const { replace, "in-place": inPlace, record } = changes(taskOptions, optionsOf(olds), optionsOf(news), isUnknown);
  const differs = (property: keyof TaskInputs) =>
    hasUnknown(news[property], isUnknown)
      ? !(ofAllocation.includes(property as never) && news.allocation === olds.allocation)
      : canonicalJson(olds[property]) !== canonicalJson(news[property]);
  return {
    replaces: [...replace, ...lasting.filter(differs)],
    inPlace,
    recorded: [...record, ...recorded.filter(differs)],
  };
}

/** Starts a container that was found stopped, or cut off from the network that it shares. */
async function startAgain(connection: Connection, inputs: TaskInputs, spec: TaskSpec, live: ContainerInfo) {
  const { engine } = connection;
  if (isCutOff(live, await networkHolder(engine, inputs, spec, live))) await stop(connection, live.Id, spec);
  await engine.startContainer(live.Id);
}

export const taskHandler: Handler<TaskInputs, TaskOutputs> = {
  async check(olds, sent) {
    const news = given(sent);
    const plugin = tryLimits(news.plugin, isUnknown);
    const asked = strangers(news);
    const attributes = plugin && (await attributesIfReachable(news, asked, plugin));
    const filled = filledAtStart(asked, surroundingsOf(news, plugin?.hostAddress, attributes), isUnknown);
    const { values: read, failures: wrong } = validate(unprinted(filled.changed), filled.values, isUnread);
    // What is stored is what was written: what it means is known when the container is made.
    const raw = Object.fromEntries(filled.changed.map((key) => [key, asked[key]]));
    const { values, failures: unread } = resolved(taskOptions, { ...read, ...raw }, readLocalFile, isUnknown);
    const meant = Object.fromEntries(filled.changed.map((key) => [key, read[key]]));
    const spec = { ...values, ...meant } as TaskSpec;
    const unmet = wrong.length === 0 && attributes ? unmetBy({ ...news, ...read }, attributes, isUnknown) : [];
    const adopts = olds.key === undefined && typeof spec.adopt === "string" && !isUnread(spec.adopt);
    // What is to be taken over has the ports.
    const taken = adopts
      ? await cannotAdopt(news, spec.adopt ?? "")
      : hasOwnPorts(spec)
        ? await takenStaticPorts(olds, news)
        : [];
    const foreign = olds.key === undefined ? await ofAnotherState(news) : [];
    const failures = [...pluginFailures(news), ...filled.failures, ...wrong, ...unread, ...unmet, ...taken, ...foreign];
    const ports = news.network?.ports ?? news.allocatedPorts;
    const portLabels = hasUnknown(ports, isUnknown) ? undefined : Object.keys(ports ?? {});
    const broken =
      failures.length > 0
        ? []
        : withoutValuesOf(
            asked.env,
            filled.changed,
            violations(
              taskOptions,
              spec,
              {
                portLabels,
                plugin,
                sharesNetwork: news.infra !== undefined,
                engine: await factsIfReachable(news, plugin),
              },
              isUnread,
            ),
          );
    const settledSpec = plugin ? inherited(taskOptions, values, plugin, isUnknown) : values;
    const own = valuesOn(taskOptions, "container", settledSpec);
    const inputs = withoutQuietDefaults(taskOptions, { ...news, ...own }) as unknown as TaskInputs;
    return { inputs, failures: [...failures, ...broken] };
  },

  async diff(id, olds, news) {
    know(news.key, id);
    const { replaces, inPlace, recorded } = changeOf(olds, news);
    const moved = await moves(olds, news, (engine) => engine.tryInspectContainer(id));
    // On two engines both can have what only one container of an engine can.
    if (!moved && replaces.length > 0 && isStopFirst(olds, news)) goesFirst(id, olds);
    else stays(id, olds);
    if (!moved && replaces.length > 0 && news.sticky) leavesItsData(id);
    return {
      changes:
        replaces.length + inPlace.length + recorded.length > 0 || olds.running === false || (await isLeft(id, olds)),
      replaces: [...replaces, ...(moved ? ["plugin"] : [])],
      // The new one's create stops it, when all else is ready, and starts it again when that fails.
      deleteBeforeReplace: false,
    };
  },

  async create(inputs) {
    const spec = settled(inputs);
    const [created] = await Promise.all([
      inTimeOfTask("create", inputs, spec, () => start(inputs, spec, knownOf(inputs.key))),
      catchUp(connectionOf(inputs.plugin), inputs.plugin),
    ]);
    return created;
  },

  async read(id, props) {
    know(props.key, id);
    const connection = connectionOf(props.plugin);
    const [isHere, live] = await Promise.all([
      isOnEngine(connection, props.engineId, `task ${props.key}`),
      connection.engine.tryInspectContainer(id),
    ]);
    if (!isHere || !live || live.State.Status === "dead" || live.State.Status === "removing") return undefined;
    const facts = await factsOf(connection, props, { id: props.allocId, ports: props.hostPorts });
    const task = filledTask(settled(props), facts);
    const drifted = drift(taskOptions, task.spec, task.facts, live);
    const inputs = Object.fromEntries(
      Object.entries({ ...props, ...drifted }).filter(
        ([key, value]) => !outputKeys.includes(key as never) && value !== undefined,
      ),
    ) as unknown as TaskInputs;
    const { running: _, ip, networks, ...rest } = props;
    const spec = settled(inputs);
    const holder = await networkHolder(connection.engine, inputs, spec, live);
    const stopped =
      isCutOff(live, holder) ||
      (!live.State.Running && !live.State.Restarting && !hasEnded(props, live.State.ExitCode));
    // What does not run has no address; it is not news that it had one.
    const found = live.State.Running ? whereFound(holder, spec) : { ip, networks };
    return {
      id,
      inputs,
      props: { ...rest, ...inputs, ...given(found), ...(stopped && { running: false }) },
    };
  },

  update: (id, olds, news) => inTimeOfTask("update", news, settled(news), () => update(id, olds, news)),

  delete: (id, props) => inTimeOfTask("delete", props, settled(props), () => remove(id, props)),
};

async function update(id: string, olds: TaskOutputs, news: TaskInputs): Promise<{ readonly outs: TaskOutputs }> {
  know(news.key, id);
  const connection = connectionOf(news.plugin);
  const { engine } = connection;
  const live =
    (await isOnEngine(connection, olds.engineId, `task ${olds.key}`)) && (await engine.tryInspectContainer(id));
  if (!live)
    throw new Error(
      `the container ${id.slice(0, 12)} of ${news.key} is gone; run "pulumi refresh", then the next up makes a new one`,
    );
  const { inPlace } = changeOf(olds, news);
  const spec = settled(news);
  const { allocId, hostPorts, addresses, token, adopted, engineId } = olds;
  if (inPlace.length > 0) {
    const known = await factsOf(connection, news, { id: allocId, ports: hostPorts });
    const task = filledOrRefused(news, spec, known);
    await engine.updateContainer(id, toUpdate(taskOptions, task.spec, task.facts));
  }
  const isStopped = olds.running === false || (await isLeft(id, olds));
  if (isStopped) {
    const rows = (await connection.ownContainers()).get(olds.key) ?? [];
    const { own } = await ownRows(engine, olds.key, rows);
    for (const row of others(own, olds.key)) await removeLeftover(engine, news, row, "a run that was cut off left it");
    await releaseLeft(connection, olds.key);
    await startAgain(connection, news, spec, live);
  }
  const now = isStopped ? await engine.inspectContainer(id) : live;
  // What does not run has no address; it is not news that it had one.
  const found = now.State.Running ? whereFound(await networkHolder(engine, news, spec, now), spec) : olds;
  return {
    outs: {
      ...news,
      ...{ engineId, allocId, hostPorts, addresses, token },
      ...given({ ip: found.ip, networks: found.networks }),
      ...(adopted && { adopted }),
    },
  };
}

async function remove(id: string, props: TaskOutputs): Promise<void> {
  const connection = connectionOf(props.plugin);
  if (!(await isOnEngine(connection, props.engineId, `task ${props.key}`))) return;
  const { engine } = connection;
  const live = await engine.tryInspectContainer(id);
  if (live && !(await isOwner(engine, { id, labels: live.Config.Labels }, props))) return;
  if (live?.State.Running) await stop(connection, id, settled(props));
  await releaseLeft(connection, props.key);
  if (live) {
    if (!pluginSpec(props.plugin).gc.container) return leave(engine, id, props, "by gc.container = false");
    await engine.removeContainer(id);
    await removeMountedDirs(engine, props.allocId, live.Mounts);
  } else await removeAllocationDirs(engine, props.allocId, props.key);
  if (props.adopted === true || !live) await forgetOwner(engine, id);
  if (props.sticky && !hasLeftItsData(id)) await removeData(engine, props, live?.Mounts);
}

/** A batch task that ended well has done what it was for. */
const hasEnded = ({ place }: TaskInputs, exitCode: number) => place.type === "batch" && exitCode === 0;

/** What the task kept for its next allocation; the allocation's own is the allocation's to remove. */
async function removeData(engine: Engine, { key, allocation }: TaskOutputs, mounts?: readonly MountPoint[]) {
  await removeKept(engine, key, allocation === undefined ? mounts : ownKept(mounts));
  if (allocation === undefined) await removeKept(engine, allocationKeyOf(key));
}

/** Brings a task's container up: finds what an interrupted run left, or makes a new one. */
import { randomUUID } from "node:crypto";
import { mountDirs, removeDirs, removeMountedDirs, removeOrphanedDirs } from "../allocation-dirs";
import { hashOf } from "../canonical";
import { type Connection, connectionOf } from "../connection";
import { durationMs } from "../duration";
import type { Engine } from "../engine/engine";
import { cleaningUp } from "../engine/time-limit";
import type { ContainerInfo, ContainerRow, MountPoint } from "../engine/types";
import { isEngineError } from "../errors";
import { type FilledTask, filledTask } from "../filled-task";
import type { Facts } from "../facts";
import { generationOf } from "../generation";
import { imageName } from "../image-reference";
import type { TaskInputs, TaskOutputs } from "../inputs";
import { type TaskSpec, taskOptions } from "../options";
import { exclusives } from "../options/folds";
import { hasOwnPorts, publishedLabels } from "../options/published-ports";
import { forgetOwner, marksAsLabels, newToken, portsOf, takeOver } from "../ownership";
import { planCreate } from "../plan";
import { pluginSpec } from "../plugin-spec";
import { addressesOf, hasStaticPorts } from "../ports";
import type { Holder } from "../port-holders";
import { prepareDirs } from "../prepare-dirs";
import { allocLabel, containerName, createRequest } from "../request";
import { adoptGiven } from "./adopt-given";
import { requireMet } from "./constraints-met";
import { factsOf } from "./facts-of";
import { givesWay, makeWay } from "./giving-way";
import { knownOf } from "./known";
import { isInInfra, lostNetwork, networkHolder, whereFound } from "./network-holder";
import { requireOwnRows } from "./own-rows";
import { releaseLeft, withGivenPorts, withPorts } from "./ports-for";
import { note, warn } from "../note";

interface Created {
  readonly id: string;
  readonly outs: TaskOutputs;
}

/** Over all that only a new container can have. */
const wantedHash = (inputs: TaskInputs, spec: TaskSpec): string =>
  hashOf([
    generationOf(
      [{ place: inputs.place, imageId: inputs.imageId, network: inputs.network, options: spec }],
      pluginSpec(inputs.plugin),
    ),
    inputs.allocation,
    ...(inputs.sticky ? [inputs.sticky] : []),
  ]);

/** Whether two containers of this task cannot run side by side. */
const isExclusive = ({ update: { order } = {}, network, sticky }: TaskInputs, spec: TaskSpec) =>
  order === undefined
    ? sticky === true || hasStaticPorts(network) || exclusives(taskOptions, spec).length > 0
    : order === "stop_first";

export async function start(inputs: TaskInputs, spec: TaskSpec, known: ReadonlySet<string>): Promise<Created> {
  const connection = connectionOf(inputs.plugin);
  const hash = wantedHash(inputs, spec);
  const find = async (all: Connection["ownContainers"]) => {
    const rows = (await all()).get(inputs.key) ?? [];
    return requireOwnRows(connection.engine, inputs.key, rows, `task ${inputs.place.task}`);
  };

  const attempt = async (containers: readonly ContainerRow[]): Promise<Created> => {
    let created: Created | undefined;
    for (const step of planCreate(hash, { containers, known }, isExclusive(inputs, spec))) {
      const row = "id" in step ? containers.find(({ Id }) => Id === step.id) : undefined;
      if (step.kind === "remove" && row) await removeLeftover(connection.engine, inputs, row, step.because);
      if (step.kind === "adopt" && row) created = await adopt(connection, inputs, spec, row, step.because);
      if (step.kind === "create") created = await makeOrAdopt(connection, inputs, spec, hash, known.size === 0);
    }
    if (!created) throw new Error(`the plan for ${inputs.key} makes no container`);
    const alive = new Set([created.outs.allocId, ...containers.map(({ Labels }) => Labels[allocLabel])]);
    await removeOrphanedDirs(connection.engine, await connection.ownVolumes(), inputs.key, alive);
    // The container shows its ports now.
    await releaseLeft(connection, inputs.key);
    return created;
  };

  try {
    return await attempt(await find(connection.ownContainers));
  } catch (error) {
    // A run that was killed may have gone on for a moment, and made the container that it was asked for.
    if (!isEngineError(error, "conflict")) throw error;
    return attempt(await find(connection.ownContainersNow));
  }
}

export async function removeLeftover(
  engine: Engine,
  inputs: TaskInputs,
  row: ContainerRow,
  because: string,
): Promise<void> {
  note(`${inputs.place.task}: removing container ${row.Id.slice(0, 12)}: ${because}`);
  await engine.removeContainer(row.Id);
  const allocId = row.Labels[allocLabel];
  if (allocId !== undefined) await removeMountedDirs(engine, allocId, row.Mounts);
  await forgetOwner(engine, row.Id);
}

/** What is known of a container when it is up. */
function whenUp(
  inputs: TaskInputs,
  spec: TaskSpec,
  hostPorts: TaskOutputs["hostPorts"],
  info: ContainerInfo,
  holder: ContainerInfo,
) {
  const found = whereFound(holder, spec);
  if (found.ip === undefined && spec.advertiseIpv6Address && info.State.Running)
    warn(
      `${inputs.place.task}: advertise_ipv6_address is set, and no network gives its container an IPv6 address; ` +
        `name a network with IPv6 in network_mode, or take the option out`,
    );
  return {
    hostPorts,
    addresses: addressesOf(hostPorts, isInInfra(inputs, spec) ? Object.keys(hostPorts) : publishedLabels(spec)),
    ...found,
  };
}

async function adopt(
  connection: Connection,
  inputs: TaskInputs,
  spec: TaskSpec,
  row: ContainerRow,
  because: string,
): Promise<Created> {
  note(`${inputs.place.task}: taking over container ${row.Id.slice(0, 12)}: ${because}`);
  const info = await connection.engine.inspectContainer(row.Id);
  const allocation = { id: row.Labels[allocLabel] ?? "", ports: inputs.allocatedPorts ?? portsOf(row) };
  return takenOver(connection, inputs, spec, info, allocation);
}

async function takenOver(
  connection: Connection,
  inputs: TaskInputs,
  spec: TaskSpec,
  info: ContainerInfo,
  { id: allocId, ports }: Pick<Facts["allocation"], "id" | "ports">,
): Promise<Created> {
  const token = newToken();
  await takeOver(connection.engine, info.Id, { key: inputs.key, token });
  const outs = {
    ...inputs,
    engineId: (await connection.info()).ID,
    allocId,
    ...whenUp(inputs, spec, ports, info, await networkHolder(connection.engine, inputs, spec, info)),
    token,
    adopted: true,
  };
  return { id: info.Id, outs };
}

/** The first container of a task is the one that `adopt` names, where it names one. */
async function makeOrAdopt(
  connection: Connection,
  inputs: TaskInputs,
  spec: TaskSpec,
  hash: string,
  isFirst: boolean,
): Promise<Created> {
  if (spec.adopt === undefined || !isFirst) return make(connection, inputs, spec, hash);
  await requireMet(connection, inputs, pluginSpec(inputs.plugin));
  const fill = (facts: Facts) => filledOrRefused(inputs, spec, facts);
  const { live, allocation } = await adoptGiven(connection, inputs, fill, spec.adopt);
  return takenOver(connection, inputs, spec, live, allocation);
}

async function make(connection: Connection, inputs: TaskInputs, spec: TaskSpec, hash: string): Promise<Created> {
  await requireMet(connection, inputs, pluginSpec(inputs.plugin));
  const { key, plugin, network, place, allocation, allocatedPorts } = inputs;
  const user = {
    ...{ what: `task ${place.task} (${key})`, key, plugin, network, reservesStatic: hasOwnPorts(spec) },
    givesWay: (holder: Holder) => holder.kind === "container" && givesWay(holder.row.Id, key),
  };
  const newId = () => allocation ?? randomUUID();
  const makeIn = (one: Facts["allocation"]) => makeWith(connection, inputs, spec, hash, one);
  if (!allocatedPorts) return withPorts(connection, user, newId, makeIn);
  return withGivenPorts(connection, user, allocatedPorts, () => makeIn({ id: newId(), ports: allocatedPorts }));
}

async function makeWith(
  connection: Connection,
  inputs: TaskInputs,
  written: TaskSpec,
  hash: string,
  allocation: Pick<Facts["allocation"], "id" | "ports">,
): Promise<Created> {
  const { engine } = connection;
  const { place } = inputs;
  const { spec, facts } = filledOrRefused(inputs, written, await factsOf(connection, inputs, allocation));
  const token = newToken();
  const marks = {
    key: inputs.key,
    hash,
    token,
    ports: allocation.ports,
    ...(inputs.generation !== undefined && { generation: inputs.generation }),
  };
  const before = inputs.sticky ? await mountsBefore(connection, inputs.key) : [];
  const asked = createRequest(spec, facts);
  const { request, dirs, first } = mountDirs(
    { ...asked, Labels: { ...asked.Labels, ...marksAsLabels(marks) } },
    facts,
    { shared: inputs.sharedDirs, kept: inputs.sticky && { key: inputs.key, before } },
  );
  const there = await Promise.all(dirs.filter(({ isKept }) => isKept).map(({ name }) => engine.tryInspectVolume(name)));
  const kept = new Set(there.flatMap((volume) => (volume ? [volume.Name] : [])));
  // What a container has had is as that left it.
  const fresh = dirs.filter(({ name }) => before.length === 0 || !kept.has(name));
  const image = await imageToRun(connection, inputs);

  let id: string | undefined;
  let bringBack: Awaited<ReturnType<typeof makeWay>> | undefined;
  let info: ContainerInfo;
  let holder: ContainerInfo;
  try {
    await Promise.all(first.map(({ name, labels, driver }) => engine.createVolume(name, labels, driver)));
    const full = { ...request, Image: image };
    id = (await engine.createContainer(containerName(facts), full)).Id;
    await prepareDirs(engine, { id, request: full }, fresh, await connection.volumesDir());
    bringBack = await makeWay(connection, inputs.key);
    await engine.startContainer(id);
    info = await untilUp(engine, id, spec);
    holder = await networkHolder(engine, inputs, written, info);
    const lost = lostNetwork(info, holder);
    if (lost !== undefined) throw new Error(lost);
  } catch (error) {
    if (id === undefined && isEngineError(error, "conflict")) throw error;
    throw await cleaningUp(async () => {
      const why = await explain(engine, inputs, written, id, error);
      if (id !== undefined) await engine.removeContainer(id).catch(() => undefined);
      await removeDirs(
        engine,
        dirs.filter(({ name }) => !kept.has(name)),
      ).catch(() => undefined);
      const back = await bringBack?.();
      const text = `task ${place.task} (${inputs.key}) did not come up: ${why}`;
      return new Error(back === undefined ? text : `${text}\n  ${back}`, { cause: error });
    });
  }
  const outs = {
    ...inputs,
    engineId: (await connection.info()).ID,
    allocId: allocation.id,
    ...whenUp(inputs, spec, allocation.ports, info, holder),
    token,
  };
  return { id, outs };
}

/** What the task's container has mounted that the state knows. */
async function mountsBefore({ engine }: Connection, key: string): Promise<readonly MountPoint[]> {
  const infos = await Promise.all([...knownOf(key)].map((id) => engine.tryInspectContainer(id)));
  return infos.flatMap((info) => info?.Mounts ?? []);
}

/** A task with its texts filled in, or an error with all that is wrong with it. */
export function filledOrRefused({ key, place }: TaskInputs, spec: TaskSpec, facts: Facts): FilledTask {
  const { failures, ...filled } = filledTask(spec, facts);
  if (failures.length === 0) return filled;
  throw new Error(`task ${place.task} (${key}) was not started: ${failures.map(({ reason }) => reason).join("\n  ")}`);
}

/** The image by its name, or, when the name means another one by now, by its id: what the preview showed is what runs. */
async function imageToRun(connection: Connection, { image, imageId }: TaskInputs): Promise<string> {
  const name = imageName(image);
  return (await connection.image(name))?.Id === imageId ? name : imageId;
}

const pollMs = 200;

async function untilUp(engine: Engine, id: string, { wait }: TaskSpec): Promise<ContainerInfo> {
  const end = Date.now() + durationMs(wait.timeout);
  const stableMs = durationMs(wait.minHealthyTime);
  let upSince: number | undefined;
  for (;;) {
    const info = await engine.inspectContainer(id);
    refuseFailed(info, wait);
    const isUp = wait.until === "started" || info.State.Health?.Status === "healthy";
    upSince = isUp ? (upSince ?? Date.now()) : undefined;
    if (upSince !== undefined && (Date.now() - upSince >= stableMs || !info.State.Running)) return info;
    if (Date.now() > end)
      throw new Error(
        isUp
          ? `it was not up for ${wait.minHealthyTime} (wait.min_healthy_time) within ${wait.timeout} (wait.timeout)`
          : `it was not healthy within ${wait.timeout} (wait.timeout)`,
      );
    await new Promise((next) => setTimeout(next, pollMs));
  }
}

/** Throws where a container is not on the way to what is waited for. */
function refuseFailed({ State: state, Config: config, RestartCount }: ContainerInfo, wait: TaskSpec["wait"]): void {
  if (state.OOMKilled) throw new Error("it ran out of memory");
  const ended = !state.Running || state.Restarting;
  if (ended && state.ExitCode !== 0) throw new Error(`its process ended with exit code ${state.ExitCode}`);
  if (durationMs(wait.minHealthyTime) > 0 && RestartCount > 0)
    throw new Error(
      `the engine had to start it again before it was up for ${wait.minHealthyTime} (wait.min_healthy_time)`,
    );
  if (wait.until === "started") return;
  if (ended) throw new Error("its process ended before it was healthy");
  if (!state.Health || state.Health.Status === "none")
    throw new Error(
      `wait is until healthy, and image ${config.Image} has no healthcheck; give the option healthcheck, or wait until started`,
    );
  if (state.Health.Status === "unhealthy") throw new Error("its healthcheck says unhealthy");
}

/** The reason of a failed start, with what the container left to read: exit code, health, its last lines. */
async function explain(
  engine: Engine,
  inputs: TaskInputs,
  spec: TaskSpec,
  id: string | undefined,
  error: unknown,
): Promise<string> {
  const reason = error instanceof Error ? error.message : String(error);
  const info = id === undefined ? undefined : await engine.tryInspectContainer(id).catch(() => undefined);
  if (!info) return reason;
  const [holder, log] = await Promise.all([
    networkHolder(engine, inputs, spec, info).catch(() => info),
    engine.logTail(info.Id, 10).catch(() => ""),
  ]);
  const lost = lostNetwork(info, holder);
  if (lost !== undefined) return lost;
  return [reason, ...stateText(info), ...(log ? [`its last lines:\n${log.replace(/^/gm, "    ")}`] : [])].join("\n  ");
}

const stateText = (info: ContainerInfo): readonly string[] => {
  const { State: state } = info;
  const health = state.Health?.Log?.at(-1);
  return [
    ...(state.Running
      ? []
      : [`state ${state.Status}, exit code ${state.ExitCode}${state.OOMKilled ? ", out of memory" : ""}`]),
    ...(health && state.Health?.Status !== "healthy"
      ? [`its healthcheck ended with ${health.ExitCode}: ${health.Output.trim()}`]
      : []),
  ];
};

/** Brings an allocation's infra container up, looks after it, and removes it. */
import { randomUUID } from "node:crypto";
import { hashOf } from "../canonical";
import type { Connection } from "../connection";
import { cleaningUp } from "../engine/time-limit";
import type { ContainerInfo, ContainerRow, CreateRequest } from "../engine/types";
import { isEngineError } from "../errors";
import { endedText, infraImageOf, infraName, infraRequest } from "../infra";
import type { AllocationInputs, AllocationOutputs } from "../inputs";
import { note } from "../note";
import { forgetOwner, isOwner, marksAsLabels, newToken, portsOf, takeOver } from "../ownership";
import { planCreate } from "../plan";
import { pluginSpec } from "../plugin-spec";
import { hasStaticPorts } from "../ports";
import { allocLabel } from "../request";
import { obtain } from "./obtain";
import { requireOwnRows } from "./own-rows";
import { type PortUser, withPorts } from "./ports-for";

/** An allocation whose tasks share the network of its infra container. */
export interface WithInfra {
  /** The allocation's. */
  readonly id: string;
  readonly infra: Pick<AllocationOutputs, "allocatedPorts" | "infra" | "token" | "adopted">;
}

const wantedHash = ({ generation, network, publishedByTasks }: AllocationInputs): string =>
  hashOf([generation, network, publishedByTasks]);

/** An allocation, as one that has ports. */
export const portUser = ({ key, network, plugin }: AllocationInputs): PortUser => ({
  what: `allocation ${key}`,
  ...{ key, network, plugin },
});

/** Finds what an interrupted run left, or makes a new one; what else was left goes. */
export async function startInfra(
  connection: Connection,
  inputs: AllocationInputs,
  known: ReadonlySet<string>,
): Promise<WithInfra> {
  const rows = (await connection.ownContainers()).get(inputs.key) ?? [];
  const containers = await requireOwnRows(connection.engine, inputs.key, rows, `allocation ${inputs.key}`);
  let started: WithInfra | undefined;
  for (const step of planCreate(wantedHash(inputs), { containers, known }, hasStaticPorts(inputs.network))) {
    const row = "id" in step ? containers.find(({ Id }) => Id === step.id) : undefined;
    if (step.kind === "remove" && row) {
      note(`${inputs.key}: removing infra container ${row.Id.slice(0, 12)}: ${step.because}`);
      await connection.engine.removeContainer(row.Id);
    }
    if (step.kind === "adopt" && row) started = await adopt(connection, inputs, row, step.because);
    if (step.kind === "create") started = await make(connection, inputs);
  }
  if (!started) throw new Error(`the plan for ${inputs.key} makes no infra container`);
  return started;
}

async function adopt(
  { engine }: Connection,
  inputs: AllocationInputs,
  row: ContainerRow,
  because: string,
): Promise<WithInfra> {
  note(`${inputs.key}: taking over infra container ${row.Id.slice(0, 12)}: ${because}`);
  const token = newToken();
  await takeOver(engine, row.Id, { key: inputs.key, token });
  return {
    id: row.Labels[allocLabel] ?? "",
    infra: { infra: row.Id, allocatedPorts: portsOf(row), token, adopted: true },
  };
}

const make = (connection: Connection, inputs: AllocationInputs): Promise<WithInfra> =>
  withPorts(connection, portUser(inputs), randomUUID, ({ id, ports }) =>
    makeWith(connection, inputs, id, ports).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`allocation ${inputs.key} has no network for its tasks: ${reason}`, { cause: error });
    }),
  );

async function makeWith(
  connection: Connection,
  inputs: AllocationInputs,
  allocId: string,
  ports: AllocationOutputs["allocatedPorts"],
): Promise<WithInfra> {
  const { engine } = connection;
  const { network = { ports: {} }, generation, key, publishedByTasks } = inputs;
  const token = newToken();
  const marks = marksAsLabels({ key, hash: wantedHash(inputs), token, generation, ports });
  const labels = { ...marks, [allocLabel]: allocId };
  const { id, image } = await createFrom(connection, inputs, infraName(allocId), (name) =>
    infraRequest({ network, ports, publishedByTasks, image: name, labels }),
  );
  try {
    await engine.startContainer(id);
    const { State: state } = await engine.inspectContainer(id);
    if (!state.Running || state.Restarting) throw new Error(endedText(image, state.ExitCode));
  } catch (error) {
    await cleaningUp(() => engine.removeContainer(id)).catch(() => undefined);
    throw error;
  }
  return { id: allocId, infra: { infra: id, allocatedPorts: ports, token } };
}

async function createFrom(
  connection: Connection,
  inputs: AllocationInputs,
  name: string,
  requestOf: (image: string) => CreateRequest,
): Promise<{ readonly id: string; readonly image: string }> {
  for (let tries = 1; ; tries++) {
    const image = await imageFor(connection, inputs);
    try {
      return { id: (await connection.engine.createContainer(name, requestOf(image))).Id, image };
    } catch (error) {
      // Somebody removed the image since.
      if (!isEngineError(error, "notFound") || tries > 1) throw error;
    }
  }
}

/** The infra image, on the engine. No use of it is marked: as in the driver, the clean-up of images leaves it alone. */
async function imageFor(connection: Connection, { key, plugin }: AllocationInputs): Promise<string> {
  const spec = pluginSpec(plugin);
  const image = infraImageOf(spec, (await connection.info()).Architecture);
  const asked = { kind: "Image", key, plugin, image, imagePullTimeout: spec.infraImagePullTimeout } as const;
  await obtain(connection, asked).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `the infra image is not to be had: ${reason}; name one that can be pulled, or is on the engine, in the plugin option infra_image`,
      { cause: error },
    );
  });
  return image;
}

/** What has become of an allocation's infra container. */
export const stateOfInfra = (info: ContainerInfo | undefined): "running" | "stopped" | "gone" => {
  if (!info || info.State.Status === "dead" || info.State.Status === "removing") return "gone";
  return info.State.Running && !info.State.Restarting ? "running" : "stopped";
};

/** False when a later run has taken the allocation over: then it is not this one's to remove. */
export async function removeInfra(
  { engine }: Connection,
  { infra, token = "", adopted = false }: Pick<AllocationOutputs, "infra" | "token" | "adopted">,
): Promise<boolean> {
  if (infra === undefined) return true;
  const live = await engine.tryInspectContainer(infra);
  if (live) {
    if (!(await isOwner(engine, { id: infra, labels: live.Config.Labels }, { token, adopted }))) return false;
    await engine.removeContainer(infra);
  }
  if (adopted || !live) await forgetOwner(engine, infra);
  return true;
}

/** Where a task has its network: in its own container, or in that of its allocation. */
import { networkAddresses } from "../addresses";
import { advertisedIp } from "../advertised-ip";
import type { Engine } from "../engine/engine";
import type { ContainerInfo } from "../engine/types";
import { endedText } from "../infra";
import type { TaskInputs, TaskOutputs } from "../inputs";
import type { TaskSpec } from "../options";
import { isInGroupNetwork } from "../options/network-mode";

/** Whether a task is in the network that the tasks of its group share. */
export const isInInfra = (
  { infra }: Pick<TaskInputs, "infra">,
  { networkMode }: Pick<TaskSpec, "networkMode">,
): boolean => isInGroupNetwork(networkMode, { sharesNetwork: infra !== undefined });

/** The container that holds the network of a task. Its own where the other one is gone. */
export const networkHolder = async (
  engine: Engine,
  inputs: Pick<TaskInputs, "infra">,
  spec: Pick<TaskSpec, "networkMode">,
  own: ContainerInfo,
): Promise<ContainerInfo> =>
  isInInfra(inputs, spec) ? ((await engine.tryInspectContainer(inputs.infra ?? "")) ?? own) : own;

/**
 * Whether a running task is left in a network that is no more: the container that holds it was started again since, and
 * has another one. Only a start of the task leads it there.
 */
export const isCutOff = (own: ContainerInfo, holder: ContainerInfo): boolean =>
  own.State.Running && holder.State.Running && Date.parse(holder.State.StartedAt) > Date.parse(own.State.StartedAt);

/** Why a new task has not got the network that its allocation holds; undefined where it has, or has one of its own. */
export function lostNetwork(own: ContainerInfo, holder: ContainerInfo): string | undefined {
  if (holder.Id === own.Id) return undefined;
  const { Running, Restarting, ExitCode, StartedAt } = holder.State;
  const isStable = Running && !Restarting && Date.parse(StartedAt) < Date.parse(own.Created);
  return isStable ? undefined : endedText(holder.Config.Image, ExitCode);
}

/** What a task is found by in its networks. */
export function whereFound(holder: ContainerInfo, spec: TaskSpec): Pick<TaskOutputs, "ip" | "networks"> {
  const [ip, networks] = [advertisedIp(holder, spec), networkAddresses(holder)];
  return { ...(ip !== undefined && { ip }), ...(Object.keys(networks).length > 0 && { networks }) };
}

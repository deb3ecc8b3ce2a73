/** Takes over the container that the option `adopt` names, where it is what the options ask for. */
import { randomUUID } from "node:crypto";
import { differences, portsOn } from "../adoption";
import { mountDirs } from "../allocation-dirs";
import type { Connection } from "../connection";
import type { ContainerInfo } from "../engine/types";
import type { Facts } from "../facts";
import type { TaskInputs } from "../inputs";
import { note } from "../note";
import { type TaskSpec, taskOptions } from "../options";
import { toUpdate } from "../options/folds";
import { originLabel, ownOrigin } from "../origin";
import { keyLabel } from "../ownership";
import { allocLabel, containerName, createRequest, mountedDirs } from "../request";
import { ifReachable } from "./engine-of";
import { factsOf } from "./facts-of";

/** Why a container cannot be taken over at all, in words that complete "`adopt` …". */
const unfit = (name: string, key: string, live: ContainerInfo | undefined): string | undefined => {
  const is = `is "${name}", `;
  if (!live) return `${is}and the engine has no such container; name one that it has, or take the option out`;
  const owner = live.Config.Labels[keyLabel];
  if (owner !== undefined && owner !== key)
    return `${is}which is a container of ${owner}; it is that one's until its stack gives it up`;
  if (!live.State.Running || live.State.Restarting) return `${is}which does not run; start it, or take the option out`;
  return undefined;
};

/** What a preview can tell. */
export async function cannotAdopt({ key, plugin }: TaskInputs, name: string) {
  const reason = await ifReachable(plugin, async ({ engine }) =>
    unfit(name, key, await engine.tryInspectContainer(name)),
  );
  return reason === undefined ? [] : [{ property: "adopt", reason: `adopt ${reason}` }];
}

export interface Given {
  readonly live: ContainerInfo;
  readonly allocation: Pick<Facts["allocation"], "id" | "ports">;
}

/** Throws, and leaves all as it is, where the container is otherwise than the options ask. */
export async function adoptGiven(
  connection: Connection,
  inputs: TaskInputs,
  fill: (facts: Facts) => { readonly spec: TaskSpec; readonly facts: Facts },
  name: string,
): Promise<Given> {
  const { engine } = connection;
  const { key, place, network } = inputs;
  const refuse = (text: string) => new Error(`task ${place.task} (${key}) was not started: adopt ${text}`);
  if (inputs.allocation !== undefined)
    throw refuse(`is "${name}", and the task shares an allocation with others; give it a group of its own`);
  const live = await engine.tryInspectContainer(name);
  const reason = unfit(name, key, live);
  if (!live || reason !== undefined) throw refuse(reason ?? "");

  const id = live.Config.Labels[allocLabel] ?? randomUUID();
  const unfilled = await factsOf(connection, inputs, { id, ports: {} });
  const { ports, differences: ofPorts } = portsOn(live, fill(unfilled).spec, network);
  const { spec, facts } = fill(await factsOf(connection, inputs, { id, ports }));
  const found = [...ofPorts, ...(await differencesOf(connection, inputs, { live, spec, facts }))];
  if (found.length > 0)
    throw refuse(
      `is "${name}", which is otherwise than the options ask, and was left alone:\n  ${found.join("\n  ")}\n  ` +
        `change the options to what it has, or take adopt out to have a new one`,
    );
  note(`${place.task}: taking over container ${live.Id.slice(0, 12)} (${name})`);
  await engine.updateContainer(live.Id, toUpdate(taskOptions, spec, facts));
  return { live, allocation: { id, ports } };
}

/** Has the engine make a container of the options, which is never started, to compare what it shows of both. */
async function differencesOf(
  { engine }: Connection,
  { key, imageId, sharedDirs }: TaskInputs,
  { live, spec, facts }: { readonly live: ContainerInfo; readonly spec: TaskSpec; readonly facts: Facts },
): Promise<readonly string[]> {
  const asked = createRequest(spec, facts);
  const { request, dirs } = mountDirs(asked, facts, { shared: sharedDirs });
  const ours = new Set(dirs.map(({ name }) => name));
  const { Binds, Mounts, ...host } = request.HostConfig ?? {};
  const HostConfig = {
    ...host,
    ...(Binds && { Binds: Binds.filter((text) => !ours.has(text.split(":", 1)[0] ?? "")) }),
    ...(Mounts && { Mounts: Mounts.filter(({ Source = "" }) => !ours.has(Source)) }),
  };
  // With its key, the next run finds and removes it, if this one is killed.
  const like = {
    ...request,
    HostConfig,
    Image: imageId,
    Labels: { ...request.Labels, [keyLabel]: key, [originLabel]: ownOrigin() },
  };
  const { Id } = await engine.createContainer(`${containerName(facts)}-like`, like);
  try {
    const made = await engine.inspectContainer(Id);
    const standard = new Set(mountedDirs.map((dir) => `/${dir}`));
    const relative = dirs
      .flatMap(({ places }) => places.map(({ target }) => target))
      .filter((one) => !standard.has(one));
    return [
      ...differences({ live, made, asked: request, spec, facts }),
      ...relative.map((target) => `mounts: nothing of an allocation is mounted at ${target}`),
    ];
  } finally {
    await engine.removeContainer(Id);
  }
}

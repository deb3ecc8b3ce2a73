/** The engine that the tests run on, for looking at what is really there. */
import { connect } from "../../provider/engine/engine";
import { endpointOf } from "../../provider/engine/endpoint";
import type { ContainerInfo, ContainerRow } from "../../provider/engine/types";
import { allocLabel } from "../../provider/request";
import { keyLabel } from "../../provider/ownership";

export const engine = connect(endpointOf());

/** Containers of one project, of whatever state. */
export const containersOf = async (project: string): Promise<readonly ContainerRow[]> =>
  (await engine.listContainers([keyLabel])).filter(({ Labels }) => Labels[keyLabel]?.startsWith(`${project}/`));

export const inspectAll = async (project: string): Promise<readonly ContainerInfo[]> =>
  Promise.all((await containersOf(project)).map(({ Id }) => engine.inspectContainer(Id)));

/** Volumes of one project. */
export const volumesOf = async (project: string): Promise<readonly string[]> =>
  (await engine.listVolumes([allocLabel]))
    .filter(({ Labels }) => Labels?.[keyLabel]?.startsWith(`${project}/`))
    .map(({ Name }) => Name);

export const taskOf = ({ Labels }: Pick<ContainerRow, "Labels">): string => Labels[keyLabel]?.split("/").at(-1) ?? "";

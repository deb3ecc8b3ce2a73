import type { ContainerRow } from "./types";

/** Whether a container does its work, or will go on with it: it has its ports, and its program is not over. */
export const isUp = ({ State }: Pick<ContainerRow, "State">): boolean =>
  State === "running" || State === "restarting" || State === "paused";

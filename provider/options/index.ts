/** The docker task: its table, and the two types a table gives. */
import { image } from "./image";
import { lifecycle } from "./lifecycle";
import { logging } from "./logging";
import { mounts } from "./mounts";
import { network } from "./network";
import type { PropsOf, SpecOf } from "./option";
import { placement } from "./placement";
import { process } from "./process";
import { resources } from "./resources";
import { security } from "./security";

export const taskOptions = {
  ...image,
  ...process,
  ...resources,
  ...security,
  ...network,
  ...mounts,
  ...logging,
  ...lifecycle,
  ...placement,
};

/** What a program writes about the container: `new Task(group, "web", options)`. */
export interface TaskOptions extends PropsOf<typeof taskOptions> {}

/** Plain, validated, defaults applied: what the provider stores. */
export type TaskSpec = SpecOf<typeof taskOptions>;

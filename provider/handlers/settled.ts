import type { TaskInputs } from "../inputs";
import { type TaskSpec, taskOptions } from "../options";
import { validate } from "../options/folds";
import { optionsOf } from "./facts-of";

/** The options of a task that is known, with their defaults. */
export const settled = (inputs: TaskInputs): TaskSpec =>
  validate(taskOptions, optionsOf(inputs), () => false).values as TaskSpec;

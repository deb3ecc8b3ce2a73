/** What is wrong with a tree, in the words of the files that it was read from. */
import type { IConstruct } from "constructs";
import { Job } from "../constructs/job";
import { Plugin } from "../constructs/plugin";
import { Task } from "../constructs/task";
import type { PlacedFailure } from "../constructs/validation";
import { taskOptions } from "../provider/options";
import { groupOptions, jobOptions } from "../provider/options/job";
import { nomadPath } from "../provider/options/names";
import type { AnyRows } from "../provider/options/option";
import { pluginOptions } from "../provider/options/plugin";

/** A refusal: `web/server/echo.args[0]`, and why. */
export interface FailureInFile {
  readonly path: string;
  readonly reason: string;
}

/** The rows of a construct's options. */
export const tableOf = (construct: IConstruct | undefined): AnyRows => {
  if (construct instanceof Task) return taskOptions;
  if (construct instanceof Plugin) return pluginOptions;
  return construct instanceof Job ? jobOptions : groupOptions;
};

/** The option as the file names it. */
export const failureInFile = (root: IConstruct, { path, property, reason }: PlacedFailure): FailureInFile => {
  const construct = root.node.findAll().find(({ node }) => node.path === path);
  return { path: `${path}.${nomadPath(tableOf(construct), property)}`, reason };
};

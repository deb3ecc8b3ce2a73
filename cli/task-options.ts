/** The options of a command that is about tasks: the engine they are on, and the stack they belong to. */
import type { Options, Values } from "./command";
import { engineOf, engineOptions } from "./engine-options";
import type { Written } from "../provider/engine/endpoint";
import type { Scope } from "../run/containers";

export const taskOptions = {
  project: { value: "NAME", help: "only tasks of this Pulumi project", completes: "project" },
  stack: { value: "NAME", help: "only tasks of this stack", completes: "stack" },
  app: { value: "NAME", help: "only tasks of this app", completes: "app" },
  ...engineOptions,
} as const satisfies Options;

/** Which tasks a command line is about. */
export interface Where {
  readonly engine: Written;
  readonly scope: Scope;
}

export const whereOf = (values: Values<typeof taskOptions>): Where => {
  const { project, stack, app } = values;
  return { engine: engineOf(values), scope: { project, stack, app } };
};

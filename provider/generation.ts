import { hashOf } from "./canonical";
import type { Place } from "./facts";
import { taskOptions } from "./options";
import { canonical, inherited, resolved } from "./options/folds";
import { readLocalFile } from "./local-files";
import type { NetworkSpec } from "./options/job";
import type { PluginSpec } from "./options/plugin";

/** What only a new container can have of a task, and what its allocation is made of. */
export interface Lasting {
  readonly place: Place;
  readonly imageId: string;
  readonly network: NetworkSpec | undefined;
  readonly sticky?: true | undefined;
  readonly options: Readonly<Record<string, unknown>>;
}

// The order in which a program makes its tasks says nothing.
const byName = ({ place: a }: Lasting, { place: b }: Lasting): number => (a.task < b.task ? -1 : 1);

/**
 * A hash over all that only a new container can have: the same for values that say the same.
 * @param plugin what the operator gives, which is as good as written
 */
export const generationOf = (tasks: readonly Lasting[], plugin: PluginSpec): string =>
  hashOf(
    tasks.toSorted(byName).map(({ options, ...rest }) => ({
      ...rest,
      ...canonical(
        taskOptions,
        inherited(taskOptions, resolved(taskOptions, options, readLocalFile).values, plugin),
        "replace",
      ),
    })),
  );

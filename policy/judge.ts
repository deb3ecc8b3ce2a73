/** What a rule says of a resource. Pure. */
import { taskOptions } from "../provider/options";
import { pathText } from "../provider/options/folds";
import { groupOptions } from "../provider/options/job";
import { nomadPath } from "../provider/options/names";
import { visible } from "../provider/visible";
import type { Settled } from "./settings";
import { type Subject, notShown } from "./subject";

export interface Said {
  /** The path of what it is about: `devices[0].hostPath`. */
  readonly property: string;
  /** Resource, option, value, reason and way out; no secret. */
  readonly message: string;
}

/** As operators write it. What is of the group is a task's only where that is alone. */
const written = (property: string): string => nomadPath({ ...taskOptions, network: groupOptions.network }, property);

export const saidBy = ({ name, rule, config }: Omit<Settled, "level">, subject: Subject): readonly Said[] =>
  rule.judge(subject, config as never).map(({ at, reason, wayOut, allow }) => {
    const property = pathText(at);
    const what = allow === notShown ? "it" : allow;
    const added = what === undefined ? "" : `, or have ${what} added to "allow" of the rule ${name}`;
    return { property, message: visible(`${subject.name}: ${written(property)} ${reason}; ${wayOut}${added}`) };
  });

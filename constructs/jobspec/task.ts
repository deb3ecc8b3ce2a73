import { taskOptions } from "../../provider/options";
import type { Failure } from "../../provider/options/folds";
import { asBlock, isBag } from "../../provider/options/from-nomad";
import { Task, type TaskProps } from "../task";
import type { TaskGroup } from "../task-group";
import { addWarning } from "../warnings";
import { constraintsOf } from "./constraints";
import { devicesOf } from "./devices";
import { Fields, fromConfig, isBlank, rowsIn } from "./fields";
import type { TaskNetwork } from "./network";
import { restartOf } from "./restart";
import { idOf, warnOfInterpolation, warnOfLeft, withFailures } from "./tree";

/** What a task has of its group and job. */
export interface Surroundings {
  readonly restart: Fields | undefined;
  readonly type: unknown;
  /** Of the task alone; its ports are the group's too. */
  readonly network: TaskNetwork;
}

const stanzas = {
  config: rowsIn(taskOptions, "config"),
  task: rowsIn(taskOptions, "task"),
  resources: rowsIn(taskOptions, "resources"),
};

const failure = (property: string, reason: string): Failure => ({ property, reason: `${property} ${reason}` });

/** One of a group's `Tasks`. */
export function addTask(
  group: TaskGroup,
  fields: Fields,
  index: number,
  { restart, type, network }: Surroundings,
): void {
  const { id, failures } = idOf(group, "task", fields.take("Name"), `task-${index}`);
  const [driver, meta] = [fields.take("Driver"), fields.take("Meta")];
  const config = asBlock(fields.take("Config") ?? {});
  const needs = Fields.of(fields.take("Resources"));
  // Read with the group, whose ports they are.
  needs?.take("Networks");
  const devices = devicesOf(needs);
  const ownRestart = Fields.of(fields.take("RestartPolicy"));
  const isPolicyGiven = [restart, ownRestart].some((policy) => policy && !policy.isBlank);
  const policy = isPolicyGiven ? restartOf(restart, ownRestart, type) : undefined;
  const taken = [
    fromConfig(stanzas.config, isBag(config) ? config : {}),
    fields.takeOptions(stanzas.task),
    ...(needs ? [needs.takeOptions(stanzas.resources, { keepZero: true })] : []),
  ];
  const { constraints, failures: unread } = constraintsOf(fields);
  const values = Object.assign({}, ...taken.map((part) => part.values)) as TaskProps;

  const { ports = [] } = values as { readonly ports?: readonly string[] };
  const task = new Task(group, id, {
    ...values,
    constraints,
    ...(network.labels.length > 0 && { ports: [...new Set([...ports, ...network.labels])] }),
    ...(devices.deviceRequests && { deviceRequests: devices.deviceRequests }),
    ...(policy?.restart !== undefined && { restart: policy.restart }),
    ...(!isBlank(meta) && { meta: meta as Record<string, string> }),
  });
  withFailures(task, [
    ...failures,
    ...(driver === "docker"
      ? []
      : [
          failure(
            "driver",
            `is ${driver === undefined ? "missing" : JSON.stringify(driver)}; the only one here is "docker"`,
          ),
        ]),
    ...(isBag(config) ? [] : [failure("config", "is not a map of the driver's options; write one")]),
    ...taken.flatMap((part) => part.failures),
    ...devices.failures,
    ...unread,
    ...(policy?.failures ?? []),
  ]);
  if (policy?.warning !== undefined) addWarning(task, policy.warning);
  for (const warning of devices.warnings) addWarning(task, warning);
  if (network.labels.length > 0)
    addWarning(task, "resources.networks is deprecated: give the ports to the group's network, and name them in ports");
  warnOfInterpolation(task, taskOptions, values);
  warnOfLeft(task, network.left, "Resources.Networks.");
  warnOfLeft(task, needs?.left, "Resources.");
  warnOfLeft(task, ownRestart?.left, "RestartPolicy.");
  warnOfLeft(task, fields.left);
}

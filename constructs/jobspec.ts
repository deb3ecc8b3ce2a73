/** A job in Nomad's own JSON form becomes the same tree that a program would write. */
import type { Construct } from "constructs";
import { asBlock, isBag } from "../provider/options/from-nomad";
import { type JobOptions, groupOptions, jobOptions } from "../provider/options/job";
import { Job } from "./job";
import { constraintsOf } from "./jobspec/constraints";
import { Fields } from "./jobspec/fields";
import { networkOf, taskNetworkOf } from "./jobspec/network";
import { addTask } from "./jobspec/task";
import { ephemeralDiskOf } from "./jobspec/ephemeral-disk";
import { updateOf } from "./jobspec/update";
import { idOf, warnOfLeft, withFailures } from "./jobspec/tree";
import type { Plugin } from "./plugin";
import { TaskGroup } from "./task-group";

/** What a job file does not say. */
export interface JobspecOptions {
  /** The engine to run on. @default the app's only plugin, or the engine of this machine */
  readonly plugin?: Plugin | undefined;
}

const fieldsOf = (jobspec: unknown): Fields | undefined => {
  const whole = asBlock(jobspec);
  const job = isBag(whole) && "Job" in whole ? whole.Job : whole;
  return isBag(job) && ("ID" in job || "TaskGroups" in job) ? Fields.of(job) : undefined;
};

/**
 * A job as the tree of constructs that a program would write for it.
 *
 * What is wrong with the job is told at synthesis, all at once, with the path of the construct and of the option; what
 * has no effect here is told in a warning.
 *
 * @param jobspec `{"Job": {…}}` or the object inside it, as `nomad job run -output` prints it.
 * @example
 * fromJobspec(app, JSON.parse(readFileSync("job.json", "utf8")));
 */
export function fromJobspec(scope: Construct, jobspec: unknown, { plugin }: JobspecOptions = {}): Job {
  const fields = fieldsOf(jobspec);
  if (!fields)
    return withFailures(new Job(scope, "job", { plugin }), [
      {
        property: "jobspec",
        reason: 'jobspec is not a job in the form of Nomad\'s API, {"Job": {…}}; write it with nomad job run -output',
      },
    ]);
  const { id, failures } = idOf(scope, "job", fields.take("ID"), "job");
  const groups = fields.takeList("TaskGroups");
  const { constraints: _, update: __, ...rows } = jobOptions;
  const options = fields.takeOptions(rows);
  const { constraints, failures: unread } = constraintsOf(fields);
  const { update, left, failures: unfit } = updateOf(fields);
  const props: JobOptions = { ...options.values, constraints, update };
  const job = withFailures(new Job(scope, id, { ...props, plugin }), [
    ...failures,
    ...unread,
    ...unfit,
    ...options.failures,
    ...(groups.length > 0 ? [] : [{ property: "task_groups", reason: "task_groups are missing; give the job one" }]),
  ]);
  groups.forEach((group, index) => addGroup(job, group ?? Fields.none(), index, props.type));
  warnOfLeft(job, left, "Update.");
  warnOfLeft(job, fields.left);
  return job;
}

function addGroup(job: Job, fields: Fields, index: number, type: unknown): void {
  const { id, failures } = idOf(job, "group", fields.take("Name"), `group-${index}`);
  const { network: _, constraints: __, update: ___, ephemeralDisk: ____, ...rows } = groupOptions;
  const options = fields.takeOptions(rows, { keepZero: true });
  const tasks = fields.takeList("Tasks").map((task = Fields.none()) => {
    const networks = Fields.of(task.take("Resources"))?.takeList("Networks") ?? [];
    return { task, network: taskNetworkOf(networks) };
  });
  const ofTasks = tasks.flatMap(({ network: { ports } }) => ports);
  const { network, left, failures: wrong } = networkOf(fields.takeList("Networks"), ofTasks);
  const { constraints, failures: unread } = constraintsOf(fields);
  const { update, left: ofUpdate, failures: unfit } = updateOf(fields);
  const { ephemeralDisk, left: ofDisk, failures: unkept } = ephemeralDiskOf(fields);
  const group = new TaskGroup(job, id, { ...options.values, network, constraints, update, ephemeralDisk });
  withFailures(group, [...failures, ...options.failures, ...wrong, ...unread, ...unfit, ...unkept]);
  const restart = Fields.of(fields.take("RestartPolicy"));
  tasks.forEach(({ task, network: own }, at) => addTask(group, task, at, { restart, type, network: own }));
  warnOfLeft(group, left, "Networks.");
  warnOfLeft(group, ofUpdate, "Update.");
  warnOfLeft(group, ofDisk, "EphemeralDisk.");
  warnOfLeft(group, restart?.left, "RestartPolicy.");
  warnOfLeft(group, fields.left);
}

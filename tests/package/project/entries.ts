/** Every entry point, as a strict program uses its names and its types. */
import { App, Job, type SynthesisError, Task, TaskGroup, type TaskProps } from "longshore";
import { type PolicyViolation, checkState, longshorePolicies } from "longshore/policy";
import { handler } from "longshore/provider";
import { type TaskStatus, EngineError, ps } from "longshore/run";

const props: TaskProps = { image: "redis:7", memory: 64, killTimeout: "10s" };
const task = (app: App): string => new Task(new TaskGroup(new Job(app, "cache"), "server"), "redis", props).node.path;
// @ts-expect-error a wrong type is seen: what is not found would be `any`
const wrong: TaskProps = { image: 7 };
// @ts-expect-error the types of this entry are seen too
const statuses: () => Promise<readonly TaskStatus[]> = () => ps({ endpoint: wrong.memory ?? 7 });
const rules: readonly string[] = longshorePolicies({}).map(({ name }) => name);
const violations = (): readonly PolicyViolation[] => checkState({ version: 3 }).violations;

export type Named = [SynthesisError, EngineError];
console.log(
  JSON.stringify({
    rules: rules.length > 0,
    provider: Object.keys(handler()),
    functions: [typeof task, typeof App, typeof statuses, typeof violations, typeof EngineError],
  }),
);

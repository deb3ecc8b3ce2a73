/** What a container can and cannot do because of what its operator gives every task. */
import { Refused, removeTasks, startTask } from "../../support/live-task";

afterEach(removeTasks);

test("pids_limit of the plugin: a task that says nothing cannot start more processes", async () => {
  const plugin = { pidsLimit: 20 };
  const task = await startTask({}, { plugin });
  expect((await task.info()).HostConfig.PidsLimit).toBe(20);
  const { code, out } = await task.sh("for i in $(seq 60); do sleep 30 & done; wait -n 2>/dev/null; echo done");
  expect(`${code} ${out}`).toMatch(/can't fork|cannot fork|Resource temporarily unavailable/i);
  await expect(startTask({ pidsLimit: 21 }, { plugin })).rejects.toThrow(Refused);
});

test("without one, the same script starts them all", async () => {
  const task = await startTask();
  expect(await task.sh("for i in $(seq 60); do sleep 1 & done; echo done")).toEqual({ code: 0, out: "done" });
});

test("logging of the plugin: the engine keeps the logs as it says, unless the task says otherwise", async () => {
  const plugin = { logging: { config: { "max-size": "64k", tag: "operator" } } };
  const [inheriting, own] = await Promise.all([
    startTask({}, { plugin }),
    startTask({ logging: { type: "none" } }, { plugin }),
  ]);
  expect((await inheriting.info()).HostConfig.LogConfig).toEqual({
    Type: "json-file",
    Config: { "max-size": "64k", tag: "operator" },
  });
  expect((await own.info()).HostConfig.LogConfig).toEqual({ Type: "none", Config: {} });
});

test("extra_labels of the plugin and of the task: the container says where it belongs", async () => {
  const task = await startTask({ extraLabels: ["task*"] }, { plugin: { extraLabels: ["job_name", "node_*"] } });
  const { Labels } = (await task.info()).Config;
  expect(Labels).toMatchObject({
    "longshore.job_name": "job",
    "longshore.task_name": "task",
    "longshore.task_group_name": "group",
    "longshore.node_id": task.outs.engineId,
  });
  expect(Labels["longshore.node_name"]).toMatch(/./);
  expect(Labels).not.toHaveProperty(["longshore.namespace"]);
});

/** What a task has from its operator, and what it may not have because of it. */
import { allocationDirs } from "../../../provider/allocation-dirs";
import type { Facts } from "../../../provider/facts";
import { generationOf } from "../../../provider/generation";
import { type TaskSpec, taskOptions } from "../../../provider/options";
import { changes, inherited, toEngine, validate, violations, withoutEffect } from "../../../provider/options/folds";
import { pluginOptions } from "../../../provider/options/plugin";
import { pluginSpec } from "../../../provider/plugin-spec";

type Bag = Readonly<Record<string, unknown>>;

const specOf = (options: Bag, plugin: Bag): TaskSpec => {
  const { values, failures } = validate(taskOptions, { image: "redis:7", ...options }, () => false);
  expect(failures).toEqual([]);
  return inherited(taskOptions, values, pluginSpec(plugin)) as TaskSpec;
};

describe("pids_limit", () => {
  test.each([
    ["the operator's, when the task says nothing", {}, { pidsLimit: 50 }, 50],
    ["the operator's, when the task says 0", { pidsLimit: 0 }, { pidsLimit: 50 }, 50],
    ["the task's own", { pidsLimit: 20 }, { pidsLimit: 50 }, 20],
    ["none", {}, {}, undefined],
    ["none, when the operator says 0", {}, { pidsLimit: 0 }, undefined],
    ["any, when the operator says 0", { pidsLimit: 500 }, { pidsLimit: 0 }, 500],
  ])("%s", (_, task, plugin, limit) => expect(specOf(task, plugin).pidsLimit).toBe(limit));

  test("one above the operator's is refused, with the way out", () => {
    const judged = (limit: number, plugin: Bag | undefined) =>
      violations(taskOptions, specOf({ pidsLimit: limit }, {}) as never, { plugin: plugin && pluginSpec(plugin) });
    expect(judged(51, { pidsLimit: 50 })).toEqual([
      {
        property: "pidsLimit",
        reason:
          "pids_limit is 51, above the 50 that the operator allows; lower it, or have the operator raise the plugin option pids_limit",
      },
    ]);
    expect([judged(50, { pidsLimit: 50 }), judged(51, {}), judged(51, undefined)]).toEqual([[], [], []]);
  });
});

describe("logging", () => {
  const plugin = { logging: { config: { "max-size": "5m" } } };
  const given = { type: "json-file", config: { "max-size": "5m" } };
  test.each([
    ["the operator's, when the task says nothing", {}, plugin, given],
    ["the operator's, when the task says an empty block", { logging: {} }, plugin, given],
    ["the task's own, nothing of the operator's added", { logging: { type: "none" } }, plugin, { type: "none" }],
    ["nothing", {}, {}, undefined],
  ])("%s", (_, task, operator, logging) => expect(specOf(task, operator).logging).toEqual(logging));
});

describe("extra_labels", () => {
  const facts: Facts = {
    place: { job: "shop", jobName: "Shop", group: "front", index: 0, task: "echo" },
    allocation: { id: "a", ports: {} },
    dirs: allocationDirs("a", "echo"),
    engine: { id: "ID", name: "host" },
    plugin: pluginSpec({}),
  };
  const labels = (task: Bag, plugin: Bag = {}, engine: Facts["engine"] = facts.engine) =>
    toEngine(taskOptions, specOf(task, plugin), { ...facts, engine }).Labels;
  const all = {
    "longshore.job_id": "shop",
    "longshore.job_name": "Shop",
    "longshore.namespace": "default",
    "longshore.node_id": "ID",
    "longshore.node_name": "host",
    "longshore.task_group_name": "front",
    "longshore.task_name": "echo",
  };

  test("none by default", () => expect(labels({})).toBeUndefined());
  test("all", () => expect(labels({ extraLabels: ["*"] })).toEqual(all));
  test("by name", () => expect(labels({ extraLabels: ["job_name"] })).toEqual({ "longshore.job_name": "Shop" }));
  test("by pattern, beside the task's own", () =>
    expect(labels({ extraLabels: ["task*"], labels: { a: "b" } })).toEqual({
      a: "b",
      "longshore.task_group_name": "front",
      "longshore.task_name": "echo",
    }));
  test("the operator's and the task's", () =>
    expect(Object.keys(labels({ extraLabels: ["job_id"] }, { extraLabels: ["*_name"] }) ?? {})).toEqual(
      ["job_id", "job_name", "node_name", "task_group_name", "task_name"].map((name) => `longshore.${name}`),
    ));
  test("what is not known without an engine is left out", () =>
    expect(labels({ extraLabels: ["node*"] }, {}, {})).toBeUndefined());
  test("a pattern is not a regular expression", () =>
    expect(validate(taskOptions, { image: "a", extraLabels: ["job.id", "task_+"] }, () => false).failures).toHaveLength(
      2,
    ));

  test("two ways to say the same are no change", () =>
    expect(
      changes(
        taskOptions,
        { image: "a", extraLabels: ["task*"] },
        { image: "a", extraLabels: ["task_name", "task_group_name"] },
      ).replace,
    ).toEqual([]));
});

test("what the operator adds for new containers only is part of an allocation's generation", () => {
  const lasting = [
    { place: { job: "j", group: "g", index: 0, task: "t" }, imageId: "i", network: undefined, options: {} },
  ];
  const generations = [{}, { logging: {} }, { extraLabels: ["job_id"] }, { pidsLimit: 5 }].map((plugin) =>
    generationOf(lasting, pluginSpec(plugin)),
  );
  expect(new Set(generations.slice(0, 3)).size).toBe(3);
  expect(generations[3]).toBe(generations[0]);
});

test("the order of an allocation's tasks is no part of its generation", () => {
  const task = (name: string) => ({
    ...{ place: { job: "j", group: "g", index: 0, task: name }, imageId: "i", network: undefined },
    options: { env: { NAME: name } },
  });
  const generation = (...names: readonly string[]) => generationOf(names.map(task), pluginSpec({}));
  expect(generation("b", "a")).toBe(generation("a", "b"));
  expect(generation("a", "c")).not.toBe(generation("a", "b"));
});

test("what is not acted upon is said, as far down as it was set", () =>
  expect(
    withoutEffect(pluginOptions, {
      gc: { danglingContainers: {}, container: false },
      disableLogCollection: true,
      pidsLimit: 1,
    }),
  ).toEqual(["disable_log_collection has no effect in this version"]));

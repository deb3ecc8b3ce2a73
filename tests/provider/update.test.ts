/** What `update` of a job and of a group mean for their tasks. */
import { rolloverOf, updateOf, waitWith } from "../../provider/options/update";

test("the group goes over the job, key by key", () =>
  expect(
    updateOf({ order: "stop_first", minHealthyTime: "5s" }, { minHealthyTime: "1s", healthyDeadline: undefined }),
  ).toEqual({ order: "stop_first", minHealthyTime: "1s" }));

test.each([
  [{}, undefined],
  [{ order: "auto", autoRevert: true, minHealthyTime: "1s" }, undefined],
  [{ order: "start_first" }, { order: "start_first" }],
  [{ autoRevert: false }, { autoRevert: false }],
] as const)("%j is told to a resource as %j", (update, told) => expect(rolloverOf(update)).toEqual(told));

test.each([
  [{}, undefined, undefined],
  [{}, { until: "healthy" }, { until: "healthy" }],
  [{ minHealthyTime: "9s", healthyDeadline: "1m" }, undefined, { minHealthyTime: "9s", timeout: "1m" }],
  [{ healthyDeadline: "1m" }, { timeout: "2m", until: "healthy" }, { timeout: "2m", until: "healthy" }],
  [{ healthyDeadline: "1m" }, { timeout: undefined }, { timeout: "1m" }],
] as const)("with %j, wait %j is %j", (update, wait, whole) => expect(waitWith(update, wait)).toEqual(whole));

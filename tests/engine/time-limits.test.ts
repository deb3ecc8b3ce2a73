/** An engine that takes a request and never answers: an operation ends with its time, and the next run goes on from there. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connectionOf } from "../../provider/connection";
import { withTimeLimit } from "../../provider/engine/time-limit";
import { containersOf, inspectAll, volumesOf } from "../support/engine";
import { type EngineFront, startEngineFront } from "../support/engine-front";
import { TestStack } from "../support/stack";

let stack: TestStack;
let front: EngineFront;
beforeEach(async () => {
  front = await startEngineFront();
  stack = await new TestStack("tests/programs/from-file").init();
  stack.env = { DOCKER_HOST: front.endpoint };
}, 60_000);
afterEach(async () => {
  front.set();
  await stack.dispose();
  front.stop();
}, 120_000);

const write = (options: object, group: object = {}) =>
  writeFileSync(
    join(stack.dir, "tree.json"),
    JSON.stringify({
      plugin: { infraImage: "longshore/pause:3.1" },
      groups: {
        web: {
          group,
          tasks: {
            web: { image: "longshore/pause:3.1", wait: { timeout: "5s" }, killTimeout: "1s", ...options },
          },
        },
      },
    }),
  );
const silent = (at: RegExp) => front.set({ at, what: "silent before" });

test("a create: what it made is removed, and the container that it stopped is started again", async () => {
  const update = { order: "stop_first" };
  write({}, { update });
  await stack.up();
  const [old] = await inspectAll(stack.project);
  write({ env: { CHANGED: "1" }, timeouts: { create: "12s" } }, { update });
  // The new one's start; the old one's, which brings it back, is answered.
  front.set({ at: /^POST \/containers\/[^/]+\/start/, what: "silent before", times: 1 });
  const { code, out } = await stack.tryUp();
  expect(code).not.toBe(0);
  expect(out).toMatch(
    /the create of task web \(\S+\) took longer than 12s \(timeouts\.create\), the last \d+\.\d s of it waiting for the engine to "start container"/,
  );
  expect(out).toMatch(/which ran before, was started again/);
  const [live, ...others] = await inspectAll(stack.project);
  expect(others).toEqual([]);
  expect(live?.Id).toBe(old?.Id);
  expect(live?.State.Running).toBe(true);
  expect((await volumesOf(stack.project)).every((name) => live?.Mounts?.some(({ Name }) => Name === name))).toBe(true);
  await stack.up();
  const [now, ...rest] = await inspectAll(stack.project);
  expect(rest).toEqual([]);
  expect(now?.Config.Env).toContain("CHANGED=1");
}, 180_000);

test("an update and a delete: nothing is lost, and the next run does them", async () => {
  const timeouts = { update: "4s", delete: "4s" };
  write({ memory: 64, timeouts });
  await stack.up();
  write({ memory: 96, timeouts });
  silent(/^POST \/containers\/[^/]+\/update/);
  const updated = await stack.tryUp();
  expect(updated.code).not.toBe(0);
  expect(updated.out).toMatch(/the update of task web .* took longer than 4s \(timeouts\.update\).*"update container"/);
  front.set();
  await stack.up();
  expect((await inspectAll(stack.project)).map(({ HostConfig }) => HostConfig.Memory)).toEqual([96 * 1024 * 1024]);

  silent(/^DELETE \/containers\//);
  const destroyed = await stack.run(["destroy", "--yes", "--skip-preview"]);
  expect(destroyed.code).not.toBe(0);
  expect(destroyed.out).toMatch(
    /the delete of task web .* took longer than 4s \(timeouts\.delete\).*"remove container"/,
  );
  front.set();
  await stack.destroy();
  expect(await containersOf(stack.project)).toEqual([]);
}, 180_000);

test("an allocation: the longest of its tasks' limits is its own", async () => {
  const group = { network: { mode: "bridge", ports: { http: { to: 80 } } } };
  write({ timeouts: { create: "8s" } }, group);
  silent(/^POST \/containers\/create\?name=longshore[-_]init/);
  const { code, out } = await stack.tryUp();
  expect(code).not.toBe(0);
  expect(out).toMatch(/the create of allocation \S+ took longer than 8s \(timeouts\.create\).*"create container"/);
  front.set();
  await stack.up();
  expect((await containersOf(stack.project)).length).toBe(2);
}, 180_000);

test("what is over is asked no more: neither again, nor late", async () => {
  const { engine } = connectionOf({ endpoint: front.endpoint });
  await engine.info();
  front.set({ at: /^POST \/containers\/create/, what: { status: 500, body: '{"message":"fault"}' } });
  const limit = { ms: 500, what: "this", limit: "500ms" };
  const request = { Image: "longshore/pause:3.1", Labels: { test: stack.project } };
  await expect(withTimeLimit(limit, () => engine.createContainer(stack.project, request))).rejects.toThrow(
    /this took longer than 500ms/,
  );
  front.set();
  const asked = front.calls.length;
  // Its next tries would have been in these.
  await sleep(5_000);
  expect(front.calls.slice(asked)).toEqual([]);
  engine.close();
}, 30_000);

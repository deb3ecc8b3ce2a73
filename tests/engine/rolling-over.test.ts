/** In which order one container follows another, when the new one counts as up, and what runs when it does not come up. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { containersOf, inspectAll } from "../support/engine";
import { docker } from "../support/image-use";
import { until } from "../support/processes";
import { TestStack } from "../support/stack";

let stack: TestStack;
beforeEach(async () => {
  stack = await new TestStack("tests/programs/from-file").init();
}, 60_000);
afterEach(() => stack.dispose(), 60_000);

const sleeping = {
  ...{ image: "longshore/busybox:1.35", command: "sh", args: ["-c", "sleep 3000"], killSignal: "SIGKILL" },
};
const running = (script: string) => ({ ...sleeping, args: ["-c", script] });
// A program that ends at once is seen to, however slow the machine.
const update = { minHealthyTime: "1s" };
const fixed = { network: { ports: { http: { static: 18_745, to: 80 } } }, update };

const write = (group: object, tasks: Readonly<Record<string, object>>) =>
  writeFileSync(join(stack.dir, "tree.json"), JSON.stringify({ groups: { g: { group, tasks } } }));
const one = (group: object, task: object) => write(group, { web: { ports: ["http"], ...task } });

/** Ids of the containers of the stack, by their state. */
const states = async () =>
  Object.fromEntries((await containersOf(stack.project)).map(({ Id, State }) => [Id.slice(0, 12), State]));
const only = async () => {
  const ids = Object.keys(await states());
  expect(ids).toHaveLength(1);
  return ids[0] ?? "";
};
const fails = async () => {
  const { code, out } = await stack.tryUp();
  expect(code).not.toBe(0);
  return out;
};
const nothingLeft = async () => {
  await stack.destroy();
  expect(await containersOf(stack.project)).toEqual([]);
};

/** Starts and ends of the stack's containers, as the engine logged them. */
const logged = (since: number): readonly string[] =>
  docker(
    ...["events", "--since", since.toFixed(3), "--until", (Date.now() / 1000).toFixed(3)],
    ...["--filter", "type=container", "--filter", "event=start", "--filter", "event=die"],
    ...["--format", '{{.Status}} {{index .Actor.Attributes "longshore.key"}}'],
  )
    .split("\n")
    .flatMap((line) => {
      const [status = "", key = ""] = line.split(" ");
      return key.startsWith(`${stack.project}/`) ? [status] : [];
    });

const orderOf = async (run: () => Promise<unknown>) => {
  const since = Date.now() / 1000;
  await run();
  return logged(since).join(", ");
};

describe("one that stops first", () => {
  test("is started again when the new one does not come up; the state has it, and nothing else is left", async () => {
    one(fixed, sleeping);
    await stack.up();
    const old = await only();
    one(fixed, running("echo no config; exit 3"));
    const out = await fails();
    expect(out).toMatch(/its process ended with exit code 3|the engine had to start it again before/);
    expect(out).toContain(`container ${old}, which ran before, was started again`);
    expect(await states()).toEqual({ [old]: "running" });
    expect(docker("port", old)).toContain("80/tcp -> 127.0.0.1:18745");
    one(fixed, sleeping);
    await stack.up("--expect-no-changes");
    await stack.refresh("--expect-no-changes");
    one(fixed, running("sleep 4000"));
    await stack.up();
    expect(await only()).not.toBe(old);
    await nothingLeft();
  }, 240_000);

  test("is not, where the engine refuses to start the new one, or with autoRevert off: then a refresh finds it stopped", async () => {
    const group = { ...fixed, update: { ...update, autoRevert: false } };
    one(group, sleeping);
    await stack.up();
    const old = await only();
    one(group, running("exit 3"));
    expect(await fails()).not.toContain("started again");
    expect(await states()).toEqual({ [old]: "exited" });
    one(group, sleeping);
    await stack.up("--refresh");
    expect(await states()).toEqual({ [old]: "running" });
    await stack.up("--expect-no-changes");
  }, 180_000);

  test("is stopped only when the new one is made and ready to start", async () => {
    one(fixed, sleeping);
    await stack.up();
    const old = await only();
    const [before] = await inspectAll(stack.project);
    one(fixed, { ...running("sleep 4000"), mounts: [{ type: "bind", source: "/nowhere/at/all", target: "/data" }] });
    expect(await fails()).toMatch(/mount|volumes/);
    const [after] = await inspectAll(stack.project);
    expect(after?.Id.slice(0, 12)).toBe(old);
    expect(after?.State.StartedAt).toBe(before?.State.StartedAt);
  }, 180_000);

  describe("by a run that is killed then", () => {
    const waiting = {
      ...{ image: "longshore/health:1", command: undefined, args: undefined, env: { HEALTH_AFTER: "30" } },
      healthcheck: { command: "test -f /tmp/ok", interval: "1s", retries: 100 },
      wait: { until: "healthy", timeout: "2m" },
    };
    let old: string;
    beforeEach(async () => {
      one(fixed, sleeping);
      await stack.up();
      old = await only();
      one(fixed, waiting);
      await stack.cutOff("the old one has stopped and the new one started", async () => {
        const all = await states();
        return all[old] === "exited" && Object.values(all).includes("running");
      });
    }, 120_000);

    test("is started again by the next one, if the program is as it was before", async () => {
      one(fixed, sleeping);
      const preview = await stack.ok(["preview"]);
      expect(preview).toContain(`container ${old} was stopped by a run that was cut off`);
      await stack.up();
      expect(await states()).toEqual({ [old]: "running" });
      await stack.up("--expect-no-changes");
      await stack.refresh("--expect-no-changes");
      await nothingLeft();
    }, 120_000);

    test("goes with the next one, if the program is the new one, whose container is taken over", async () => {
      const [started] = Object.entries(await states()).flatMap(([id, state]) => (state === "running" ? [id] : []));
      one(fixed, { ...waiting, wait: { until: "started" } });
      await stack.up();
      expect(await states()).toEqual({ [started ?? ""]: "running" });
      await stack.up("--expect-no-changes");
      await nothingLeft();
    }, 120_000);

    test("is started again, if the next one fails as well", async () => {
      one(fixed, running("exit 4"));
      expect(await fails()).toContain(`container ${old}, which ran before, was started again`);
      expect(await states()).toEqual({ [old]: "running" });
    }, 120_000);
  });
});

describe("the order", () => {
  const dynamic = { network: { ports: { http: { to: 80 } } } };
  const replaced = async (group: object, more: object = {}) => {
    one(group, { ...sleeping, ...more });
    await stack.up();
    one(group, { ...running("sleep 4000"), ...more });
    return orderOf(() => stack.up());
  };

  test("stop_first is kept, whatever the ports", async () => {
    expect(await replaced({ ...dynamic, update: { order: "stop_first" } })).toBe("die, start");
  }, 120_000);

  test("start_first is kept in the host's network, where auto stops first", async () => {
    const inHost = { networkMode: "host", ports: [] };
    expect(await replaced({ update: { order: "start_first" } }, inHost)).toBe("start, die");
    expect(await replaced({}, inHost)).toBe("die, start");
  }, 180_000);

  test("start_first is refused beside a static port", async () => {
    one({ ...fixed, update: { order: "start_first" } }, sleeping);
    expect(await fails()).toContain(
      'update.order is "start_first", and only one container can have the static port http (18745); write "auto"',
    );
    expect(await containersOf(stack.project)).toEqual([]);
  }, 60_000);

  test("of the job holds for groups that do not say", async () => {
    const job = { update: { order: "stop_first" } };
    const tree = (script: string) => ({ job, groups: { g: { tasks: { web: running(script) } } } });
    writeFileSync(join(stack.dir, "tree.json"), JSON.stringify(tree("sleep 3000")));
    await stack.up();
    writeFileSync(join(stack.dir, "tree.json"), JSON.stringify(tree("sleep 4000")));
    expect(await orderOf(() => stack.up())).toBe("die, start");
  }, 120_000);
});

describe("min_healthy_time", () => {
  const group = { update: { minHealthyTime: "3s", healthyDeadline: "20s" } };
  const last = (script: string) => {
    write(group, { web: running(script) });
    return stack.tryUp();
  };

  test("a task that ends before it, or is started again by the engine, does not come up, and the old one runs on", async () => {
    expect((await last("sleep 3000")).code).toBe(0);
    const old = await only();
    expect((await last("sleep 1; exit 5")).out).toMatch(
      /its process ended with exit code 5|the engine had to start it again before it was up for 3s/,
    );
    expect((await last("sleep 1")).out).toContain("the engine had to start it again before it was up for 3s");
    expect(await states()).toEqual({ [old]: "running" });
  }, 240_000);

  test("above the deadline it is refused", async () => {
    write({ update: { minHealthyTime: "30s", healthyDeadline: "20s" } }, { web: sleeping });
    expect(await fails()).toContain("lower wait.minHealthyTime, or raise wait.timeout");
  }, 60_000);
});

test("of a group with static ports, what a failed replacement stopped runs again, and going back leaves no gap", async () => {
  const tasks = (web: string, db: string) => ({
    web: { ...running(web), ports: ["http"] },
    db: running(db),
  });
  write(fixed, tasks("sleep 3000", "sleep 3000"));
  await stack.up();
  const before = Object.keys(await states()).sort();
  write(fixed, tasks("exit 3", "sleep 4000"));
  const out = await fails();
  expect(out).toMatch(/container [0-9a-f]{12}, which ran before, was started again/);
  const now = await states();
  for (const id of before) expect(now[id]).toBe("running");
  write(fixed, tasks("sleep 3000", "sleep 3000"));
  await stack.up();
  await until("only the first two are left", async () => Object.keys(await states()).length === 2);
  expect(Object.keys(await states()).sort()).toEqual(before);
  await stack.up("--expect-no-changes");
  await nothingLeft();
}, 240_000);

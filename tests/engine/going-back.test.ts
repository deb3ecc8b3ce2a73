/** A replacement that fails leaves the old containers alone, and going back to the old program stops nothing. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { containersOf, inspectAll, taskOf, volumesOf } from "../support/engine";
import { TestStack } from "../support/stack";

const pause = { image: "longshore/pause:3.1" };
const fails = { entrypoint: ["/no/such/program"] };

const plugin = { infraImage: "longshore/pause:3.1" };
const sharing = { group: { network: { mode: "bridge", ports: { http: { to: 80 } } } } };

interface Program {
  /** @default 2 */
  readonly containers?: number;
  readonly a: object;
  readonly b: object;
}

const programs = {
  "tasks that are alone in their groups": {
    a: { web: { tasks: { web: pause } }, side: { tasks: { side: pause } } },
    b: {
      web: { tasks: { web: { ...pause, env: { B: "1" } } } },
      side: { tasks: { side: { ...pause, ...fails } } },
    },
  },
  "tasks that share an allocation": {
    a: { group: { tasks: { web: pause, side: pause } } },
    b: { group: { tasks: { web: { ...pause, env: { B: "1" } }, side: { ...pause, ...fails } } } },
  },
  "tasks that share a network": {
    containers: 3,
    a: { group: { ...sharing, tasks: { web: pause, side: pause } } },
    b: { group: { ...sharing, tasks: { web: { ...pause, env: { B: "1" } }, side: { ...pause, ...fails } } } },
  },
  "a task whose static port changes": {
    a: {
      web: {
        group: { network: { ports: { http: { static: 18_533, to: 80 } } } },
        tasks: { web: { ...pause, ports: ["http"] } },
      },
      side: { tasks: { side: pause } },
    },
    b: {
      web: {
        group: { network: { ports: { http: { static: 18_534, to: 80 } } } },
        tasks: { web: { ...pause, ports: ["http"] } },
      },
      side: { tasks: { side: { ...pause, ...fails } } },
    },
  },
} as const;

describe.each(Object.entries<Program>(programs))("%s", (_, { a, b, containers = 2 }) => {
  let stack: TestStack;
  const write = (groups: object) => writeFileSync(join(stack.dir, "tree.json"), JSON.stringify({ plugin, groups }));
  /** Which container runs for each task, and since when. */
  const running = async () =>
    Object.fromEntries(
      (await inspectAll(stack.project))
        .filter(({ State }) => State.Running)
        .map(({ Id, Config, State }) => [
          `${taskOf(Config)} ${Id.slice(0, 12)}`,
          (State as { StartedAt?: string }).StartedAt,
        ]),
    );
  let first: Record<string, unknown>;

  beforeAll(async () => {
    stack = await new TestStack("tests/programs/from-file").init();
    write(a);
    await stack.up();
    first = await running();
  }, 120_000);
  afterAll(() => stack.dispose(), 120_000);

  test("a failed replacement says why, and the old containers run on", async () => {
    write(b);
    const { code, out } = await stack.tryUp();
    expect(code).not.toBe(0);
    expect(out).toMatch(/task side .* did not come up: .*\/no\/such\/program/s);
    expect(await running()).toMatchObject(first);
  }, 120_000);

  test("going back to the old program stops nothing, and leaves nothing else", async () => {
    write(a);
    await stack.up();
    expect(await running()).toEqual(first);
    expect(await containersOf(stack.project)).toHaveLength(containers);
    await stack.ok(["preview", "--expect-no-changes"]);
    await stack.refresh("--expect-no-changes");
  }, 120_000);

  test("what was taken over is the stack's own: destroy leaves nothing", async () => {
    await stack.destroy();
    expect([await containersOf(stack.project), await volumesOf(stack.project)]).toEqual([[], []]);
  }, 120_000);
});

/** Constraints in the real CLI: what a preview says of an engine that is not what is asked for. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { removeTasks, startTask } from "../support/live-task";
import { engine } from "../support/engine";
import { keyLabel, keyOf } from "../../provider/ownership";
import { TestStack } from "../support/stack";

afterEach(removeTasks);

test("a task whose constraints the engine meets is started; another one is refused before", async () => {
  const task = await startTask({
    constraints: [{ attribute: "${attr.driver.docker.version}", operator: "version", value: ">= 19" }],
  });
  expect((await task.info()).State.Running).toBe(true);
  await expect(startTask({ constraints: [{ attribute: "${attr.kernel.name}", value: "windows" }] })).rejects.toThrow(
    'constraints[0]: constraints[0] is not met: ${attr.kernel.name} is "linux", and must be "windows"',
  );
});

describe("a stack", () => {
  const stack = new TestStack("tests/programs/from-file");
  const write = (job: object, group: object = {}, task: object = {}) =>
    writeFileSync(
      join(stack.dir, "tree.json"),
      JSON.stringify({
        job,
        groups: {
          front: {
            group,
            tasks: {
              web: {
                image: "longshore/busybox:1.35",
                command: "sleep",
                args: ["3000"],
                killSignal: "SIGKILL",
                ...task,
              },
            },
          },
        },
      }),
    );
  const met = { attribute: "${attr.kernel.name}", operator: "=", value: "linux" };
  const own = async () =>
    (await engine.listContainers([keyLabel])).filter((row) => keyOf(row)?.startsWith(`${stack.project}/`));
  beforeAll(() => stack.init());
  afterAll(() => stack.dispose(), 120_000);

  test("set, changed and unset: no container is touched; the second up is empty", async () => {
    write({});
    await stack.up();
    const [before] = await own();
    write({ constraints: [met] }, { constraints: [met] }, { constraints: [met] });
    expect((await stack.preview()).map(({ op, changed }) => [op, changed.toSorted()])).toEqual([
      ["update", ["constraints", "outerConstraints"]],
    ]);
    await stack.up();
    await stack.up("--expect-no-changes");
    write({}, {}, { constraints: [{ ...met, operator: "!=", value: "windows" }] });
    await stack.up();
    write({});
    await stack.up();
    await stack.up("--expect-no-changes");
    expect((await own()).map(({ Id }) => Id)).toEqual([before?.Id]);
  }, 240_000);

  test("what is not met is refused in the preview, all at once, each with where it stands", async () => {
    write(
      { constraints: [met, { attribute: "${attr.cpu.arch}", value: "pdp11" }] },
      { constraints: [{ attribute: "${meta.rack}", operator: "is_set" }] },
      { constraints: [{ attribute: "${attr.cpu.numcores}", operator: ">", value: "4096" }], args: ["4000"] },
    );
    const [before] = await own();
    const { code, out } = await stack.run(["preview"]);
    expect(code).not.toBe(0);
    expect(out).toMatch(/constraints\[1\] of job "job" is not met: \$\{attr\.cpu\.arch\} is ".*", and must be "pdp11"/);
    expect(out).toMatch(/constraints\[0\] of group "front" is not met: \$\{meta\.rack\} is not known of this engine/);
    expect(out).toMatch(
      /constraints\[0\] is not met: \$\{attr\.cpu\.numcores\} is "\d+", and must be more than "4096"/,
    );
    expect((await own()).map(({ Id }) => Id)).toEqual([before?.Id]);
  }, 120_000);

  test("what no engine can meet is refused by the program", async () => {
    write({ constraints: [{ operator: "distinct_hosts" }] }, { count: 2 });
    const { out } = await stack.run(["preview"]);
    expect(out).toMatch(
      /job: constraints\[0\]: constraints\[0\] is not met: job\/front has 2 allocations, all on one engine/,
    );
  }, 120_000);
});

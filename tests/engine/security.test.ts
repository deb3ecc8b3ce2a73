/** What of the security options hangs on Pulumi: files that are read, and what the operator takes away. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestStack } from "../support/stack";

let stack: TestStack;

const profile = (action: string, space?: number) =>
  writeFileSync(
    join(stack.dir, "profile.json"),
    JSON.stringify(
      { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["mkdir"], action: `SCMP_ACT_${action}` }] },
      undefined,
      space,
    ),
  );
const write = (plugin: object) =>
  writeFileSync(
    join(stack.dir, "tree.json"),
    JSON.stringify({
      plugin,
      groups: {
        pair: {
          tasks: {
            main: { image: "longshore/pause:3.1", securityOpt: ["seccomp=profile.json"] },
            side: { image: "longshore/pause:3.1" },
          },
        },
      },
    }),
  );

beforeAll(async () => {
  stack = await new TestStack("tests/programs/from-file").init();
}, 60_000);
afterAll(() => stack.dispose(), 60_000);

const ops = async () =>
  (await stack.preview()).map(
    ({ type, name, op, changed }) => `${op} ${type} ${name.split("/").at(-1)}: ${changed.join()}`,
  );

test("a seccomp profile is compared by what its file holds, and a change of it replaces the allocation", async () => {
  profile("ERRNO");
  write({});
  await stack.up();
  await stack.up("--expect-no-changes");

  profile("ERRNO", 2);
  await stack.ok(["preview", "--expect-no-changes"]);

  profile("KILL");
  expect((await ops()).sort()).toEqual([
    expect.stringMatching(/^replace Allocation pair\[0\]: generation/),
    expect.stringMatching(/^replace Task main: .*securityOpt/),
    expect.stringMatching(/^replace Task side: /),
  ]);
  await stack.up();
  await stack.up("--expect-no-changes");
}, 120_000);

test("a change of allow_caps is previewed as what each task loses", async () => {
  write({ allowCaps: "hardened" });
  expect((await ops()).filter((line) => line.includes(" Task ")).sort()).toEqual([
    expect.stringMatching(/^replace Task main: .*capDrop/),
    expect.stringMatching(/^replace Task side: .*capDrop/),
  ]);
  await stack.up();
  await stack.up("--expect-no-changes");
  await stack.refresh("--expect-no-changes");
}, 120_000);

test("a file that holds no profile is refused in the preview, before anything changes", async () => {
  writeFileSync(join(stack.dir, "profile.json"), "[]");
  const { code, out } = await stack.run(["preview"]);
  expect(code).not.toBe(0);
  expect(out).toMatch(/security_opt names the seccomp profile "profile.json", which is no profile/);
  profile("KILL");
  await stack.destroy();
}, 120_000);

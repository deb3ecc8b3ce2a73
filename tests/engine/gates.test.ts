/** What a task author's outputs may turn out to be when it is too late for a preview to see it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { containersOf, volumesOf } from "../support/engine";
import { TestStack } from "../support/stack";

let stack: TestStack;

beforeAll(async () => {
  stack = await new TestStack("tests/programs/from-file").init();
}, 60_000);
afterAll(() => stack.dispose(), 60_000);

const forever = { image: "longshore/busybox:1.35", command: "sleep", args: ["3000"] };
const write = (...tasks: readonly object[]) =>
  writeFileSync(
    join(stack.dir, "tree.json"),
    JSON.stringify({
      plugin: {},
      groups: Object.fromEntries(
        tasks.map((task, index) => [`group-${index}`, { tasks: { task: { ...forever, ...task } } }]),
      ),
    }),
  );

const later = (value: unknown) => ({ $later: value });
/** By this text the wire says "not known yet". Pulumi itself drops it from an up, so that nothing is left unjudged. */
const notKnown = later("04da6b54-80e4-46f7-96ec-b56ff0331ba9");

const attempts: readonly (readonly [string, object, RegExp])[] = [
  ["the host's processes", { pidMode: later("host") }, /pid_mode is "host"/],
  ["a path of the host", { volumes: ["local/x:/x", later("/etc:/host")] }, /volumes has "\/etc:\/host"/],
  [
    "a path of the host beside a driver",
    { volumes: ["/etc:/host"], volumeDriver: later("") },
    /volumes has "\/etc:\/host"/,
  ],
  [
    "a capability beside what is dropped",
    { capAdd: ["ALL"], capDrop: later(["SYS_ADMIN"]) },
    /cap_add asks for AUDIT_CONTROL/,
  ],
  [
    "a path of the host beside a driver that stays unknown",
    { volumes: ["/etc:/host"], volumeDriver: notKnown },
    /volumes has "\/etc:\/host"/,
  ],
  [
    "a capability beside one that stays unknown",
    { capAdd: [later("SYS_ADMIN"), notKnown] },
    /cap_add asks for SYS_ADMIN/,
  ],
];

test("what is known only after the preview is let through by it", async () => {
  write(...attempts.map(([, task]) => task));
  await stack.ok(["preview"]);
}, 60_000);

test.each(attempts)(
  "%s is then refused by up, which makes nothing",
  async (_, task, reason) => {
    write(task);
    const { code, out } = await stack.tryUp();
    expect(out).toMatch(reason);
    expect(code).not.toBe(0);
    expect([await containersOf(stack.project), await volumesOf(stack.project)]).toEqual([[], []]);
  },
  60_000,
);

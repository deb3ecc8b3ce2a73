/** The examples do what they say: up, an answer, nothing to do, destroy. */
import { execFileSync } from "node:child_process";
import { containersOf, volumesOf } from "../support/engine";
import { until } from "../support/processes";
import { TestStack } from "../support/stack";

const fetched = async (url: unknown): Promise<string> => {
  let text = "";
  await until(`${String(url)} answers`, async () => {
    text = await fetch(String(url)).then(
      async (answer) => (answer.ok ? answer.text() : ""),
      () => "",
    );
    return text !== "";
  });
  return text;
};

const cases: [string, Record<string, string>, (outputs: Record<string, unknown>) => Promise<void>][] = [
  ["hello", {}, async ({ url }) => expect(await fetched(url)).toContain("hello")],
  ["policy", { apiToken: "not-told" }, async ({ url }) => expect(await fetched(url)).toContain("hello")],
  ["group", {}, async ({ url }) => expect(await fetched(url)).toMatch(/\d\d:\d\d:\d\d/)],
  [
    "jobspec",
    { job: "job.json", plugin: "plugin.json" },
    async ({ containers }) => {
      const ids = Object.values(containers as Record<string, string[]>).flat();
      expect(ids.length).toBeGreaterThan(0);
      for (const id of ids)
        expect(execFileSync("docker", ["inspect", "-f", "{{.State.Running}}", id]).toString().trim()).toBe("true");
    },
  ],
];

test.each(cases)(
  "examples/%s",
  async (name, config, look) => {
    const stack = await new TestStack(`examples/${name}`).init();
    try {
      for (const [key, value] of Object.entries(config)) await stack.ok(["config", "set", key, value]);
      await stack.up();
      await look(await stack.outputs());
      await stack.ok(["preview", "--refresh", "--expect-no-changes"]);
      await stack.destroy();
      expect([await containersOf(stack.project), await volumesOf(stack.project)]).toEqual([[], []]);
    } finally {
      await stack.dispose();
    }
  },
  180_000,
);

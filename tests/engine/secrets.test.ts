/** A secret in env or labels is in the container, and nowhere else in plain text. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspectAll } from "../support/engine";
import { TestStack } from "../support/stack";

const password = "Hemmelig-42-ordet";
const secret = (value: string) => ({ $secret: value });
let stack: TestStack;
const write = (task: object, second?: object) =>
  writeFileSync(
    join(stack.dir, "tree.json"),
    JSON.stringify({ groups: { web: { tasks: { web: task, ...(second && { side: second }) } } } }),
  );
const withSecrets = (value: string) => ({
  image: "longshore/pause:3.1",
  env: { PASSWORD: secret(value), OPEN: "shown" },
  labels: { code: secret(value) },
});

beforeAll(async () => {
  stack = await new TestStack("tests/programs/from-file").init();
}, 60_000);
afterAll(() => stack.dispose(), 60_000);

test.each([
  ["a task that is alone", undefined],
  ["tasks that share an allocation", { image: "longshore/pause:3.1", env: { PASSWORD: secret(password) } }],
])(
  "%s: the secret is in no preview, log or state",
  async (_, second) => {
    write(withSecrets(password), second);
    const said = [
      await stack.ok(["preview"]),
      await stack.ok(["preview", "--diff"]),
      await stack.ok(["preview", "--json"]),
      await stack.ok(["up", "--yes", "--diff"]),
      await stack.refresh("--diff"),
    ];
    write(withSecrets(`${password}-changed`), second);
    said.push(await stack.ok(["preview", "--diff"]), await stack.up("--diff"), await stack.ok(["stack", "export"]));
    for (const text of [...said, stack.state]) expect(text.includes(password)).toBe(false);
    expect(stack.state).toContain("shown");

    const web = (await inspectAll(stack.project)).find(({ Name }) => Name.startsWith("/web-"));
    expect(web?.Config.Env).toContain(`PASSWORD=${password}-changed`);
    expect(web?.Config.Labels.code).toBe(`${password}-changed`);
  },
  180_000,
);

test("the errors of bad values and failed starts do not show it either", async () => {
  write({ ...withSecrets(password), env: { PASSWORD: secret(password), "BAD=NAME": secret(password) } });
  const refused = await stack.run(["preview"]);
  write({ ...withSecrets(password), entrypoint: ["/no/such/program"] });
  const failed = await stack.tryUp();
  for (const { code, out } of [refused, failed]) {
    expect(code).not.toBe(0);
    expect(out.includes(password)).toBe(false);
  }
}, 120_000);

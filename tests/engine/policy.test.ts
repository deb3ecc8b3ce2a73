/** The rules as Pulumi's own command runs them, with an engine and without: what is wrong is refused before anything is made. */
import { spawnSync } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { containersOf } from "../support/engine";
import { type Ran, TestStack, root } from "../support/stack";

const pack = ["--policy-pack", "policy"];

/** A stack of a program, with the pack of the example. */
async function stackOf(program: string): Promise<TestStack> {
  const stack = await new TestStack(program).init();
  cpSync(join(root, "examples/policy/policy"), join(stack.dir, "policy"), { recursive: true });
  await stack.ok(["config", "set", "--secret", "apiToken", "hush-from-config"]);
  return stack;
}

const refusals = [
  "[mandatory]  privileged",
  "web/server[0]/echo: privileged is true, which makes the task root on the engine's host; leave it out",
  'cap_add asks for "NET_ADMIN", and the policy allows none; take it out, or have "NET_ADMIN" added',
  'volumes[0] mounts "/etc" of the engine\'s host',
  "mount[0] mounts a value not shown here of the engine's host",
  "network.ports.http is published on 0.0.0.0",
  "env.DB_PASSWORD looks like a secret by its name and is in plain text",
];

const expectRefused = ({ code, out }: Ran) => {
  expect(code).not.toBe(0);
  for (const text of refusals) expect(out).toContain(text);
  // Neither what is a secret, nor what should be one.
  for (const text of ["hunter2", "tok-in-secret", "/hidden/place", "API_TOKEN looks"]) expect(out).not.toContain(text);
};

test("a bad program is refused in the preview and in the run, and nothing is made", async () => {
  const stack = await stackOf("tests/programs/forbidden");
  try {
    expectRefused(await stack.run(["preview", ...pack]));
    expectRefused(await stack.tryUp(...pack));
    expect(await containersOf(stack.project)).toEqual([]);
  } finally {
    await stack.dispose();
  }
}, 180_000);

test("where no engine answers, as in a CI, the same is refused, and what is good passes with a warning", async () => {
  const nowhere = { DOCKER_HOST: "tcp://127.0.0.1:1" };
  const [bad, good] = await Promise.all([stackOf("tests/programs/forbidden"), stackOf("examples/policy")]);
  try {
    expectRefused(await bad.run(["preview", ...pack], nowhere));
    const passed = await good.ok(["preview", ...pack], nowhere);
    expect(passed).toContain("no engine answers");
    expect(passed).not.toMatch(/\[(?:mandatory|advisory)\]/);
  } finally {
    await Promise.all([bad.dispose(), good.dispose()]);
  }
}, 180_000);

test("a good program runs under the policy; the config of a pack says more, and the exported state is judged alike", async () => {
  const stack = await stackOf("examples/policy");
  try {
    await stack.up(...pack);
    const again = await stack.ok(["preview", "--expect-no-changes", ...pack]);
    expect(again).not.toMatch(/\[(?:mandatory|advisory)\]/);

    const config = join(stack.dir, "config.json");
    const settings = { "root-user": "disabled", "memory-limit": { enforcementLevel: "advisory", maximum: 32 } };
    writeFileSync(config, JSON.stringify(settings));
    const told = await stack.ok(["preview", ...pack, "--policy-pack-config", config]);
    const said = "web/server[0]/echo: memory is 64 MiB, and the policy allows 32 MiB";
    expect(told).toContain("[advisory]  memory-limit");
    expect(told).toContain(said);

    const state = join(stack.dir, "exported.json");
    await stack.ok(["stack", "export", "--file", state]);
    const command = (...args: string[]) => {
      const all = [join(root, "dist/cli/main.js"), "policy", state, ...args];
      const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: "utf8" });
      return { status, stdout, stderr };
    };
    const judged = command("--config", config);
    expect([judged.status, judged.stdout]).toEqual([0, expect.stringContaining(said)]);
    expect(judged.stdout).not.toContain("hush-from-config");
    writeFileSync(
      config,
      JSON.stringify({ ...settings, "memory-limit": { enforcementLevel: "mandatory", maximum: 32 } }),
    );
    expect(command("--config", config, "--json")).toEqual({
      status: 2,
      stdout: expect.stringContaining('"rule": "memory-limit"') as string,
      stderr: expect.stringContaining("1 mandatory") as string,
    });
  } finally {
    await stack.dispose();
  }
}, 180_000);

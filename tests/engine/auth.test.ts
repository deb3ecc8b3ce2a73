/** Credentials: whom a registry lets in, what is said when it does not, and that nobody else sees them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { imageHandler } from "../../provider/handlers/image";
import type { ImageInputs } from "../../provider/inputs";
import { inspectAll } from "../support/engine";
import { type Registry, account, startRegistry } from "../support/registry";
import { TestStack } from "../support/stack";

let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry({ isPrivate: true });
}, 120_000);
afterAll(() => registry.stop(), 60_000);

const wrong = { username: account.username, password: "Sesam-lukk-deg" };
const get = async (options: Partial<ImageInputs>) => {
  const news = {
    kind: "Image",
    key: "auth-test",
    plugin: {},
    image: registry.image,
    forcePull: true,
    ...options,
  } as const;
  const { inputs, failures } = await imageHandler.check({}, news);
  expect(failures).toEqual([]);
  return imageHandler.create(inputs);
};
const failure = (options: Partial<ImageInputs>) =>
  get(options).then(
    () => "",
    (error: unknown) => (error as Error).message,
  );

test("the right ones: the image comes", async () => {
  const { id } = await get({ auth: account });
  expect(id).toMatch(/^sha256:/);
});

test("all that is written goes along: a server address too", async () => {
  expect((await get({ auth: { ...account, serverAddress: registry.host, email: "" } })).id).toMatch(/^sha256:/);
});

test("none: the error says where they are given", async () =>
  expect(await failure({})).toMatch(
    /no basic auth credentials.*asked without credentials.*the registry wants credentials.*give them in auth/,
  ));

test("empty ones are none", async () =>
  expect(await failure({ auth: { username: "", password: "" } })).toMatch(/give them in auth/));

test("wrong ones: the error names the option, and not what is in it", async () => {
  const text = await failure({ auth: wrong });
  expect(text).toMatch(/the registry refuses the credentials of the task's auth; correct them, or set auth_soft_fail/);
  expect(text).not.toContain(wrong.password);
});

test("wrong ones with auth_soft_fail: tried without, which a private registry refuses too", async () => {
  const text = await failure({ auth: wrong, authSoftFail: true });
  expect(text).toMatch(/the registry wants credentials/);
  expect(text).not.toContain(wrong.password);
});

test("wrong ones for an image that anybody may pull: only auth_soft_fail goes on without", async () => {
  const { image, stop } = await startRegistry({ auth: "token", open: ["longshore/pause"] });
  try {
    expect(await failure({ image, auth: wrong })).toMatch(/the registry refuses the credentials of the task's auth/);
    expect((await get({ image, auth: wrong, authSoftFail: true })).id).toMatch(/^sha256:/);
  } finally {
    await stop();
  }
}, 60_000);

test("a run with the real command: the password is nowhere, and a change of it changes no container", async () => {
  const stack = await new TestStack("tests/programs/from-file").init();
  // Not marked as secrets: that is longshore's doing.
  const write = (password: string) =>
    writeFileSync(
      join(stack.dir, "tree.json"),
      JSON.stringify({
        groups: {
          web: { tasks: { web: { image: registry.image, forcePull: true, auth: { ...account, password } } } },
          api: { tasks: { api: { image: registry.image } } },
        },
      }),
    );
  try {
    write(wrong.password);
    const said = [await stack.ok(["preview", "--diff"]), (await stack.tryUp("--diff")).out];
    expect(said[1]).toContain("correct them, or set auth_soft_fail");
    write(account.password);
    for (const args of [["preview"], ["preview", "--diff"], ["preview", "--json"]]) said.push(await stack.ok(args));
    said.push(await stack.up("--diff"), await stack.refresh("--diff"));
    const before = await inspectAll(stack.project);
    expect(before).toHaveLength(2);
    await stack.up("--expect-no-changes");

    write(wrong.password);
    // Of a secret, Pulumi does not tell that it is the one that changed.
    expect(await stack.preview()).toEqual([expect.objectContaining({ type: "Image", op: "update", changed: [] })]);
    said.push(await stack.ok(["preview", "--diff"]), await stack.up("--diff"), await stack.ok(["stack", "export"]));
    const after = await inspectAll(stack.project);
    expect(after.map(({ Id }) => Id).sort()).toEqual(before.map(({ Id }) => Id).sort());

    for (const text of [...said, stack.state, JSON.stringify([before, after])])
      for (const secret of [account.password, wrong.password]) expect(text.includes(secret)).toBe(false);
  } finally {
    await stack.dispose();
  }
}, 180_000);

/** The policies of a pack, given what @pulumi/policy gives them: its own proxies, and its own secrets. */
import { type ResourceValidationArgs, Secret } from "@pulumi/policy";
import { type PolicySettings, longshorePolicies } from "../../policy";
import { decentTask } from "../support/policy-state";

type Wrap = (props: object) => Record<string, unknown>;
const { unknownCheckingProxy } = jest.requireActual<{ unknownCheckingProxy: Wrap }>("@pulumi/policy/proxy");
const { secretsPreservingProxy } = jest.requireActual<{ secretsPreservingProxy: Wrap }>("@pulumi/policy/secret");

const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** With each secret as a policy that validates is shown it: in plain. */
const unwrapped = (value: unknown): unknown => {
  if (value instanceof Secret) return unwrapped(value.value);
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, unwrapped(part)]));
};

/** What the pack says of a task, in the order in which its server asks: the marks first, where they are asked for. */
function said(inputs: object, settings: PolicySettings = {}, config: object = {}, withMarks = true): readonly string[] {
  const all: string[] = [];
  const common = {
    type: "pulumi-nodejs:dynamic/longshore:Task",
    urn: "urn:pulumi:test::shop::pulumi-nodejs:dynamic/longshore:Task::web/server[0]/echo",
    name: "web/server[0]/echo",
    getConfig: () => config,
  };
  const args = (props: object) => ({ ...common, props }) as ResourceValidationArgs;
  for (const { validateResource, remediateResource } of longshorePolicies(settings)) {
    const kept = args(unknownCheckingProxy(secretsPreservingProxy(inputs)));
    if (withMarks) expect(remediateResource?.(kept)).toBeUndefined();
    const plain = args(unknownCheckingProxy(unwrapped(inputs) as object));
    for (const validate of [validateResource ?? []].flat())
      void validate(plain, (message: string) => all.push(message));
  }
  return all;
}

test("a decent task is let pass", () => expect(said(decentTask)).toEqual([]));

test("a marked secret is told from one in plain text, and neither is shown", () => {
  const env = { DB_PASSWORD: new Secret("hunter2"), API_TOKEN: "hunter3" };
  const all = said({ ...decentTask, env, devices: [{ hostPath: new Secret("/dev/hunter4") }] });
  expect(all).toEqual([
    expect.stringContaining("devices[0].host_path names a value not shown here"),
    expect.stringContaining("env.API_TOKEN looks like a secret"),
  ]);
  expect(all.join()).not.toContain("hunter");
});

test("where the marks are not shown, no value is, and the message says why", () => {
  const all = said({ ...decentTask, env: { DB_PASSWORD: new Secret("hunter2") }, runtime: "hunter3" }, {}, {}, false);
  expect(all).toEqual([
    expect.stringContaining("runtime is a value not shown here"),
    expect.stringContaining("the rule marked-secrets does not run"),
  ]);
  expect(all.join()).not.toContain("hunter");
});

test("what a preview does not know yet is let pass, and the rest is judged", () => {
  const inputs = { ...decentTask, image: unknownText, env: { A_TOKEN: unknownText }, user: unknownText };
  expect(said(inputs, { registries: { allow: [] } })).toEqual([]);
  expect(said({ ...inputs, privileged: true })).toHaveLength(1);
  expect(said({ ...decentTask, env: { A: unknownText, B_TOKEN: "x" } })).toHaveLength(1);
});

test("a config given at the run is before what the pack says in code", () => {
  const inputs = { ...decentTask, memory: 512 };
  expect(said(inputs, { "memory-limit": { maximum: 256 } })).toHaveLength(1);
  expect(said(inputs, { "memory-limit": { maximum: 256 } }, { maximum: 512 })).toEqual([]);
});

test("the pack's own config is the default of what Pulumi may be told", () => {
  const policy = longshorePolicies({ devices: { allow: ["/dev/fuse"] } }).find(({ name }) => name === "devices");
  expect(policy?.configSchema?.properties.allow).toMatchObject({ type: "array", default: ["/dev/fuse"] });
});

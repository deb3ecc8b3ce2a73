/** What an exported state is, and what a pack may say of its rules. */
import { PolicySettingsError, checkState, longshorePolicies } from "../../policy";
import { decentTask, resource, stateWith, storedSecret } from "../support/policy-state";

const open = { network: { ports: { http: { to: 80, hostIp: "0.0.0.0" } } }, plugin: {} };

test("tasks are judged, and allocations; what is of others, and what is going, is not", () => {
  const bad = { ...decentTask, privileged: true };
  const { violations, resources } = checkState(
    stateWith(
      resource(bad),
      resource(open, { kind: "Allocation", name: "web/server[0]" }),
      { ...resource(bad, { name: "web/old[0]/echo" }), delete: true },
      { type: "aws:s3/bucket:Bucket", urn: "urn:pulumi:test::shop::aws:s3/bucket:Bucket::logs", inputs: bad },
    ),
  );
  expect(violations.map(({ rule, level, resource, property }) => [rule, level, resource, property])).toEqual([
    ["privileged", "mandatory", "web/server[0]/echo", "privileged"],
    ["published-ports", "mandatory", "web/server[0]", "network.ports.http"],
  ]);
  expect(resources).toBe(2);
});

test("an image of a registry that is not listed is refused by itself, before it is pulled", () => {
  const { violations } = checkState(stateWith(resource({ image: "redis:7" }, { kind: "Image", name: "redis:7" })), {
    registries: { allow: ["ghcr.io"] },
  });
  expect(violations.map(({ rule, resource }) => [rule, resource])).toEqual([["registries", "redis:7"]]);
});

test("the file in which a backend keeps a stack is one too", () => {
  const { deployment } = stateWith(resource({ ...decentTask, privileged: true }));
  expect(checkState({ version: 3, checkpoint: { latest: deployment } }).violations).toHaveLength(1);
  expect(checkState({ version: 3, deployment: {} })).toEqual({ violations: [], resources: 0 });
});

test("what is no state is refused", () =>
  expect(() => checkState({ deploymnt: {} })).toThrow(/has no deployment in it; write one with "pulumi stack export/));

test("a secret is in no message", () => {
  const { violations } = checkState(
    stateWith(
      resource({
        ...decentTask,
        image: storedSecret("registry.hidden/x"),
        devices: [{ hostPath: storedSecret("/dev/hidden") }],
        volumes: ["/hidden-not:/x", storedSecret("/hidden:/y")],
      }),
    ),
    { registries: { allow: [] } },
  );
  const text = violations.map(({ message }) => message).join("\n");
  expect(violations.map(({ property }) => property)).toEqual(
    expect.arrayContaining(["image", "devices[0].hostPath", "volumes[0]", "volumes[1]"]),
  );
  expect(text).not.toMatch(/hidden/);
});

test("an encrypted part is not judged, and the rest is", () => {
  const inputs = { ...decentTask, privileged: true, devices: [{ hostPath: storedSecret() }], user: storedSecret() };
  const { violations } = checkState(stateWith(resource(inputs)), { "root-user": "mandatory" });
  expect(violations.map(({ rule }) => rule)).toEqual(["privileged"]);
});

test("what an author writes forges no line", () => {
  const image = "redis\n[mandatory] forged";
  const { violations } = checkState(stateWith(resource({ ...decentTask, image })), { registries: { allow: [] } });
  for (const { message } of violations) expect(message).not.toContain("\n");
  expect(violations.length).toBeGreaterThan(0);
});

test("a level for all, and one of its own", () => {
  const state = stateWith(resource({ ...decentTask, privileged: true, capAdd: ["SYS_TIME"] }));
  const { violations } = checkState(state, { all: "advisory", privileged: "mandatory" });
  expect(violations.map(({ rule, level }) => [rule, level])).toEqual([
    ["privileged", "mandatory"],
    ["capabilities", "advisory"],
  ]);
});

test("all that is wrong with the settings is said at once", () => {
  const wrong = { privilegd: "mandatory", devices: { allow: "all" }, runtimes: "loud", capabilities: { alow: [] } };
  const failures = (() => {
    try {
      longshorePolicies(wrong as never);
      return [];
    } catch (error) {
      return error instanceof PolicySettingsError ? error.failures : [String(error)];
    }
  })();
  expect(failures).toEqual([
    expect.stringMatching(/^privilegd is not a rule; did you mean privileged\?/),
    expect.stringMatching(/^capabilities has no key "alow"/),
    expect.stringMatching(/^runtimes has the level "loud", which is none; write advisory, mandatory or disabled/),
    expect.stringMatching(/^devices\.allow is "all", which is not a list/),
  ]);
});

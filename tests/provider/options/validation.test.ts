/** A refusal names the option, the path, the value, the reason and the way out; and shows no secret. */
import { taskOptions } from "../../../provider/options";
import { hasUnknown, pathText, validate, violations } from "../../../provider/options/folds";
import { pluginOptions } from "../../../provider/options/plugin";
import type { AnyRows } from "../../../provider/options/option";

const known = () => false;
const unknown = Symbol("known later");
const isUnknown = (value: unknown) => value === unknown;

const refusalsOf = (rows: AnyRows, raw: Readonly<Record<string, unknown>>) => validate(rows, raw, known).failures;
const ofTask = (raw: Readonly<Record<string, unknown>>) => refusalsOf(taskOptions, { image: "redis:7", ...raw });

test.each([
  ["a missing option", { image: undefined }, "image", "image is required; give it a value"],
  ["a type", { memory: "64m" }, "memory", 'memory is "64m", which is not a number'],
  ["a whole number", { memory: 64.5 }, "memory", "memory is 64.5, which is not a whole number"],
  [
    "a bound",
    { memoryHardLimit: 1 },
    "memoryHardLimit",
    "memory_hard_limit is 1, which is below 6 MiB, the least the engine takes; raise it",
  ],
  ["a list", { args: "x" }, "args", 'args is "x", which is not a list'],
  ["an element", { args: ["a", 7] }, "args[1]", "args[1] is 7, which is not a string"],
  ["a map", { ulimit: ["x"] }, "ulimit", 'ulimit is ["x"], which is not a map'],
  [
    "a value in a map",
    { sysctl: { "net.core.somaxconn": 5 } },
    "sysctl.net.core.somaxconn",
    "sysctl.net.core.somaxconn is 5, which is not a string",
  ],
  [
    "a key of ours",
    { labels: { "longshore.key": "x" } },
    "labels.longshore.key",
    /longshore's own; choose another name/,
  ],
  ["an unknown key", { logging: { typ: "x" } }, "logging", 'logging has no key "typ"'],
  ["a misspelling", { memroy: 64 }, "memroy", "memroy is not an option; did you mean memory?"],
  [
    "a relative path",
    { workDir: "work" },
    "workDir",
    /work_dir is "work", which is not an absolute path; begin it with/,
  ],
  [
    "a restart policy",
    { restart: "sometimes" },
    "restart",
    /restart is "sometimes", which is not a restart policy; write "no"/,
  ],
  [
    "a union",
    { healthcheck: "maybe" },
    "healthcheck",
    'healthcheck is "maybe", which has none of the shapes this option takes: it is none of "image", "none", and it is not a map',
  ],
  [
    "a length of time",
    { wait: { timeout: "long" } },
    "wait.timeout",
    /wait.timeout is "long", which is not a length of time; write a number and a unit/,
  ],
  ["a long value is shortened", { hostname: "x".repeat(300) }, "hostname", /^hostname is "x{76}…, which/],
])("%s", (_, raw, property, reason) =>
  expect(ofTask(raw)).toContainEqual({
    property,
    reason: typeof reason === "string" ? reason : (expect.stringMatching(reason) as string),
  }),
);

test("nested options of a plugin are named as an operator writes them", () =>
  expect(refusalsOf(pluginOptions, { gc: { danglingContainers: { creationGrace: "30s" } } })).toEqual([
    {
      property: "gc.danglingContainers.creationGrace",
      reason: 'gc.dangling_containers.creation_grace is "30s", which is less than the minimum, 1m; raise it',
    },
  ]));

test("an address of a plugin", () =>
  expect(refusalsOf(pluginOptions, { hostAddress: "here" })[0]?.reason).toBe(
    'host_address is "here", which has none of the shapes this option takes: it is not an IPv4 address, and it is not an IPv6 address',
  ));

test("all at once", () =>
  expect(
    ofTask({ image: "", args: "x", tty: 1, nope: true })
      .map(({ property }) => property)
      .sort(),
  ).toEqual(["args", "image", "nope", "tty"]));

test.each([
  [
    "memoryHardLimit",
    { memoryHardLimit: 128 },
    "memory_hard_limit is 128 MiB, below memory (300 MiB); raise it or lower memory",
  ],
  [
    "cpuCfsPeriod",
    { cpuHardLimit: true, cpuCfsPeriod: 1 },
    "cpu_cfs_period is 1 microseconds, and cpu_hard_limit takes 1000 to 1000000; choose a value between",
  ],
  ["cpusetCpus", { cpusetCpus: "0,4" }, 'cpuset_cpus is "0,4", and the engine has CPUs 0-1; choose among these'],
  [
    "ports",
    { ports: ["nope"] },
    "ports names \"nope\", and the group's network has the ports http; add it to the network's ports, or take it out",
  ],
  [
    "wait",
    { wait: { until: "healthy" }, healthcheck: "none" },
    'wait waits until healthy, and healthcheck is "none"; give a check, or wait until started',
  ],
])("limits: %s", (property, raw, reason) => {
  const { values, failures } = validate(taskOptions, { image: "redis:7", ...raw }, known);
  expect(failures).toEqual([]);
  const scope = { portLabels: ["http"], engine: { cpuCores: 2, cpuTotalCompute: 5192 } };
  expect(violations(taskOptions, values as never, scope)).toEqual([{ property, reason }]);
});

describe("what is known later", () => {
  test("passes unread", () => {
    const { values, failures } = validate(taskOptions, { image: unknown, memory: unknown }, isUnknown);
    expect([values.memory, failures]).toEqual([unknown, []]);
  });

  test("inside a value too, and the rest of it is read", () => {
    const { failures } = validate(
      taskOptions,
      { image: "redis:7", env: { A: unknown }, args: [unknown, 5] },
      isUnknown,
    );
    expect(failures.map(({ property }) => property)).toEqual(["args[1]"]);
    expect(hasUnknown({ a: [unknown] }, isUnknown)).toBe(true);
  });

  test("is judged by no limit", () =>
    expect(violations(taskOptions, { ports: [unknown] } as never, { portLabels: [] }, isUnknown)).toEqual([]));
});

describe("secrets", () => {
  const secret = "s3cr3t-value";

  test.each([
    ["a variable's value", { env: { PASSWORD: [secret] } }],
    ["all variables", { env: secret }],
    ["a list of variables", { env: [`PASSWORD=${secret}`] }],
    ["a label's value", { labels: { token: [secret] } }],
    ["all labels", { labels: `token=${secret}` }],
  ])("%s is in no refusal", (_, raw) => {
    const failures = ofTask(raw);
    expect(failures.length).toBeGreaterThan(0);
    expect(JSON.stringify(failures)).not.toContain(secret);
  });
});

test("paths", () => expect(pathText(["gc", "x", 0, "to", "1"])).toBe("gc.x[0].to[1]"));

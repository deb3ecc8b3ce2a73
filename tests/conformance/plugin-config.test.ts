/** Keys of Pulumi's config as options of a plugin, without Pulumi. */
import { RootConstruct } from "constructs";
import { pluginFromConfig } from "../../constructs/plugin-from-config";
import { failuresOf } from "../../constructs/validation";

const isHidden = Symbol("hidden");
const hide = (value: unknown) => Promise.resolve({ [isHidden]: value });

const read = (config: Readonly<Record<string, string>>, secrets: readonly string[] = [], isShared = false) => {
  const root = new RootConstruct();
  const values = Object.entries(config).map(([name, text]) => ({ name, text, isSecret: secrets.includes(name) }));
  const { options } = pluginFromConfig(root, values, hide, isShared);
  return {
    options: { ...options },
    failures: failuresOf(root).map(({ property, reason }) => `${property}: ${reason}`),
  };
};

test.each([
  ["a text", { endpoint: "unix:///run/d.sock" }, { endpoint: "unix:///run/d.sock" }],
  ["a number", { pidsLimit: "99" }, { pidsLimit: 99 }],
  ["yes or no", { allow_privileged: "true" }, { allowPrivileged: true }],
  [
    "JSON",
    { gc: '{"image_delay":"1m","danglingContainers":{"dryRun":"true"}}' },
    { gc: { imageDelay: "1m", danglingContainers: { dryRun: true } } },
  ],
  ["a list", { extra_labels: '["job_*"]' }, { extraLabels: ["job_*"] }],
  ["a text that looks like JSON", { infraImage: "[x]" }, { infraImage: "[x]" }],
])("%s", (_, config, options) => expect(read(config)).toEqual({ options, failures: [] }));

test.each([
  ["a misspelling", { pidsLimt: "5" }, /^longshore:pidsLimt: pidsLimt is not an option; did you mean pidsLimit\?/],
  ["a misspelling in Nomad's way", { pids_limt: "5" }, /did you mean pids_limit\?/],
  [
    "a part without --path",
    { "gc.image": "true" },
    /write pulumi config set --path longshore:gc\.image \(in Pulumi's config\)$/,
  ],
  ["no list", { extraLabels: "job_*" }, /^extraLabels: extra_labels is "job_\*", which is not a list/],
])("%s is refused", (_, config, reason) => expect(read(config).failures).toEqual([expect.stringMatching(reason)]));

test("a secret is hidden from all that reads the options", async () => {
  const { options, failures } = read({ endpoint: "tcp://hidden-host:2375", pidsLimit: "9" }, ["endpoint"]);
  expect([JSON.stringify(options), failures]).toEqual(['{"endpoint":{},"pidsLimit":9}', []]);
  expect(await options.endpoint).toEqual({ [isHidden]: "tcp://hidden-host:2375" });
});

test("what is wrong with a secret is said without it", () =>
  expect(read({ pull_activity_timeout: "hemmelig" }, ["pull_activity_timeout"]).failures).toEqual([
    expect.stringMatching(
      /^pullActivityTimeout: pull_activity_timeout is a value not shown here, which is not a length/,
    ),
  ]));

test("in a project of the same name other keys are the program's own", () =>
  expect(read({ region: "x", pidsLimit: "5" }, [], true)).toEqual({ options: { pidsLimit: 5 }, failures: [] }));

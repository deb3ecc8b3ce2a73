/** The JSON Schemas against all the job and plugin files there are. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import { recordings } from "./recording";
import { failuresOf, jobOf, machine, renderOnMachine } from "./rendering";

const root = join(__dirname, "../..");
const json = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));

const ajv = new Ajv2020({
  strict: true,
  allowUnionTypes: true,
  strictRequired: false,
  strictTypes: false,
  validateFormats: false,
});
const [job, plugin] = ["job", "plugin"].map((name) => {
  const validate = ajv.compile(json(`docs/schema/${name}.schema.json`) as object);
  return (value: unknown) => (validate(value) ? "" : ajv.errorsText(validate.errors));
}) as [(value: unknown) => string, (value: unknown) => string];

/** Failures that a schema can know of: that a key is none, or that a value is not of its kind. */
const ofForm = /^\w+ is not an option|has no key|which is not a (?:list|map|number|whole number|boolean)|is required/;

describe("every recorded case", () => {
  test.each(recordings.map((recording) => [recording.name, recording] as const))("%s", (_, recording) => {
    const failures = failuresOf(renderOnMachine(recording.jobspec, recording.plugin));
    const [ofPlugin, ofJob] = [true, false].map((isPlugin) =>
      failures.filter(({ path }) => path.startsWith("plugin.") === isPlugin).map(({ reason }) => reason),
    ) as [string[], string[]];
    for (const [errors, reasons] of [
      [job(recording.jobspec), ofJob],
      [plugin(recording.plugin), ofPlugin],
    ] as const) {
      if (reasons.length === 0) expect(errors).toBe("");
      if (reasons.some((reason) => ofForm.test(reason))) expect(errors).not.toBe("");
    }
  });
});

test("the example", () => {
  expect(job(json("examples/jobspec/job.json"))).toBe("");
  expect(plugin(json("examples/jobspec/plugin.json"))).toBe("");
});

test("a file is right without the outer key too, and with all that the API adds", () => {
  const { Job } = jobOf({ job: { Region: null, Meta: null, Priority: 50, Status: "running" } }) as { Job: object };
  expect(job(Job)).toBe("");
});

test.each([
  ["an unknown option", jobOf({ config: { imge: "x" } })],
  ["a list that is none", jobOf({ config: { args: "x" } })],
  ["a key inside an option", jobOf({ config: { logging: { typ: "x" } } })],
  ["a bound", jobOf({ task: { Resources: { MemoryMB: 1 } } })],
  ["another driver", jobOf({ task: { Driver: "exec" } })],
  ["no image", jobOf({ config: { image: undefined } })],
])("%s in a job is wrong", (_, value) => expect(job(JSON.parse(JSON.stringify(value)))).not.toBe(""));

const gc = { gc: { image_delay: "10m", dangling_containers: { enabled: "false" } } };

test.each([
  ["the options", gc],
  ["the options, with the schema's own name", { $schema: "plugin.schema.json", ...gc }],
  ["the plugin", { docker: { config: gc } }],
  ["the agent's file", { datacenter: "dc1", plugin: [{ docker: [{ config: [gc] }] }, { raw_exec: [{}] }] }],
  ["client options", { "docker.cleanup.image": "false" }],
  ["client options in an agent's file", { client: { options: { "docker.cleanup.image": "false", "driver.x": "1" } } }],
])("%s are right", (_, value) => expect(plugin(value)).toBe(""));

test.each([
  ["an unknown option", { gcc: {} }],
  ["a program's spelling", { pidsLimit: 5 }],
  ["a key inside an option", { gc: { imagedelay: "1m" } }],
  ["no length of time", { gc: { image_delay: "soon" } }],
  ["an unknown client option", { client: { options: { "docker.nope": "1" } } }],
  ["an unknown option in an agent's file", { plugin: { docker: { config: { nope: 1 } } } }],
])("%s is wrong", (_, value) => expect(plugin(value)).not.toBe(""));

test("the machine's facts are no part of it", () => expect(plugin({ ...machine })).not.toBe(""));

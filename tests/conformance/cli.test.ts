/** The command itself, as it is installed. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordings } from "./recording";
import { jobOf, machine, renderOnMachine } from "./rendering";

const main = join(__dirname, "../../dist/cli/main.js");
const directory = mkdtempSync(join(tmpdir(), "longshore-cli-"));
afterAll(() => rmSync(directory, { recursive: true }));

const file = (name: string, content: unknown): string => {
  const path = join(directory, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
};

const longshore = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
};

test.each(["count-2", "cpu-hard-limit", "command-whitespace", "plugin-creation-grace-too-small"])(
  "%s renders as in this process",
  (name) => {
    const recording = recordings.find((one) => one.name === name);
    const { result, warnings } = renderOnMachine(recording?.jobspec, recording?.plugin);
    const ran = longshore(
      ...["render", file("job.json", recording?.jobspec)],
      ...["--plugin", file("plugin.json", recording?.plugin)],
      ...["--attributes", file("attributes.json", machine)],
    );
    expect(JSON.parse(ran.stdout)).toEqual(JSON.parse(JSON.stringify(result)));
    expect(ran.stderr).toBe(warnings.map((warning) => `warning: ${warning}\n`).join(""));
    expect(ran.status).toBe("failures" in result ? 2 : 0);
  },
);

test("constraints are judged by the attributes that are given, and by no others", () => {
  const job = jobOf({
    job: { Constraints: [{ LTarget: "${attr.cpu.arch}", Operand: "=", RTarget: "arm64" }] },
    task: { Constraints: [{ LTarget: "${meta.rack}", Operand: "is_set" }] },
  });
  const rendered = (attributes: object) =>
    longshore("render", file("job.json", job), "--attributes", file("attributes.json", attributes));
  expect(rendered({ "cpu.arch": "arm64" }).status).toBe(0);
  expect(rendered({ "cpu.numcores": 2 }).status).toBe(0);
  const { status, stdout } = rendered({ "cpu.arch": "amd64" });
  expect([status, stdout]).toEqual([2, expect.stringContaining('constraints[0] of job \\"job\\" is not met')]);
});

test("a job file becomes a program, in a file that was not there", () => {
  const job = jobOf({
    group: { Services: [{ Name: "web" }] },
    config: { auth: { username: "web", password: "open sesame" } },
  });
  const [written, out] = [file("job.json", job), join(directory, "converted.ts")];
  const printed = longshore("convert", written);
  expect(printed).toEqual({
    status: 0,
    stdout: expect.stringContaining('new Task(group, "web", {') as string,
    stderr:
      "warning: job/g: Services has no effect here\n" +
      "job/g/web.auth.password is not in the program; give it with: pulumi config set --secret webAuthPassword\n",
  });
  expect(longshore("convert", written, "--out", out)).toEqual({ ...printed, stdout: "" });
  expect(readFileSync(out, "utf8")).toBe(printed.stdout);
  const again = longshore("convert", written, "--out", out);
  expect([again.status, again.stderr]).toEqual([1, expect.stringContaining("is there already")]);
});

test("a job file with a mistake becomes no program", () =>
  expect(longshore("convert", file("job.json", jobOf({ config: { privileged: true } })))).toEqual({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining("job/g/web.privileged: ") as string,
  }));

test("without attributes the machine is this one", () => {
  const { status, stdout } = longshore("render", file("job.json", jobOf({ config: { cpuset_cpus: "0-9999" } })));
  expect([status, stdout]).toEqual([2, expect.stringContaining("job/g/web.cpuset_cpus")]);
});

test.each([
  ["no command", [], 0, /longshore render JOB\.json/, /^$/],
  ["help", ["--help"], 0, /longshore render JOB\.json/, /^$/],
  ["help of a command", ["render", "--help"], 0, /--attributes/, /^$/],
  ["help of gc", ["gc", "--help"], 0, /--dry-run/, /^$/],
  ["help of info", ["info", "--help"], 0, /--json/, /^$/],
  ["two engines for info", ["info", "--plugin", "x", "--endpoint", "y"], 2, /^$/, /takes --plugin or --endpoint/],
  ["an unknown command", ["rendr"], 2, /^$/, /no command "rendr"; did you mean render\?/],
  [
    "a command like none",
    ["deploy"],
    2,
    /^$/,
    /no command "deploy"; the commands are ps, logs, exec, signal, stats, info, policy, gc, render, graph, convert, completion/,
  ],
  ["an unknown option", ["render", "--plugn", "x"], 2, /^$/, /render has no option --plugn; did you mean --plugin\?/],
  ["no job file", ["render"], 2, /^$/, /takes one job file/],
  ["no such file", ["render", "nowhere.json"], 1, /^$/, /nowhere\.json cannot be read: there is no such file/],
  ["a directory", ["render", "."], 1, /^$/, /it is a directory/],
])("%s", (_, args, status, stdout, stderr) => {
  const ran = longshore(...args);
  expect(ran).toEqual({
    status,
    stdout: expect.stringMatching(stdout) as string,
    stderr: expect.stringMatching(stderr) as string,
  });
});

test("a file that is no JSON", () => {
  const { status, stderr } = longshore("render", file("job.json", "job {}"));
  expect([status, stderr]).toEqual([1, expect.stringMatching(/job\.json is not JSON: /)]);
});

test("attributes that are no numbers", () => {
  const attributes = file("attributes.json", { "cpu.totalcompute": "fast" });
  const { status, stderr } = longshore("render", file("job.json", jobOf({})), "--attributes", attributes);
  expect([status, stderr]).toEqual([1, expect.stringContaining("cpu.totalcompute")]);
});

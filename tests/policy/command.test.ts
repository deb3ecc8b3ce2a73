/** `longshore policy`, as it is installed. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decentTask, resource, stateWith } from "../support/policy-state";

const directory = mkdtempSync(join(tmpdir(), "longshore-policy-"));
afterAll(() => rmSync(directory, { recursive: true }));

const file = (name: string, content: unknown): string => {
  const path = join(directory, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};

const policy = (...args: string[]) => {
  const main = join(__dirname, "../../dist/cli/main.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, "policy", ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
};

const state = () => file("state.json", stateWith(resource({ ...decentTask, privileged: true, user: "root" })));

test("a table of what is wrong, worst first, and exit code 2", () => {
  const { status, stdout, stderr } = policy(state());
  expect([status, stderr]).toEqual([2, "1 resource: 1 mandatory, 1 advisory\n"]);
  expect(stdout.split("\n").map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
    ["LEVEL", "RULE"],
    ["mandatory", "privileged"],
    ["advisory", "root-user"],
    [""],
  ]);
});

test("what is advisory does not fail, and --json is for programs", () => {
  const config = file("policy.json", { privileged: "disabled", "marked-secrets": "remediate" });
  const { status, stdout } = policy(state(), "--json", "--config", config);
  expect([status, JSON.parse(stdout)]).toEqual([
    0,
    {
      resources: 1,
      violations: [expect.objectContaining({ rule: "root-user", level: "advisory", property: "user" }) as unknown],
    },
  ]);
});

test("nothing wrong is an empty table", () =>
  expect(policy(file("good.json", stateWith(resource(decentTask))))).toEqual({
    status: 0,
    stdout: "",
    stderr: "1 resource: 0 mandatory, 0 advisory\n",
  }));

test.each([
  ["no state", [], 2, /takes one exported state/],
  [
    "a file that is no state",
    [file("other.json", { tasks: [] })],
    1,
    /other\.json is not a state: it has no deployment/,
  ],
  [
    "a config that is not right",
    [state(), "--config", file("wrong.json", { devices: { alow: [] } })],
    1,
    /wrong\.json is not right: devices has no key "alow"/,
  ],
])("%s", (_, args, status, words) => {
  const ran = policy(...args);
  expect([ran.status, ran.stdout]).toEqual([status, ""]);
  expect(ran.stderr).toMatch(words);
});

/** `longshore graph`, as it is installed. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endCommands, longshore } from "../support/command";

const directory = mkdtempSync(join(tmpdir(), "longshore-graph-"));
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(endCommands);

const recorded = (name: string) => join(__dirname, "recorded", name);
const [state, preview] = [recorded("state.json"), recorded("preview.json")];
const docs = (name: string) => readFileSync(join(__dirname, "../../docs", name), "utf8");
const job = join(__dirname, "../../examples/jobspec/job.json");

test("a preview with its state, into a file", async () => {
  const out = join(directory, "changes.svg");
  const ran = await longshore(["graph", "--state", state, "--preview", preview, "--out", out]);
  expect(ran).toEqual({ code: 0, out: "", err: "" });
  expect(readFileSync(out, "utf8")).toBe(docs("graph-preview.svg"));
});

test("a job file, on the standard output", async () =>
  expect(await longshore(["graph", "--job", job])).toEqual({ code: 0, out: docs("graph-job.svg"), err: "" }));

test("a state that is piped in, for Mermaid, under a title", async () => {
  const args = ["graph", "--state", "-", "--format", "mermaid", "--title", "Now"];
  const { code, out } = await longshore(args, readFileSync(state, "utf8"));
  expect([code, out.split("\n").slice(0, 4)]).toEqual([0, ["---", 'title: "Now"', "---", "flowchart LR"]]);
});

test("a job file that is not right is refused, with all that is wrong, and nothing is written", async () => {
  const file = join(directory, "job.json");
  const out = join(directory, "job.svg");
  writeFileSync(
    file,
    JSON.stringify({ ID: "x", TaskGroups: [{ Name: "g", Tasks: [{ Name: "t", Driver: "docker" }] }] }),
  );
  const ran = await longshore(["graph", "--job", file, "--out", out]);
  expect([ran.code, ran.out]).toEqual([2, ""]);
  expect(ran.err).toMatch(/x\/g\/t.*image/);
  expect(existsSync(out)).toBe(false);
});

test.each([
  ["nothing to draw", [], 2, /takes --state, --preview or --job/],
  ["a job file beside a state", ["--job", job, "--state", state], 2, /takes --job alone/],
  ["a plugin without a job file", ["--state", state, "--plugin", job], 2, /takes --plugin with --job only/],
  ["two files from one input", ["--state", "-", "--preview", "-"], 2, /reads one file from the standard input/],
  [
    "a format that there is not",
    ["--state", state, "--format", "png"],
    2,
    /no format "png"; the formats are svg and mermaid/,
  ],
  ["what is no state", ["--state", preview], 1, /preview\.json is not a state: it has no deployment/],
  ["what is no preview", ["--preview", state], 1, /state\.json is not a preview: it has no steps/],
  ["an input that is no JSON", ["--state", "-"], 1, /the standard input is not JSON/],
  [
    "a place to which nothing can be written",
    ["--job", job, "--out", "nowhere/x.svg"],
    1,
    /nowhere\/x\.svg cannot be written/,
  ],
])("%s", async (_, args, code, words) => {
  const ran = await longshore(["graph", ...args], "no JSON");
  expect([ran.code, ran.out]).toEqual([code, ""]);
  expect(ran.err).toMatch(words);
});

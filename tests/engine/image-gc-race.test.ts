/** Processes that take images into use, give them back and remove them, all at the same time. */
import { fork } from "node:child_process";
import { join } from "node:path";
import { engine } from "../support/engine";
import { kindsOf } from "../support/image-use";
import { type Registry, startRegistry } from "../support/registry";

const rounds = 20;
const processes = 4;

let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry();
}, 120_000);
afterAll(() => registry.stop(), 60_000);

interface Report {
  readonly rounds: number;
  readonly removals: number;
  readonly failures: readonly string[];
}

const racer = (image: string, tag: string) =>
  new Promise<Report>((resolve, reject) => {
    const child = fork(join(__dirname, "../support/image-racer.ts"), [image, tag, String(rounds)], {
      execArgv: ["-r", "ts-node/register/transpile-only"],
      env: { ...process.env, LONGSHORE_GC_IN_BACKGROUND: "0" },
    });
    child.on("message", (report) => resolve(report as Report));
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`it ended with ${code}`)));
  });

test("no create ends with an image that is gone, whoever removes it at that moment", async () => {
  const image = registry.image;
  const reports = await Promise.all(Array.from({ length: processes }, (_, index) => racer(image, `p${index}`)));
  expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
  expect(reports.reduce((sum, report) => sum + report.rounds, 0)).toBe(rounds * processes);
  // Otherwise nothing was proven.
  expect(reports.reduce((sum, { removals }) => sum + removals, 0)).toBeGreaterThan(0);
  const left = await engine.tryInspectImage(image);
  if (left) expect(await kindsOf(left.Id)).not.toEqual(expect.arrayContaining(["removing"]));
}, 300_000);

/** What who runs `pulumi up` sees of pulls: why one fails, how far one is, and that the next run has nothing to mend. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { marksOn } from "../../provider/image-gc/marks";
import { engine, containersOf } from "../support/engine";
import { type FaultyRegistry, startFaultyRegistry } from "../support/faulty-registry";
import { type Registry, startRegistry } from "../support/registry";
import { TestStack } from "../support/stack";

let registry: Registry;
let front: FaultyRegistry;
let stack: TestStack;
beforeAll(async () => {
  registry = await startRegistry();
  front = await startFaultyRegistry(registry);
  stack = await new TestStack("tests/programs/from-file").init();
}, 120_000);
afterAll(async () => {
  await stack.dispose();
  front.stop();
  await registry.stop();
}, 60_000);

const marksOfStack = async () =>
  (await marksOn(engine)).filter((mark) => "key" in mark && mark.key.startsWith(`${stack.project}/`));

test("a registry that is down fails the run and says why; when it is back, the next run has all, and shows how it comes", async () => {
  const image = `${front.host}/progress/large:1`;
  const small = `${front.host}/progress/small:1`;
  await registry.push("progress/large", "1", "large", { layers: 2, layerBytes: 4_000_000 });
  await registry.push("progress/small", "1", "small", { layers: 1, layerBytes: 1_500_000 });
  const write = (...images: readonly string[]) =>
    writeFileSync(
      join(stack.dir, "tree.json"),
      JSON.stringify({
        groups: Object.fromEntries(
          images.map((one, index) => [`g${index}`, { tasks: { web: { image: one, imagePullTimeout: "1m" } } }]),
        ),
      }),
    );
  write(image);

  await front.set({ what: "refuse" });
  const { code, out } = await stack.tryUp();
  expect(code).not.toBe(0);
  expect(out).toContain(`image ${image} could not be pulled (the engine does not have it): `);
  expect(out).toMatch(
    /connection refused.*asked without credentials\); nothing answers there: check that the registry runs/,
  );
  expect(out).toMatch(/trying again in 8 s/);
  expect(await containersOf(stack.project)).toEqual([]);
  expect(await marksOfStack()).toEqual([]);

  await front.set({ what: "slow", bytesPerSecond: 300_000 });
  write(image, small);
  const said = await stack.up();
  const lines = new Set(said.match(/pulling \S.*/g));
  // After 3 s, and then every 5 s: it takes 13 s at least.
  expect(lines.size).toBeGreaterThanOrEqual(3);
  expect(lines.size).toBeLessThanOrEqual(12);
  // How many of the layers are on the way at once is for the engine to say, which may have other pulls.
  const rate = String.raw`\d+\.\d of \d\.\d MB(?: at [\d.]+ [kM]B/s|, nothing for \d+ s), \d of`;
  expect([...lines].join("\n")).toMatch(new RegExp(`^pulling ${rate} 5 layers, of 2 images$`, "m"));
  expect([...lines].at(-1)).toMatch(new RegExp(`^pulling ${rate} 3 layers: .*/progress/large:1$`));
  expect(said).toMatch(/pulled 8\.0 MB, 3 layers, in \d+ s: .*\/progress\/large:1/);
  expect(said).toMatch(/pulled 1\.5 MB, 2 layers, in \d+ s: .*\/progress\/small:1/);
  expect(await containersOf(stack.project)).toHaveLength(2);
  expect(await marksOfStack()).toHaveLength(2);
  await front.clear();
  await stack.up("--expect-no-changes");
  await stack.destroy();
  expect(await marksOfStack()).toEqual([]);
}, 180_000);

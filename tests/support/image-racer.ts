/** A process of a race: takes an image into use and gives it back, again and again, and looks through the unused ones. */
import type { Engine } from "../../provider/engine/engine";
import { sweep } from "../../provider/image-gc/sweep";
import { giveBack } from "../../provider/image-gc/use";
import { engine } from "./engine";
import { isThere, useImage } from "./image-use";

const [, , image = "", tag = "", rounds = "0"] = process.argv;

/** The engine with one image: other tests' images are not raced for. */
const only = (id: string): Engine => ({
  ...engine,
  listVolumes: async (labels) =>
    (await engine.listVolumes(labels)).filter(({ Labels }) => Labels?.["longshore.image"] === id),
});

async function race() {
  const failures: string[] = [];
  let removals = 0;
  for (let round = 0; round < Number(rounds); round++)
    try {
      const { id, outs } = await useImage(image, { key: `race-${tag}/test/${round % 3}` });
      if (!(await isThere(id))) failures.push(`round ${round}: ${id} is gone as soon as it is there`);
      await new Promise((next) => setTimeout(next, Math.random() * 30));
      if (!(await isThere(id))) failures.push(`round ${round}: ${id} is gone while it is used`);
      await giveBack(engine, id, outs);
      removals += (await sweep(only(id))).filter((one) => one.removed).length;
      if (!(await isThere(id))) removals++;
      // Only while none of the others uses it either can it go.
      await new Promise((next) => setTimeout(next, Math.random() * 300));
    } catch (error) {
      failures.push(`round ${round}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  return { rounds: Number(rounds), removals, failures };
}

void race().then((report) => process.send?.(report, () => process.exit()));

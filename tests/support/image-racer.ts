/** A process of a race: takes an image into use and gives it back, again and again, and looks through the unused ones. */
import { sweep } from "../../provider/image-gc/sweep";
import { engine } from "./engine";
import { isThere, useImage } from "./image-use";

const [, , image = "", tag = "", rounds = "0"] = process.argv;

async function race() {
  const failures: string[] = [];
  let removals = 0;
  for (let round = 0; round < Number(rounds); round++)
    try {
      const { id, destroy } = await useImage(image, { key: `race-${tag}/test/${round % 3}` });
      if (!(await isThere(id))) failures.push(`round ${round}: ${id} is gone as soon as it is there`);
      await new Promise((next) => setTimeout(next, Math.random() * 30));
      if (!(await isThere(id))) failures.push(`round ${round}: ${id} is gone while it is used`);
      await destroy();
      removals += (await sweep(engine)).filter((one) => one.removed).length;
      if (!(await isThere(id))) removals++;
    } catch (error) {
      failures.push(`round ${round}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  return { rounds: Number(rounds), removals, failures };
}

void race().then((report) => process.send?.(report, () => process.exit()));

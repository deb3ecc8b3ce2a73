/** Each option of a task is shown on a live container: a test below tests/engine sets it, beside the proof of previews. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { taskOptions } from "../../provider/options";

const directory = join(__dirname, "../engine");
const texts = readdirSync(directory, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts") && !file.startsWith("truth-of-preview"))
  .map((file) => readFileSync(join(directory, file), "utf8"));

/** What no container here can show; their requests and refusals are tested. */
const elsewhere = new Set(["ssl" /* it has no effect */, "isolation" /* Windows engines have it */]);

test.each(Object.keys(taskOptions).filter((option) => !elsewhere.has(option)))("%s", (option) => {
  const isSet = new RegExp(`[{,\\s]"?${option}"?(?::|,| \\})`);
  expect(texts.some((text) => isSet.test(text))).toBe(true);
});

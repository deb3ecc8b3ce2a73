/** Whether the constant text in `resources.ts`, which has no file and so no package of its own, will find this one. */
import { createRequire } from "node:module";
import { join } from "node:path";

/** Why it will not; Pulumi's provider process works where the program does. */
export function unreachable(from = process.cwd()): string | undefined {
  try {
    createRequire(join(from, "program.js")).resolve("longshore/provider");
    return undefined;
  } catch {
    return (
      `longshore cannot be found from ${from}, where Pulumi's provider process looks for it; name it in the dependencies ` +
      "of the package.json there: that another package depends on it is not enough everywhere"
    );
  }
}

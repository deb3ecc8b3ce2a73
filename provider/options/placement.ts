import * as z from "zod";
import { constraintSchema } from "../constraints/constraint";
import { optionGroup, unlessEmpty } from "./option";

/** A list of constraints, wherever it stands. */
export const constraintList = z.array(constraintSchema).optional();

export const placement = optionGroup({
  /**
   * What the engine has to be, beside what the job and the group ask for. Checked in each preview, which says what an engine
   * lacks; and when the container is made.
   */
  constraints: {
    schema: constraintList,
    change: "record",
    stanza: "none",
    examples: [
      [{ attribute: "${attr.kernel.name}", operator: "=", value: "linux" }],
      [{ attribute: "${attr.driver.docker.version}", operator: "version", value: ">= 19.3" }],
    ],
    canonical: unlessEmpty,
  },
});

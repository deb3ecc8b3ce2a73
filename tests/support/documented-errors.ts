/** The errors that docs/errors.md lists. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./stack";

/** The titles, as they stand there: `the engine at … failed in …: …` */
export const documentedErrors: readonly string[] = [
  ...readFileSync(join(root, "docs/errors.md"), "utf8").matchAll(/^### `(.+)`$|^- ((?:`[^`]+`(?:, )?)+):/gm),
].flatMap(([, title, reasons]) => (title === undefined ? (reasons ?? "").slice(1, -1).split("`, `") : [title]));

const asExpression = (title: string) =>
  new RegExp(
    title
      .split("…")
      .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join("[^]*?"),
  );
const expressions = documentedErrors.map(asExpression);

export const isDocumented = (message: string): boolean => expressions.some((expression) => expression.test(message));

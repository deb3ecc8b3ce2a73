/** docs/errors.md lists what the sources say, in their words. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { documentedErrors } from "../support/documented-errors";
import { root } from "../support/stack";

const sources = readdirSync(join(root, "provider"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => readFileSync(join(root, "provider", file), "utf8"))
  .join("\n");

/** The words between what differs; short ones say nothing. */
const fragmentsOf = (title: string) => title.split(/…|, /).filter((text) => /[a-z]{3}.* |[a-z]{5}/.test(text));

test.each(documentedErrors)("%s", (title) => {
  const fragments = fragmentsOf(title);
  expect(fragments.length).toBeGreaterThan(0);
  expect(fragments.filter((text) => !sources.includes(text.trim()))).toEqual([]);
});

/** The documentation is what the tables say, and what an editor shows. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AnyRow } from "../../provider/options/option";
import { keysOf } from "../../tools/docs/forms";
import { pages } from "../../tools/docs/pages";
import { tables } from "../../tools/docs/tables";

const root = join(__dirname, "../..");
const all = Object.values(tables());

test.each(Object.entries(pages()))('%s is what "npm run docs" writes', (path, text) =>
  expect(readFileSync(join(root, path), "utf8")).toBe(text),
);

describe.each(all.map((table) => [table.name, table] as const))("%s", (_, { rows, comments, hovers }) => {
  test("every row, and every key inside one, has a comment", () =>
    expect([...comments].filter(([, text]) => text === "").map(([path]) => path)).toEqual([]));

  test("every prop that is no row has one too", () =>
    expect([...hovers].filter(([path, text]) => text === "" && !comments.has(path))).toEqual([]));

  test("an editor shows the same words", () =>
    expect([...comments.keys()].map((path) => [path, hovers.get(path)])).toEqual([...comments]));

  const paths = Object.entries<AnyRow>(rows).flatMap(
    ([key, { schema, legacy = {}, withoutEffect, credentials = [] }]) =>
      [
        ...Object.values(legacy),
        ...(Array.isArray(withoutEffect) ? (withoutEffect as string[]) : []),
        ...credentials,
      ].map((path) => [key, schema, path] as const),
  );
  test("what a row says of keys inside it, it says of keys that it has", () =>
    expect(
      paths.filter(
        ([key, schema, path]) => path !== "" && !keysOf(schema, key).some((one) => one.path === `${key}.${path}`),
      ),
    ).toEqual([]));
});

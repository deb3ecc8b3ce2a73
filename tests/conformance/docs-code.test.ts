/** What the pages for users show is true to the sources: programs compile, options that a table names are rows. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as ts from "typescript";
import { tables } from "../../tools/docs/tables";

const root = join(__dirname, "../..");
const pages = ["docs", "docs/how-to"].flatMap((directory) =>
  readdirSync(join(root, directory))
    .filter((name) => name.endsWith(".md"))
    .map((name) => ({ page: `${directory}/${name}`, text: readFileSync(join(root, directory, name), "utf8") })),
);

const programs = pages.flatMap(({ page, text }) =>
  [...text.matchAll(/^```ts complete\n(.*?)^```$/gms)].map(([, code = ""], index) => ({ page, index, code })),
);

const complaints = (): readonly string[] => {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const directory = mkdtempSync(join(root, "tests/docs-code-"));
  try {
    const files = programs.map(({ page, index, code }) => {
      const file = join(directory, `${page.replaceAll("/", "-")}-${index}.ts`);
      writeFileSync(file, code);
      return file;
    });
    return ts
      .getPreEmitDiagnostics(ts.createProgram(files, options))
      .filter(({ file }) => file?.fileName.includes("docs-code-"))
      .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
  } finally {
    rmSync(directory, { recursive: true });
  }
};

test("every complete program compiles", () => {
  expect(programs.length).toBeGreaterThan(0);
  expect(complaints()).toEqual([]);
}, 120_000);

const options = new Set(Object.values(tables()).flatMap(({ rows }) => Object.keys(rows)));
const named = pages.flatMap(({ page, text }) =>
  [...text.matchAll(/<!-- options -->(.*?)<!-- \/options -->/gs)].flatMap(([, table = ""]) =>
    table
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .flatMap((line) => [...(line.split("|")[2] ?? "").matchAll(/`(\w+)[^`]*`/g)].map(([, option]) => [page, option])),
  ),
);

test("every option that a table of another tool's words names is a row", () => {
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter(([, option]) => !options.has(option ?? ""))).toEqual([]);
});

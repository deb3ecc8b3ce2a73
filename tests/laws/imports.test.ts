/** Data flows one way, and so do imports. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";

const root = join(__dirname, "../..");
const sources = ["provider", "constructs", "run", "policy", "cli", "examples"].flatMap((directory) =>
  readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("node_modules"))
    .map((file) => join(directory, file)),
);

interface Import {
  readonly from: string;
  /** A file of the project without `.ts`, or a package. */
  readonly to: string;
  readonly atRunTime: boolean;
}

const isTypeOnly = (node: ts.ImportDeclaration | ts.ExportDeclaration): boolean => {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  if (!clause) return false;
  const named = clause.namedBindings;
  return (
    clause.phaseModifier === ts.SyntaxKind.TypeKeyword ||
    (!clause.name && !!named && ts.isNamedImports(named) && named.elements.every((element) => element.isTypeOnly))
  );
};

function importsOf(from: string): readonly Import[] {
  const text = readFileSync(join(root, from), "utf8");
  const source = ts.createSourceFile(from, text, ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, atRunTime: boolean) => {
    if (!specifier || !ts.isStringLiteralLike(specifier)) return;
    const to = specifier.text.startsWith(".")
      ? join(dirname(from), specifier.text).replace(/\.js$/, "")
      : specifier.text;
    found.push({ from, to, atRunTime });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier, !isTypeOnly(node));
    const isCall = ts.isCallExpression(node);
    if (isCall && (node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === "require"))
      add(node.arguments[0], true);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const imports = sources.flatMap(importsOf);
const offending = (rule: (one: Import) => boolean) => imports.filter(rule).map(({ from, to }) => `${from} -> ${to}`);
const under =
  (...places: string[]) =>
  (path: string) =>
    places.some((place) => path === place || path.startsWith(`${place}/`));

test("there is something to look at", () => expect(imports.length).toBeGreaterThan(50));

test.each([
  [
    "the provider knows no constructs and no command",
    under("provider"),
    under("constructs", "run", "policy", "cli", "tests", "examples", "longshore"),
  ],
  [
    "what runs is looked at without constructs",
    under("run"),
    under("constructs", "policy", "cli", "tests", "examples", "longshore"),
  ],
  [
    "the table knows no handlers and no engine's client",
    under("provider/options"),
    under("provider/handlers", "provider/plan", "provider/dynamic"),
  ],
  ["the engine's client knows no options", under("provider/engine"), under("provider/options", "provider/handlers")],
  ["constructs know no command", under("constructs"), under("run", "policy", "cli", "tests", "examples", "longshore")],
  [
    "policies know the table, and neither constructs nor handlers nor the engine",
    under("policy"),
    under(
      "constructs",
      "run",
      "cli",
      "tests",
      "examples",
      "longshore",
      "provider/handlers",
      "provider/dynamic",
      "provider/engine",
    ),
  ],
  ["constructs know no handlers", under("constructs"), under("provider/handlers", "provider/dynamic")],
  ["the command knows no tests", under("cli"), under("tests", "examples", "longshore")],
] as const)("%s", (_, from, to) => expect(offending((one) => from(one.from) && to(one.to))).toEqual([]));

test("constructs and options have of the engine's client its types only", () =>
  expect(
    offending(
      (one) => under("constructs", "provider/options")(one.from) && one.atRunTime && under("provider/engine")(one.to),
    ),
  ).toEqual([]));

test("Pulumi's library runs in nine files of the constructs and one of the provider", () => {
  const may = new Set(
    [
      "app",
      "config",
      "deploy",
      "task",
      "pending",
      "engine-attributes",
      "filled-early",
      "given-resources",
      "pulumi-docker",
    ]
      .map((name) => `constructs/${name}.ts`)
      .concat("provider/resources.ts"),
  );
  const isLibrary = under("provider", "constructs", "run", "policy", "cli");
  expect(
    offending((one) => isLibrary(one.from) && one.atRunTime && under("@pulumi/pulumi")(one.to) && !may.has(one.from)),
  ).toEqual([]);
});

test("policies have of Pulumi's library for policies its types only: the command judges states without it", () =>
  expect(
    offending((one) => one.atRunTime && under("policy", "cli")(one.from) && under("@pulumi/policy")(one.to)),
  ).toEqual([]));

test("examples import the package by its name only", () =>
  expect(
    offending(
      (one) =>
        under("examples")(one.from) &&
        !under("longshore", "@pulumi/pulumi", "@pulumi/policy")(one.to) &&
        !one.to.startsWith("node:"),
    ),
  ).toEqual([]));

test("no file is part of a circle", () => {
  const files = new Set(sources.map((file) => file.replace(/\.ts$/, "")));
  const next = Map.groupBy(
    imports.filter(({ to, atRunTime }) => atRunTime && files.has(to)),
    ({ from }) => from.replace(/\.ts$/, ""),
  );
  const circle = (file: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const { to } of next.get(file) ?? []) {
      const found = circle(to, [...trail, file]);
      if (found) return found;
    }
    done.add(file);
    return undefined;
  };
  const done = new Set<string>();
  expect(
    [...files]
      .map((file) => circle(file, []))
      .find(Boolean)
      ?.map((file) => relative(".", file)),
  ).toBeUndefined();
});

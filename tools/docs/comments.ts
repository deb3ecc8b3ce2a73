/** The comments of rows, and of the keys inside them, as an editor shows them. */
import { basename, join } from "node:path";
import ts from "typescript";

const root = join(__dirname, "../..");

/** The comment at a path below a row, `gc.danglingContainers.period`; `""` where there is none. */
export type Comments = ReadonlyMap<string, string>;

interface Export {
  readonly file: string;
  readonly name: string;
}

/** A table, and the type of what a program gives a construct of its kind. */
export interface TableSource {
  readonly table: Export;
  readonly props: Export;
}

export interface DocumentedTable {
  /** Of the rows, and of the keys in their schemas. */
  readonly comments: Comments;
  /** The name of the file that a row is in: `resources`. */
  readonly groups: ReadonlyMap<string, string>;
  /** What an editor shows for the same paths where a program writes them, and for the props that are no rows. */
  readonly hovers: Comments;
}

const oneLine = (text: string) => text.replace(/\s*\n\s*/g, " ").trim();

/** All tables in one run of the compiler. */
export function documented<K extends string>(sources: Readonly<Record<K, TableSource>>) {
  const paths = Object.values<TableSource>(sources).flatMap(({ table, props }) =>
    [table, props].map(({ file }) => join(root, file)),
  );
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram(paths, options);
  const checker = program.getTypeChecker();
  const textOf = (symbol: ts.Symbol) => oneLine(ts.displayPartsToString(symbol.getDocumentationComment(checker)));
  const inside = (type: ts.Type | undefined, name: string): ts.Type | undefined => {
    const property = type && checker.getPropertyOfType(type, name);
    return property && checker.getTypeOfSymbol(property);
  };

  /** The same walk as over the schema's value, over its type. */
  function walk(schema: ts.Type, path: string, into: Map<string, string>): void {
    const def = inside(schema, "def");
    for (const name of ["innerType", "element", "valueType"]) {
      const inner = inside(def, name);
      if (inner) walk(inner, path, into);
    }
    for (const key of inside(def, "shape")?.getProperties() ?? []) {
      const below = `${path}.${key.name}`;
      const text = textOf(key);
      if (text !== "" || !into.has(below)) into.set(below, text);
      walk(checker.getTypeOfSymbol(key), below, into);
    }
    const all = inside(def, "options");
    const alternatives =
      all && (checker.isTupleType(all) || checker.isArrayType(all))
        ? checker.getTypeArguments(all as ts.TypeReference)
        : [];
    for (const option of alternatives) walk(option, path, into);
  }

  const exported = ({ file, name }: Export): ts.Symbol => {
    const source = program.getSourceFile(join(root, file));
    const module = source && checker.getSymbolAtLocation(source);
    const found = module && checker.getExportsOfModule(module).find((one) => one.name === name);
    if (!found) throw new Error(`${file} does not export ${name}`);
    return found;
  };

  /** The text of a property that a program writes, whichever of its types has it. */
  const hover = (type: ts.Type, [key, ...rest]: readonly string[]): string => {
    if (key === undefined) return "";
    for (const one of type.isUnion() ? type.types : [type]) {
      if (!(one.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) continue;
      const property = checker.getPropertyOfType(one, key);
      if (property && rest.length === 0) return textOf(property);
      const inner = property
        ? hover(checker.getTypeOfSymbol(property), rest)
        : [one.getNumberIndexType(), one.getStringIndexType()]
            .flatMap((part) => (part ? [hover(part, [key, ...rest])] : []))
            .find(Boolean);
      if (inner) return inner;
    }
    return "";
  };

  const read = ({ table, props }: TableSource): DocumentedTable => {
    const comments = new Map<string, string>();
    const groups = new Map<string, string>();
    for (const row of checker.getTypeOfSymbol(exported(table)).getProperties()) {
      comments.set(row.name, textOf(row));
      groups.set(row.name, basename(row.declarations?.[0]?.getSourceFile().fileName ?? "", ".ts"));
      const schema = inside(checker.getTypeOfSymbol(row), "schema");
      if (schema) walk(schema, row.name, comments);
    }
    const written = checker.getDeclaredTypeOfSymbol(exported(props));
    const others = written.getProperties().map(({ name }) => name);
    const hovers = new Map(
      [...new Set([...comments.keys(), ...others])].map((path) => [path, hover(written, path.split("."))]),
    );
    return { comments, groups, hovers };
  };

  return Object.fromEntries(
    Object.entries<TableSource>(sources).map(([name, source]) => [name, read(source)]),
  ) as Readonly<Record<K, DocumentedTable>>;
}

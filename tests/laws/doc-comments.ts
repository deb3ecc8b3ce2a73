import { join } from "node:path";
import ts from "typescript";

const root = join(__dirname, "../..");

type Properties = Readonly<Record<string, readonly string[]>>;

/** Properties of exported types that show no text when an editor hovers them: `TaskOptions.memory`. */
export function undocumented(files: Readonly<Record<string, Properties>>): readonly string[] {
  const paths = new Map(Object.keys(files).map((file) => [file, join(root, file)]));
  const config = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path)).config as {
    compilerOptions: object;
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram([...paths.values()], options);
  const checker = program.getTypeChecker();
  return [...paths].flatMap(([file, path]) => {
    const source = program.getSourceFile(path);
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`${file} is no module`);
    return Object.entries(files[file] ?? {}).flatMap(([name, properties]) => {
      const symbol = checker.getExportsOfModule(module).find((exported) => exported.name === name);
      if (!symbol) throw new Error(`${file} exports no ${name}`);
      const found = checker.getDeclaredTypeOfSymbol(symbol).getProperties();
      const text = (property: string) =>
        ts.displayPartsToString(found.find((one) => one.name === property)?.getDocumentationComment(checker));
      return properties.filter((property) => text(property) === "").map((property) => `${name}.${property}`);
    });
  });
}

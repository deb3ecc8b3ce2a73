/** A text with its `${…}` filled in. */
import type { Expression, Part } from "./expression";
import { textOf } from "./evaluate";
import { parseLoosely, parseTemplate } from "./parse";
import { type Scope, engineRoots } from "./scope";

/** Whether a text is another one when it is filled in. */
export const isTemplate = (text: string): boolean => text.includes("${") || text.includes("%{");

/**
 * Fills a text in.
 * @throws TemplateError what is written cannot be evaluated
 * @throws KnownLater it hangs on what is known later
 */
export const filled = (text: string, scope: Scope): string =>
  isTemplate(text) ? textOf(parseTemplate(text), scope) : text;

/** The one name that an expression is, as a shell may write it: `${FOO}`, `${!FOO}`. */
const shellName = (expression: Expression): string | undefined => {
  if (expression.kind === "name") return expression.name;
  return expression.kind === "unary" ? shellName(expression.of) : undefined;
};

/** A name may be the shell's, unless it is written as ours are. */
const isShells = ({ expression }: Exclude<Part, string>, { env }: Scope): boolean => {
  const name = shellName(expression);
  if (name === undefined || name.startsWith("NOMAD_")) return false;
  return ![...env.all, ...engineRoots, "env"].includes(name);
};

/** As {@link filled}; but what is the shell's, or no expression at all, stays as it is. */
export const filledForShell = (text: string, scope: Scope): string =>
  text.includes("${")
    ? textOf(
        parseLoosely(text).map((part) => (typeof part === "object" && isShells(part, scope) ? part.source : part)),
        scope,
      )
    : text;

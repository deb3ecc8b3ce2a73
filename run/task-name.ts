/** How a task is called, and which one a word means. Pure. */
import { nearest } from "../provider/options/did-you-mean";

/** Part of a container's key: what it belongs to, and how it is called there. */
export interface TaskName {
  readonly project: string;
  readonly stack: string;
  readonly app: string;
  /** `web/server/echo[0]`; the container whose network an allocation's tasks share has the allocation's: `web/server[0]`. */
  readonly name: string;
  readonly kind: "task" | "infra";
}

const allocation = /^(.+)\[(\d+)\]$/;

/** What a key says, `project/stack/app/web/server[0]/echo`; undefined when it is none of a container of ours. */
export function taskNameOf(key: string): TaskName | undefined {
  const [project, stack, app, ...path] = key.split("/");
  const last = path.at(-1);
  if (project === undefined || stack === undefined || app === undefined || last === undefined) return undefined;
  const whose = { project, stack, app };
  if (allocation.test(last)) return { ...whose, name: path.join("/"), kind: "infra" };
  const [, group, index] = allocation.exec(path.at(-2) ?? "") ?? [];
  if (group === undefined || index === undefined) return undefined;
  return { ...whose, name: [...path.slice(0, -2), group, `${last}[${index}]`].join("/"), kind: "task" };
}

/** The name in the ways in which it may be written, each with all that may stand before it. */
function forms({ project, stack, app, name, kind }: TaskName): readonly string[] {
  const [, before = "", task = "", index = ""] = /^(?:(.*)\/)?([^/]+)\[(\d+)\]$/.exec(name) ?? [];
  const whole = `${project}/${stack}/${app}`;
  const written = kind === "infra" ? [name] : [name, `${before}/${task}`, `${before}[${index}]/${task}`];
  return written.map((one) => `${whole}/${one}`);
}

const endsWith = (form: string, word: string) => form === word || form.endsWith(`/${word}`);

/** Whether a word is a name's end, from a slash on. */
const isCalled = (name: TaskName, word: string): boolean => forms(name).some((form) => endsWith(form, word));

/** The names that a word means: those that it is as a whole, or else those whose end it is. */
export function namesCalled<T extends TaskName>(word: string, names: readonly T[]): readonly T[] {
  const whole = names.filter((one) =>
    forms(one).some((form) => form === word || form === `${one.project}/${one.stack}/${one.app}/${word}`),
  );
  return whole.length > 0 ? whole : names.filter((one) => isCalled(one, word));
}

/** `project/stack/app/web/server/echo[0]` */
export const wholeName = ({ project, stack, app, name }: TaskName): string => [project, stack, app, name].join("/");

/** All ends of a name, the shortest first. */
const endsOf = (name: TaskName): readonly string[] =>
  forms(name)
    .flatMap((form) => {
      const parts = form.split("/");
      return parts.map((_, index) => parts.slice(index).join("/"));
    })
    .sort((a, b) => a.length - b.length);

/** The shortest ends that mean one name only, of those that begin so; one for each name that has any. */
export function shortNames(names: readonly TaskName[], beginning = ""): readonly string[] {
  return names.flatMap((name) => {
    const short = endsOf(name).find((end) => end.startsWith(beginning) && namesCalled(end, names).length === 1);
    return short === undefined ? [] : [short];
  });
}

/** `name`, where no other stack has one of that name; otherwise with its stack before it. */
export const shownName = (name: TaskName, all: readonly TaskName[]): string =>
  all.some((other) => other.name === name.name && wholeName(other) !== wholeName(name)) ? wholeName(name) : name.name;

/** The name that is most like a word that means none. */
export function nearestName(word: string, names: readonly TaskName[]): string | undefined {
  // As long as the word is: "ehco" is like the end of "web/server/echo[0]", not like all of it.
  const ends = names.flatMap((name) => endsOf(name).map((end) => ({ end, name })));
  const best = nearest(
    word,
    ends.map(({ end }) => end),
  );
  const found = ends.find(({ end }) => end === best);
  return found && shownName(found.name, names);
}

/** Names of a program, made from names of anybody's. */

const words = (text: string): readonly string[] => text.split(/[^\p{ID_Continue}]+|_+/u).filter(Boolean);

/** `[my-web, group]` as `myWebGroup`. What cannot begin a name has the last part before it. */
export function camelCase(parts: readonly string[]): string {
  const all = parts.flatMap(words);
  const [first = ""] = all;
  const ordered = /^\p{ID_Start}/u.test(first) ? all : [...words(parts.at(-1) ?? ""), ...all.slice(0, -1)];
  return ordered
    .map((word, index) => (index === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1))
    .join("");
}

/** Gives each name once. */
export class Identifiers {
  private readonly taken: Set<string>;

  constructor(taken: readonly string[] = []) {
    this.taken = new Set(taken);
  }

  /** The parts end with a word of ours, so that no name is one of the language's own. */
  of(parts: readonly string[]): string {
    const wanted = camelCase(parts);
    let name = wanted;
    for (let number = 2; this.taken.has(name); number++) name = `${wanted}${number}`;
    this.taken.add(name);
    return name;
  }
}

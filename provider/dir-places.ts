/**
 * Where the directories of an allocation are mounted. Each is a volume of its own (docs/adr/0006); so that `/local/x` and
 * `/data` are one directory where `local/x` is mounted at `/data`, its volume is mounted at both. Pure.
 */

/** One directory, mounted at one place. */
export interface Place {
  /** The directory's path below the allocation's: `alloc/data`, `web/local/x`. */
  readonly dir: string;
  /** Where in the container. */
  readonly target: string;
  readonly readonly?: boolean;
  /** The SELinux label. */
  readonly label?: string;
}

const isBeneath = (path: string, above: string): boolean => path.startsWith(`${above}/`);

/** `a/b/c` gives `a` and `a/b`. */
const above = (path: string): readonly string[] =>
  path
    .split("/")
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join("/"));

/**
 * All places, in the order of the paths of their targets.
 * @param asked what the task asks for, the directories that every task has included
 * @param shared directories that other tasks of the allocation ask for
 * @param others where something else is mounted, which hides what is below
 */
export function placesOf(
  asked: readonly Place[],
  shared: readonly string[],
  others: readonly string[],
): readonly Place[] {
  const named = [...new Set([...asked.map(({ dir }) => dir), ...shared])];
  // A mount point cannot be moved away, or be replaced by a symlink, by those who have it mounted; a directory that only
  // leads to one could. So what leads to one is a volume as well.
  const between = named.flatMap((dir) =>
    above(dir).filter((middle) => asked.some((place) => isBeneath(middle, place.dir))),
  );
  const dirs = [...new Set([...named, ...between])];
  const targets = [...others, ...asked.map(({ target }) => target)];
  const nested = asked.flatMap((place) =>
    dirs
      .filter((dir) => isBeneath(dir, place.dir))
      .map((dir) => ({ ...place, dir, target: place.target + dir.slice(place.dir.length) }))
      // What the task itself mounts below this place is seen there, and what is below that.
      .filter(
        ({ target }) =>
          !targets.some((other) => isBeneath(other, place.target) && (target === other || isBeneath(target, other))),
      ),
  );
  return [...asked, ...nested].sort((a, b) => (a.target < b.target ? -1 : 1));
}

/** What is looked at after a change. */
import { keyLabel } from "../../../provider/ownership";
import { allocLabel } from "../../../provider/request";
import { containersOf, engine } from "../engine";
import type { Announced } from "../stack";
import { type Program, groupOf, wantedContainers } from "./program";

/** A container as it is on the engine. */
export interface Found {
  readonly id: string;
  readonly state: string;
  readonly startedAt: string;
}

/** The containers of a project by their paths. Two of one path are an error. */
export async function containersByPath(project: string): Promise<ReadonlyMap<string, Found>> {
  const found = new Map<string, Found>();
  for (const { Id, State, Labels } of await containersOf(project)) {
    const path = (Labels[keyLabel] ?? "").replace(`${project}/test/app/`, "");
    if (found.has(path)) throw new Error(`${path} has two containers: ${found.get(path)?.id ?? ""} and ${Id}`);
    found.set(path, { id: Id, state: State, startedAt: (await engine.inspectContainer(Id)).State.StartedAt });
  }
  return found;
}

type Op = Pick<Announced, "type" | "name" | "op">;

const done = /dynamic\/longshore:(Image|Allocation|Task) (.+?) (create|update|replace|delete)d \(/;

/** What a run says that it has done. */
export const doneIn = (out: string): readonly Op[] =>
  out.split("\n").flatMap((text) => {
    const [, type, name, op] = done.exec(text) ?? [];
    return type === undefined ? [] : [{ type, name, op } as Op];
  });

/** Operations as sorted texts: `replace Task job/web[0]/server`. */
export const asTexts = (ops: readonly Op[]): readonly string[] =>
  ops.map(({ type, name, op }) => `${op} ${type} ${name}`).sort();

type Containers = ReadonlyMap<string, Found>;

/** What has become of each container, in the words of a preview. */
function becameOf(before: Containers, after: Containers): ReadonlyMap<string, Announced["op"] | "stayed"> {
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  return new Map(
    paths.map((path) => {
      const [old, now] = [before.get(path), after.get(path)];
      if (!old) return [path, "create"];
      if (!now) return [path, "delete"];
      return [path, old.id === now.id ? "stayed" : "replace"];
    }),
  );
}

/**
 * The containers that something else became of than was announced.
 * @param removed by hand, so that what replaces it is the only one there
 */
export function lies(
  announced: readonly Op[],
  before: Containers,
  after: Containers,
  removed?: string,
): readonly string[] {
  return [...becameOf(before, after)].flatMap(([path, became]) => {
    const ops = announced.filter(({ type, name }) => type !== "Image" && name === path).map(({ op }) => op);
    const meant = ops.length > 0 ? ops.join(" and ") : "nothing";
    const told = path === removed && meant === "replace" ? "create" : meant;
    // An allocation that is replaced may have an infra container before or after only.
    const isOfNetwork = announced.some(({ type, name }) => type === "Allocation" && name === path);
    const isTrue =
      became === "stayed"
        ? ["nothing", "update"].includes(told)
        : told === became || (isOfNetwork && told === "replace");
    return isTrue ? [] : [`${path}: announced ${meant}, and it was ${became}`];
  });
}

/** What the engine holds that it should not, and lacks that it should have; the allocations' directories with it. */
export async function strayOn(project: string, program: Program, containers: Containers): Promise<readonly string[]> {
  const wanted = wantedContainers(program);
  const alive = new Set((await containersOf(project)).map(({ Labels }) => Labels[allocLabel]));
  const volumes = (await engine.listVolumes([allocLabel])).filter(({ Labels }) =>
    Labels?.[keyLabel]?.startsWith(`${project}/`),
  );
  return [
    ...wanted.filter((path) => !containers.has(path)).map((path) => `${path} has no container`),
    ...[...containers.keys()].filter((path) => !wanted.includes(path)).map((path) => `${path} is not wanted`),
    ...[...containers].filter(([, { state }]) => state !== "running").map(([path, { state }]) => `${path} is ${state}`),
    ...volumes
      .filter(({ Labels }) => !alive.has(Labels?.[allocLabel]))
      .map(({ Name }) => `volume ${Name} is of no allocation that is there`),
  ];
}

/** The groups that two programs have in common, to the letter: what is done to the others is nothing to them. */
export const untouchedGroups = (before: Program, after: Program): readonly string[] =>
  JSON.stringify(before.job) !== JSON.stringify(after.job)
    ? []
    : Object.keys(after.groups).filter(
        (name) => JSON.stringify(before.groups[name]) === JSON.stringify(after.groups[name]),
      );

/** The containers of some groups that are not the ones that they were, or were started again. */
export const disturbed = (groups: readonly string[], before: Containers, after: Containers): readonly string[] =>
  [...before].flatMap(([path, old]) => {
    const now = after.get(path);
    const isSame = now?.id === old.id && now.startedAt === old.startedAt;
    return groups.includes(groupOf(path)) && !isSame ? [`${path} is not the container that it was`] : [];
  });

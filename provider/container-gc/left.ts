/** What bears a stack's name on an engine and is not in its state: containers, and what belongs to one that is gone. Pure. */
import type { ContainerRow, VolumeInfo } from "../engine/types";
import { infraName } from "../infra";
import { originLabel } from "../origin";
import { type OwnerMark, keyLabel, keyOf, markOf, originOfContainer, tokenOfContainer } from "../ownership";
import { stackOf } from "../port-holders";
import type { Reservation } from "../port-reservations";
import { isOver } from "../port-reservations";
import { allocLabel, mountedDirs } from "../request";
import type { StateView } from "./state-view";

/** An engine as it was seen: volumes first, so that the container of each is seen too. */
export interface Seen {
  /** Directories of allocations. */
  readonly dirs: readonly VolumeInfo[];
  readonly reservations: readonly Reservation[];
  readonly marks: readonly OwnerMark[];
  /** All, in whatever state, of whatever owner. */
  readonly containers: readonly ContainerRow[];
  /** The engine's clock. */
  readonly now: Date;
}

interface Common {
  /** The container's, or the volume's. */
  readonly name: string;
  readonly key: string;
  /** Of the run that made it, or took it over. */
  readonly origin: string | undefined;
  /** By the engine's clock; an invalid date where the engine does not tell. */
  readonly made: Date;
}

export interface LeftContainer extends Common {
  readonly kind: "container";
  readonly row: ContainerRow;
  readonly token: string | undefined;
  /** Why its resource left it, on purpose. */
  readonly onPurpose: string | undefined;
  /** It holds the network of an allocation. */
  readonly isInfra: boolean;
  /** Nothing but its form says that it may be a task's. */
  readonly isByForm: boolean;
}

export interface LeftVolume extends Common {
  readonly kind: "directory" | "port" | "owner";
  /** Nobody can be about to use it any more. */
  readonly isOver: boolean;
}

export type Left = LeftContainer | LeftVolume;

const nameOf = ({ Names: [name = ""], Id }: ContainerRow): string => name.replace(/^\//, "") || Id.slice(0, 12);

function leftContainers({ containers, marks }: Seen, state: StateView): readonly LeftContainer[] {
  return containers.flatMap((row): LeftContainer[] => {
    const made = keyOf(row);
    // Without our label it is somebody else's, whoever has taken it over meanwhile.
    if (made === undefined || state.containers.has(row.Id)) return [];
    // Who took it over last has it.
    const mark = markOf(marks, row.Id);
    const key = mark?.key ?? made;
    if (stackOf(key) !== state.stack) return [];
    const name = nameOf(row);
    return [
      {
        ...{ kind: "container", name, key, row, made: new Date(row.Created * 1000) },
        origin: mark ? mark.origin : originOfContainer(row),
        token: mark ? mark.token : tokenOfContainer(row),
        onPurpose: mark?.left,
        isInfra: name === infraName(row.Labels[allocLabel] ?? ""),
        isByForm: false,
      },
    ];
  });
}

const namedAsTask = /-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/**
 * The second rule of Nomad's driver: containers that run, with a name and with mounts as its tasks have. What bears any label at all
 * has an owner who says so, and what was taken over has one too.
 */
export const leftByForm = ({ containers, marks }: Seen, state: StateView): readonly LeftContainer[] =>
  containers.flatMap((row): LeftContainer[] => {
    const name = nameOf(row);
    const mounts = new Set((row.Mounts ?? []).map(({ Destination }) => Destination));
    const hasForm = namedAsTask.test(name) && mountedDirs.every((dir) => mounts.has(`/${dir}`));
    const isOwned = Object.keys(row.Labels).length > 0 || state.containers.has(row.Id) || markOf(marks, row.Id);
    if (!hasForm || isOwned || row.State !== "running") return [];
    const made = new Date(row.Created * 1000);
    const nobody = { key: "", origin: undefined, token: undefined, onPurpose: undefined, isInfra: false };
    return [{ kind: "container", name, row, made, ...nobody, isByForm: true }];
  });

function leftVolumes({ dirs, reservations, marks, containers, now }: Seen, state: StateView): readonly LeftVolume[] {
  const shown = new Set(containers.map(({ Labels }) => Labels[allocLabel]));
  const mounted = new Set(containers.flatMap(({ Mounts = [] }) => Mounts.map(({ Name }) => Name)));
  const there = new Set(containers.map(({ Id }) => Id.slice(0, 12)));
  const isLost = (alloc: string | undefined) =>
    alloc !== undefined && alloc !== "" && !state.allocations.has(alloc) && !shown.has(alloc);
  return [
    ...dirs.flatMap(({ Name, Labels, CreatedAt = "" }): LeftVolume[] => {
      const { [keyLabel]: key, [allocLabel]: alloc, [originLabel]: origin } = Labels ?? {};
      if (key === undefined || !isLost(alloc) || mounted.has(Name)) return [];
      return [{ kind: "directory", name: Name, key, origin, made: new Date(CreatedAt), isOver: false }];
    }),
    ...reservations.flatMap((one): LeftVolume[] => {
      const { name, key, origin, made, alloc } = one;
      return isLost(alloc) ? [{ kind: "port", name, key, origin, made, isOver: isOver(one, now, shown) }] : [];
    }),
    ...marks.flatMap(({ name, key, origin, made, container }): LeftVolume[] =>
      // Ids are used once.
      key !== undefined && !there.has(container) ? [{ kind: "owner", name, key, origin, made, isOver: true }] : [],
    ),
  ].filter(({ key }) => stackOf(key) === state.stack);
}

/** Tasks before the containers that hold their networks, and volumes last. */
export function leftOn(seen: Seen, state: StateView): readonly Left[] {
  const containers = leftContainers(seen, state);
  const byName = (one: Left, other: Left) => one.name.localeCompare(other.name);
  return [
    ...containers.filter(({ isInfra }) => !isInfra).toSorted(byName),
    ...containers.filter(({ isInfra }) => isInfra).toSorted(byName),
    ...leftVolumes(seen, state).toSorted(byName),
  ];
}

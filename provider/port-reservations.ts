/**
 * Ports that are given away on an engine, while no container shows them. A reservation is a volume that holds nothing, named
 * after the port: the engine makes one of each name, whoever else asks at that moment and from wherever. See docs/adr/0015.
 */
import type { Engine } from "./engine/engine";
import type { VolumeInfo } from "./engine/types";
import { originLabel, ownOrigin } from "./origin";
import { plainAddress } from "./port-address";

const portLabel = "longshore.port";
const addressLabel = "longshore.port_address";
const allocLabel = "longshore.port_alloc_id";
const keyLabel = "longshore.port_key";
const holdLabel = "longshore.port_hold_ms";

/** Who reserves. */
export interface Owner {
  /** The allocation's id, which no other has: what bears it is ours. */
  readonly alloc: string;
  /** Of the resource that has the ports. */
  readonly key: string;
  /** For how long the reservation counts while no container of the allocation is there. */
  readonly holdMs: number;
}

/** What is reserved: a port on all addresses, or, where it was asked for by number, on one. */
export interface Wanted {
  readonly port: number;
  readonly address?: string | undefined;
}

export interface Reservation extends Owner, Wanted {
  readonly name: string;
  readonly origin?: string | undefined;
  /** By the engine's clock; an invalid date where the engine does not tell. */
  readonly made: Date;
}

const nameOf = ({ port, address }: Wanted): string =>
  `longshore-port-${port}${address === undefined ? "" : `-${plainAddress(address).replaceAll(":", "_")}`}`;

const labelsOf = ({ port, address }: Wanted, { alloc, key, holdMs }: Owner): Readonly<Record<string, string>> => ({
  [portLabel]: String(port),
  ...(address !== undefined && { [addressLabel]: address }),
  [allocLabel]: alloc,
  [keyLabel]: key,
  [holdLabel]: String(holdMs),
  [originLabel]: ownOrigin(),
});

export function reservationOf({ Name: name, Labels, CreatedAt = "" }: VolumeInfo): Reservation | undefined {
  const port = Number(Labels?.[portLabel]);
  if (!Number.isInteger(port) || port < 1) return undefined;
  const origin = Labels?.[originLabel];
  const { [addressLabel]: address, [allocLabel]: alloc = "", [keyLabel]: key = "", [holdLabel]: hold } = Labels ?? {};
  const holdMs = hold === undefined || hold === "" ? NaN : Number(hold);
  return {
    name,
    port,
    origin,
    ...(address !== undefined && { address }),
    alloc,
    key,
    holdMs,
    made: new Date(CreatedAt),
  };
}

/** Whether nobody can be about to use it any more. What does not say when it ends does not end. */
export const isOver = (
  { alloc, made, holdMs }: Reservation,
  now: Date,
  shown: ReadonlySet<string | undefined>,
): boolean => !shown.has(alloc) && now.getTime() - made.getTime() > holdMs;

export async function reservationsOn(engine: Engine): Promise<readonly Reservation[]> {
  return (await engine.listVolumes([portLabel])).flatMap((volume) => reservationOf(volume) ?? []);
}

/** Undefined when another has it. */
export async function reserve(engine: Engine, wanted: Wanted, owner: Owner): Promise<Reservation | undefined> {
  const name = nameOf(wanted);
  await engine.createVolume(name, labelsOf(wanted, owner));
  // Made or found: whose it is says what it bears.
  const volume = await engine.tryInspectVolume(name);
  const found = volume && reservationOf(volume);
  return found?.alloc === owner.alloc ? found : undefined;
}

/** Gives a port back, if it is still reserved for that allocation. */
export async function release(engine: Engine, { name, alloc }: Pick<Reservation, "name" | "alloc">): Promise<void> {
  const volume = await engine.tryInspectVolume(name);
  if (volume && reservationOf(volume)?.alloc === alloc) await engine.removeVolume(name);
}

export const releaseAll = (engine: Engine, reservations: readonly Reservation[]): Promise<unknown> =>
  Promise.all(reservations.map((one) => release(engine, one)));

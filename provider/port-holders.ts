/** Who has which ports of an engine's host, as far as the engine tells. Pure. */
import { isUp } from "./engine/is-up";
import type { ContainerRow } from "./engine/types";
import type { AllocatedPort } from "./facts";
import { keyOf, portsOf } from "./ownership";
import { overlaps, publishedOn } from "./port-address";
import type { Reservation } from "./port-reservations";
import { allocLabel } from "./request";

/** An engine's reservations and, seen after these, its containers in whatever state. */
export interface PortView {
  readonly reservations: readonly Reservation[];
  readonly containers: readonly ContainerRow[];
}

/** What somebody has: an empty address means all of them. */
interface Use {
  readonly port: number;
  readonly address: string;
}

export type Holder =
  | { readonly kind: "container"; readonly row: ContainerRow }
  | { readonly kind: "reservation"; readonly reservation: Reservation }
  /** Of this machine, where the engine is on it. */
  | { readonly kind: "process"; readonly pid?: number; readonly name?: string };

function portsOfTask(row: ContainerRow): readonly AllocatedPort[] {
  try {
    return Object.values(portsOf(row));
  } catch {
    return []; // somebody else's label
  }
}

/** What the engine publishes from a container, and what a task of ours was given, published or not. */
const usesOf = (row: ContainerRow): readonly Use[] => [
  ...(row.Ports ?? []).flatMap(({ PublicPort, IP = "" }) => (PublicPort ? [{ port: PublicPort, address: IP }] : [])),
  ...portsOfTask(row).flatMap(({ value, hostIp }) => publishedOn(hostIp).map((address) => ({ port: value, address }))),
];

/** Ports that no other allocation is to be given: a container that does not run may run again. */
export function portsInUse({ reservations, containers }: PortView, ownAlloc?: string): ReadonlySet<number> {
  return new Set([
    ...reservations.filter(({ alloc }) => alloc !== ownAlloc).map(({ port }) => port),
    ...containers.flatMap((row) => usesOf(row).map(({ port }) => port)),
  ]);
}

/** Who has a port on an address; an allocation does not stand in its own way. */
export function holderIn(
  { reservations, containers }: PortView,
  wanted: { readonly port: number; readonly address: string },
  ownAlloc?: string,
): Holder | undefined {
  const has = ({ port, address = "" }: { readonly port: number; readonly address?: string | undefined }) =>
    port === wanted.port && publishedOn(wanted.address).some((one) => overlaps(address, one));
  const row = containers.find(
    (one) => isUp(one) && (ownAlloc === undefined || one.Labels[allocLabel] !== ownAlloc) && usesOf(one).some(has),
  );
  if (row) return { kind: "container", row };
  const reservation = reservations.find(
    ({ alloc, port, address = "" }) =>
      alloc !== ownAlloc && publishedOn(address).some((one) => has({ port, address: one })),
  );
  return reservation && { kind: "reservation", reservation };
}

/** `project/stack` */
export const stackOf = (key: string): string => key.split("/").slice(0, 2).join("/");

/** The key of what has a port, where longshore made it. */
export const keyOfHolder = (holder: Holder): string | undefined => {
  if (holder.kind === "container") return keyOf(holder.row);
  return holder.kind === "reservation" ? holder.reservation.key : undefined;
};

/** `web/server[0]/echo of the stack shop/dev` */
const whose = (key: string): string => `${key.split("/").slice(3).join("/") || key} of the stack ${stackOf(key)}`;

const containerText = ({ Names: [name = ""], Id }: ContainerRow) => name.replace(/^\//, "") || Id.slice(0, 12);

const textOf = (holder: Holder): string => {
  if (holder.kind === "container") {
    const key = keyOf(holder.row);
    const container = `the container ${containerText(holder.row)}`;
    return key === undefined ? `${container} has` : `${whose(key)} has (${container})`;
  }
  if (holder.kind === "reservation") return `a run that goes on has reserved for ${whose(holder.reservation.key)}`;
  const { pid, name = "a process" } = holder;
  return `${pid === undefined ? name : `the process ${name} (${pid})`} on the engine's host has`;
};

const wayOutOf = (holder: Holder, ownKey: string): string => {
  if (holder.kind === "reservation")
    return `choose another port; if that run is no more: docker volume rm ${holder.reservation.name}`;
  if (isOfStack(holder, [ownKey])) return "give the port up there in a run of its own first, or choose another port";
  return "choose another port, or end what has it";
};

/** Why a port cannot be had, and what to do. */
export const takenText = (
  subject: string,
  { port, address }: { readonly port: number; readonly address: string },
  holder: Holder,
  ownKey: string,
): string => `${subject} is ${port} on ${address}, which ${textOf(holder)}; ${wayOutOf(holder, ownKey)}`;

/** How a port that was asked for by its number is called. */
export const staticName = (label: string): string => `network.ports.${label}.static`;

/** What this run may end, or replace, before the port is needed. */
export const isOfStack = (holder: Holder, keys: readonly string[]): boolean => {
  const key = keyOfHolder(holder);
  return key !== undefined && keys.map(stackOf).includes(stackOf(key));
};

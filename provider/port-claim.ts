/**
 * Gives an allocation its ports, so that nobody else is given them: reserves each on the engine, and then looks who has it.
 * Whoever reserved the same port before has released it only when his container showed it. See docs/adr/0015.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "./engine/engine";
import type { AllocatedPort } from "./facts";
import type { NetworkSpec } from "./options/job";
import { type Holder, type PortView, holderIn, portsInUse, staticName, takenText } from "./port-holders";
import { type Owner, type Reservation, isOver, release, releaseAll, reserve } from "./port-reservations";
import { allocLabel } from "./request";

export type Ports = Readonly<Record<string, AllocatedPort>>;

/** Dynamic ports come from here, as Nomad's do. */
export const range = { first: 20_000, last: 32_000 };

export interface ClaimContext {
  /** How the one who claims is called in an error. */
  readonly what: string;
  readonly engine: Engine;
  /** What is on the engine at a moment after the call. */
  readonly view: () => Promise<PortView>;
  /** What was on it earlier, to choose ports by. */
  readonly earlier: () => Promise<PortView>;
  /** The engine's clock. */
  readonly now: () => Promise<Date>;
  /** The address to publish on when a port names none. */
  readonly hostAddress: string;
  /** Ports that are somebody's, as far as is known from elsewhere. */
  readonly avoid: ReadonlySet<number>;
  /** Whether its static ports are to be its own. */
  readonly reservesStatic: boolean;
  /** Whether somebody who has a static port gives it up before it is needed. */
  readonly givesWay?: (holder: Holder) => boolean;
  /** Whether no process of the engine's host has a port; only where that can be seen. */
  readonly isFree?: (port: number, address: string) => Promise<boolean>;
  /** Who has a static port though neither a container nor a reservation shows it. */
  readonly otherHolder?: (
    wanted: { readonly port: number; readonly address: string },
    view: PortView,
  ) => Promise<Holder | undefined>;
}

/** Ports of an allocation, and their reservations. */
export interface Claim {
  readonly ports: Ports;
  release(): Promise<unknown>;
}

/** Allocation ids that containers bear. */
export const shownIn = ({ containers }: PortView): ReadonlySet<string | undefined> =>
  new Set(containers.map(({ Labels }) => Labels[allocLabel]));

/** Ends what nobody waits for any more: its run was killed. */
async function withoutOver(context: ClaimContext, view: PortView): Promise<PortView> {
  const shown = shownIn(view);
  const idle = view.reservations.filter(({ alloc }) => !shown.has(alloc));
  if (idle.length === 0) return view;
  const now = await context.now();
  const over = idle.filter((one) => isOver(one, now, shown));
  await releaseAll(context.engine, over);
  return { ...view, reservations: view.reservations.filter((one) => !over.includes(one)) };
}

/** Ports to try, each another. */
export function chosen(count: number, isTaken: (port: number) => boolean): readonly number[] {
  const size = range.last - range.first + 1;
  const free = Array.from({ length: size }, (_, index) => range.first + index).filter((port) => !isTaken(port));
  if (free.length < count)
    throw new Error(
      `no port from ${range.first} to ${range.last} is free on the engine's host; give the ports static numbers`,
    );
  return Array.from({ length: count }, () => free.splice(Math.floor(Math.random() * free.length), 1)).flat();
}

/** Free ports, one for each address, and their reservations. */
async function claimDynamic(
  context: ClaimContext,
  addresses: readonly string[],
  owner: Owner,
  held: Reservation[],
): Promise<readonly number[]> {
  const { engine, isFree = () => Promise.resolve(true) } = context;
  const refused = new Set(context.avoid);
  let used = portsInUse(await context.earlier());
  const found = new Map<number, number>();
  for (;;) {
    const open = [...addresses.keys()].filter((index) => !found.has(index));
    if (open.length === 0) return addresses.map((_, index) => found.get(index) ?? 0);
    const ports = chosen(open.length, (port) => used.has(port) || refused.has(port));
    const reserved = await Promise.all(ports.map((port) => reserve(engine, { port }, owner)));
    held.push(...reserved.filter((one) => one !== undefined));
    const view = await withoutOver(context, await context.view());
    used = portsInUse(view, owner.alloc);
    const own = new Set(view.reservations.filter(({ alloc }) => alloc === owner.alloc).map(({ port }) => port));
    for (const [at, index] of open.entries()) {
      const port = ports[at] ?? 0;
      refused.add(port);
      if (!own.has(port) || used.has(port) || !(await isFree(port, addresses[index] ?? ""))) {
        if (reserved[at]) await release(engine, reserved[at]);
        continue;
      }
      found.set(index, port);
    }
  }
}

/** How long somebody who reserved the same port at the same time may take to choose another one. */
const patienceMs = 3_000;

/** Reserves a static port. Throws, in words for its user, when somebody has it. */
async function claimStatic(
  context: ClaimContext,
  { label, port, address }: { readonly label: string; readonly port: number; readonly address: string },
  owner: Owner,
  held: Reservation[],
): Promise<void> {
  const wanted = { port, address };
  const end = Date.now() + patienceMs;
  for (;;) {
    const reserved = await reserve(context.engine, wanted, owner);
    if (reserved) held.push(reserved);
    const view = await withoutOver(context, await context.view());
    // A stack runs once at a time: what this resource reserved before is for its new life, or was left by a run that was killed.
    const left = view.reservations.filter(
      (one) => one.key === owner.key && one.alloc !== owner.alloc && one.port === port,
    );
    await releaseAll(context.engine, left);
    if (!reserved && left.length > 0) continue;
    const others = { ...view, reservations: view.reservations.filter((one) => !left.includes(one)) };
    const holder = holderIn(others, wanted, owner.alloc) ?? (await context.otherHolder?.(wanted, others));
    if (reserved && (!holder || context.givesWay?.(holder))) return;
    if (reserved) await release(context.engine, reserved);
    if (holder && (holder.kind !== "reservation" || Date.now() > end))
      throw new Error(`${context.what} was not started: ${takenText(staticName(label), wanted, holder, owner.key)}`);
    await sleep(50 + Math.random() * 100);
  }
}

/** Reserves the ports of a network. When that fails nothing stays reserved. */
export async function claimPorts(
  network: NetworkSpec | undefined,
  context: ClaimContext,
  owner: Owner,
): Promise<Claim> {
  const wanted = Object.entries(network?.ports ?? {}).map(([label, { static: port, to, hostIp }]) => ({
    ...{ label, port, to, address: hostIp ?? context.hostAddress },
  }));
  const held: Reservation[] = [];
  const release = () => releaseAll(context.engine, held);
  try {
    for (const { label, port, address } of wanted)
      if (port !== undefined && context.reservesStatic)
        await claimStatic(context, { label, port, address }, owner, held);
    const dynamic = wanted.filter(({ port }) => port === undefined);
    const found =
      dynamic.length === 0
        ? []
        : await claimDynamic(
            context,
            dynamic.map(({ address }) => address),
            owner,
            held,
          );
    const values = new Map(dynamic.map(({ label }, index) => [label, found[index] ?? 0]));
    const ports = wanted.map(({ label, port, to, address: hostIp }): [string, AllocatedPort] => {
      const value = port ?? values.get(label) ?? 0;
      return [label, { hostIp, value, to: to || value }];
    });
    return { ports: Object.fromEntries(ports), release };
  } catch (error) {
    await release().catch(() => undefined);
    throw error;
  }
}

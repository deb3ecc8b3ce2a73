/** Ports for a new allocation on an engine: which it is given, and until when they are reserved. */
import type { Connection } from "../connection";
import { cleaningUp } from "../engine/time-limit";
import { isPortTaken } from "../errors";
import type { NetworkSpec } from "../options/job";
import { pluginSpec } from "../plugin-spec";
import { type Claim, type ClaimContext, type Ports, claimPorts, shownIn } from "../port-claim";
import { type Holder, type PortView, holderIn, isOfStack, staticName, takenText } from "../port-holders";
import { probePorts } from "../port-probe";
import { isFreeHere, processOn } from "../port-processes";
import { type Owner, releaseAll } from "../port-reservations";
import { staticPorts } from "../ports";

/** What has ports. */
export interface PortUser {
  /** How it is called in an error. */
  readonly what: string;
  readonly key: string;
  readonly network?: NetworkSpec | undefined;
  readonly plugin: Readonly<Record<string, unknown>>;
  /** False where nothing is published and nothing listens: then a static port may be another's, and is meant to be. */
  readonly reservesStatic?: boolean;
  /** Whether somebody who has a static port gives it up before it is needed. */
  readonly givesWay?: (holder: Holder) => boolean;
}

const hourMs = 3_600_000;
/** A container is made right after its ports were reserved; an engine with a thousand others to start takes its time. */
const ofTaskMs = hourMs;
/** The containers of an allocation may wait for whatever else their program makes before. */
const ofAllocationMs = 24 * hourMs;

/** How often other ports are tried when somebody was faster. */
const portTries = 5;

const foreseen = new WeakMap<Connection, Set<number>>();

/** Static ports that the program asks for: none of its dynamic ports is one of them. */
export function foresee(connection: Connection, network: NetworkSpec | undefined): void {
  const ports = foreseen.get(connection) ?? new Set();
  foreseen.set(connection, ports);
  for (const { port } of staticPorts(network, "")) ports.add(port);
}

/** A process of this machine that has a port, or the container that it runs in. */
export async function otherHolder(
  { port, address }: { readonly port: number; readonly address: string },
  { containers }: PortView,
): Promise<Holder | undefined> {
  const found = await processOn(port, address);
  if (!found) return undefined;
  const { container, ...process } = found;
  const row = containers.find(({ Id }) => Id === container);
  return row ? { kind: "container", row } : { kind: "process", ...process };
}

/** Ports that a start was refused for, each for the rest of the tries. */
type Refused = Set<number>;

async function claim(
  connection: Connection,
  { what, key, network, plugin, reservesStatic = true, givesWay }: PortUser,
  reserved: Omit<Owner, "key">,
  refused: Refused,
): Promise<Claim> {
  const context: ClaimContext = {
    what,
    engine: connection.engine,
    view: () => connection.portView(),
    earlier: () => connection.earlierPortView(),
    now: () => connection.now(),
    hostAddress: pluginSpec(plugin).hostAddress,
    avoid: new Set([...(foreseen.get(connection) ?? []), ...refused]),
    reservesStatic,
    ...(givesWay && { givesWay }),
    ...((await connection.isHere()) && { isFree: isFreeHere, otherHolder }),
  };
  return claimPorts(network, context, { key, ...reserved });
}

/** The labels of the ports that an engine's refusal names. */
const labelsIn = ({ message }: Error, ports: Ports): readonly string[] =>
  Object.keys(ports).filter((label) => new RegExp(`:${ports[label]?.value}(?!\\d)`).test(message));

/** A refusal of the engine, in words for its user: who has which port. */
async function inWords(connection: Connection, user: PortUser, ports: Ports, refusal: Error): Promise<string> {
  const { network, key } = user;
  const [label] = labelsIn(refusal, ports);
  const port = label === undefined ? undefined : ports[label];
  if (label === undefined || !port) return refusal.message;
  const subject = network?.ports[label]?.static === undefined ? `port ${label} of its allocation` : staticName(label);
  const wanted = { port: port.value, address: port.hostIp };
  const view = await connection.portView();
  const holder = holderIn(view, wanted) ?? ((await connection.isHere()) ? await otherHolder(wanted, view) : undefined);
  return takenText(subject, wanted, holder ?? { kind: "process" }, key);
}

/** The engine's word that somebody has a port. */
const refusalIn = (error: unknown): Error | undefined =>
  [error, (error as Error).cause].find((one): one is Error => isPortTaken(one));

/** Keeps what was refused from being tried again. Throws where no other port helps. */
async function learn(
  connection: Connection,
  user: PortUser,
  { ports, refusal, refused }: { readonly ports: Ports; readonly refusal: Error; readonly refused: Refused },
  isLast: boolean,
): Promise<void> {
  const labels = labelsIn(refusal, ports);
  const isStatic = ({ network }: PortUser) => labels.some((label) => network?.ports[label]?.static !== undefined);
  if (isLast || isStatic(user))
    throw new Error(`${user.what} did not come up: ${await inWords(connection, user, ports, refusal)}`, {
      cause: refusal,
    });
  for (const label of labels) refused.add(ports[label]?.value ?? 0);
}

/**
 * Reserves ports for a container, makes it, and gives them back: from then on the container shows them. When the engine says
 * that somebody was faster, all is done once more, with other ports.
 */
export async function withPorts<T>(
  connection: Connection,
  user: PortUser,
  newAlloc: () => string,
  make: (allocation: { readonly id: string; readonly ports: Ports }) => Promise<T>,
): Promise<T> {
  if (Object.keys(user.network?.ports ?? {}).length === 0) return make({ id: newAlloc(), ports: {} });
  const refused: Refused = new Set();
  for (let tries = 1; ; tries++) {
    const id = newAlloc();
    const { ports, release } = await claim(connection, user, { alloc: id, holdMs: ofTaskMs }, refused);
    try {
      return await make({ id, ports });
    } catch (error) {
      const refusal = refusalIn(error);
      if (!refusal) throw error;
      await learn(connection, user, { ports, refusal, refused }, tries === portTries);
    } finally {
      // What cannot be given back now is found by the next run.
      await cleaningUp(release).catch(() => undefined);
    }
  }
}

/** Makes a container in an allocation whose ports are given. */
export async function withGivenPorts<T>(
  connection: Connection,
  user: PortUser,
  ports: Ports,
  make: () => Promise<T>,
): Promise<T> {
  try {
    return await make();
  } catch (error) {
    const refusal = refusalIn(error);
    if (!refusal) throw error;
    throw new Error(`${user.what} did not come up: ${await inWords(connection, user, ports, refusal)}`, {
      cause: error,
    });
  }
}

/** Ports for an allocation whose tasks come later: they are reserved for as long as it lives. */
export async function portsOfAllocation(connection: Connection, user: PortUser, alloc: string): Promise<Ports> {
  if (Object.keys(user.network?.ports ?? {}).length === 0) return {};
  const refused: Refused = new Set();
  // A task of this stack that has one goes, or is replaced, before the allocation's own tasks start; or they say so.
  const way = { ...user, givesWay: (holder: Holder) => isOfStack(holder, [user.key]) };
  for (let tries = 1; ; tries++) {
    const { ports, release } = await claim(connection, way, { alloc, holdMs: ofAllocationMs }, refused);
    try {
      const refusal = await refusalOf(connection, user, ports, alloc);
      if (!refusal) return ports;
      await learn(connection, user, { ports, refusal, refused }, tries === portTries);
    } catch (error) {
      await cleaningUp(release).catch(() => undefined);
      throw error;
    }
    await release();
  }
}

/** What its tasks would meet. Here, the claim has seen it. */
async function refusalOf(connection: Connection, { network }: PortUser, ports: Ports, alloc: string) {
  if (await connection.isHere()) return undefined;
  const dynamic = Object.entries(ports).filter(([label]) => network?.ports[label]?.static === undefined);
  if (dynamic.length === 0) return undefined;
  return probePorts(connection.engine, Object.fromEntries(dynamic), alloc, await connection.now());
}

/** Gives the ports of an allocation back, unless a later run has taken it over. */
export async function releasePorts(connection: Connection, alloc: string): Promise<void> {
  const view = await connection.portView();
  if (shownIn(view).has(alloc)) return;
  await releaseAll(
    connection.engine,
    view.reservations.filter((one) => one.alloc === alloc),
  );
}

/** Gives back what earlier runs reserved for a resource and left. A stack runs once at a time. */
export async function releaseLeft(
  connection: Connection,
  key: string,
  kept: ReadonlySet<string | undefined> = new Set(),
): Promise<void> {
  const { reservations } = await connection.earlierPortView();
  await releaseAll(
    connection.engine,
    reservations.filter((one) => one.key === key && !kept.has(one.alloc)),
  );
}

/** Static ports that a preview can tell are taken. */
import { type Connection, connectionOf } from "../connection";
import { hasUnknown } from "../options/folds";
import type { Failure } from "../options/folds";
import type { NetworkSpec } from "../options/job";
import { tryLimits } from "../plugin-spec";
import { type Holder, holderIn, isOfStack, staticName, takenText } from "../port-holders";
import { type StaticPort, staticPorts } from "../ports";
import { ifReachable } from "./engine-of";
import { isUnknown } from "./handler";
import { foresee, otherHolder } from "./ports-for";

interface PortInputs {
  readonly key: string;
  readonly network?: NetworkSpec;
  readonly plugin: Readonly<Record<string, unknown>>;
}

/** A process of this machine, or the container that it publishes the port for: that may be newer than the earlier view. */
async function holderHere(connection: Connection, wanted: StaticPort): Promise<Holder | undefined> {
  if (!(await connection.isHere())) return undefined;
  const found = await otherHolder(wanted, await connection.earlierPortView());
  return found?.kind === "process" ? (holderIn(await connection.portView(), wanted) ?? found) : found;
}

async function failureOf(connection: Connection, wanted: StaticPort, keys: readonly string[]): Promise<Failure[]> {
  const holder = holderIn(await connection.earlierPortView(), wanted) ?? (await holderHere(connection, wanted));
  // What this stack has, this run may end or replace.
  if (!holder || isOfStack(holder, keys)) return [];
  const [key = ""] = keys;
  return [{ property: staticName(wanted.label), reason: takenText(staticName(wanted.label), wanted, holder, key) }];
}

/** @param olds what the state has: a port that the resource had before is its own */
export async function takenStaticPorts(olds: Partial<PortInputs>, news: PortInputs): Promise<readonly Failure[]> {
  const limits = tryLimits(news.plugin, isUnknown);
  if (!limits || hasUnknown(news.network, isUnknown)) return [];
  const wanted = staticPorts(news.network, limits.hostAddress);
  if (wanted.length === 0) return [];
  const had = staticPorts(olds.network, tryLimits(olds.plugin ?? {}, isUnknown)?.hostAddress ?? "");
  const isNew = ({ port, address }: StaticPort) => !had.some((one) => one.port === port && one.address === address);
  const keys = [news.key, ...(olds.key === undefined ? [] : [olds.key])];
  const failures = await ifReachable(news.plugin, (connection) => {
    foresee(connectionOf(news.plugin), news.network);
    return Promise.all(wanted.filter(isNew).map((one) => failureOf(connection, one, keys)));
  });
  return (failures ?? []).flat();
}

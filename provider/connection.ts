/** Engines, each connected once for the life of a process, with what is asked of it once. */
import { hostname } from "node:os";
import { join } from "node:path";
import { bridgeIpIn } from "./bridge-ip";
import { type Engine, connect } from "./engine/engine";
import { type Endpoint, type Written, endpointOf } from "./engine/endpoint";
import { type Limit, limit } from "./engine/limit";
import { inTime, withoutTimeLimit } from "./engine/time-limit";
import { timeLimited } from "./engine/time-limited";
import { whereabouts } from "./engine/unreachable";
import type { ContainerRow, EngineInfo, ImageInfo, VolumeInfo } from "./engine/types";
import { totalCompute } from "./cpus";
import { EngineError, isEngineError } from "./errors";
import type { Fingerprint } from "./facts";
import type { PluginSpec } from "./options/plugin";
import { keyLabel, keyOf } from "./ownership";
import type { PortView } from "./port-holders";
import { reservationsOn } from "./port-reservations";

export interface Connection {
  readonly engine: Engine;
  info(): Promise<EngineInfo>;
  /** Whether the engine's host is this machine, so that its files and ports can be looked at. */
  isHere(): Promise<boolean>;
  /** Where the engine keeps its volumes. */
  volumesDir(): Promise<string>;
  /** longshore's own containers as they were when first asked for, by key. */
  ownContainers(): Promise<ReadonlyMap<string, readonly ContainerRow[]>>;
  /** The same, looked at again. */
  ownContainersNow(): Promise<ReadonlyMap<string, readonly ContainerRow[]>>;
  /** longshore's own volumes as they were when first asked for. */
  ownVolumes(): Promise<readonly VolumeInfo[]>;
  /** Who has which ports, at a moment after the call. */
  portView(): Promise<PortView>;
  /** The same as it was when first asked for. */
  earlierPortView(): Promise<PortView>;
  /** The time by the engine's clock. */
  now(): Promise<Date>;
  /** The gateway of the default network; undefined where there is none. */
  bridgeIp(): Promise<string | undefined>;
  /** The image that a reference means on this engine, as it was when first asked for. */
  image(reference: string): Promise<ImageInfo | undefined>;
  forgetImages(): void;
  /** What registries said when they were asked what images mean there. */
  readonly digests: Map<string, Promise<string>>;
  /** A place among the pulls that run side by side on this engine. */
  readonly pulling: Limit;
}

// An engine downloads three layers at once, whatever is asked of it: more pulls wait for each other (npm run bench -- --pulling).
const pullsAtOnce = 8;

const connections = new Map<string, Connection>();

/** The answer of the first call for all; a failure is not kept. */
const once = <T>(what: string, ask: () => Promise<T>): (() => Promise<T>) => {
  let asked: Promise<T> | undefined;
  const share = () =>
    (asked ??= withoutTimeLimit(ask).catch((error: unknown) => {
      asked = undefined;
      throw error;
    }));
  return () => inTime(what, share);
};

/** An answer that was asked for after the call; those who wait for one share it. */
const afresh = <T>(what: string, ask: () => Promise<T>): (() => Promise<T>) => {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  const share = () =>
    (next ??= running.then(() => {
      next = undefined;
      const asked = withoutTimeLimit(ask);
      running = asked.catch(() => undefined);
      return asked;
    }));
  return () => inTime(what, share);
};

/** Reservations first: whose is not there any more has a container by then. */
async function lookAtPorts(engine: Engine): Promise<PortView> {
  const reservations = await reservationsOn(engine);
  return { reservations, containers: await engine.listContainers([]) };
}

function open(endpoint: Endpoint): Connection {
  const engine = timeLimited(connect(endpoint));
  const info = once("info", () => engine.info());
  const clockAheadMs = once("info", async () => {
    const here = Date.now();
    return Date.parse((await engine.info()).SystemTime) - here;
  });
  const listOwn = async () => Map.groupBy(await engine.listContainers([keyLabel]), (row) => keyOf(row) ?? "");
  const images = new Map<string, Promise<ImageInfo | undefined>>();
  return {
    engine,
    info,
    isHere: async () => /^(?:unix|npipe):/.test(endpoint.url) && (await info()).Name === hostname(),
    volumesDir: async () => join((await info()).DockerRootDir, "volumes"),
    ownContainers: once("list containers", listOwn),
    ownContainersNow: listOwn,
    ownVolumes: once("list volumes", () => engine.listVolumes([keyLabel])),
    bridgeIp: once("inspect network", async () => {
      const network = await engine.tryInspectNetwork((await info()).OSType === "windows" ? "nat" : "bridge");
      return bridgeIpIn(network);
    }),
    portView: afresh("list containers", () => lookAtPorts(engine)),
    earlierPortView: once("list containers", () => lookAtPorts(engine)),
    now: async () => new Date(Date.now() + (await clockAheadMs())),
    image(reference) {
      const known = images.get(reference) ?? withoutTimeLimit(() => engine.tryInspectImage(reference));
      images.set(reference, known);
      known.catch(() => images.delete(reference));
      return inTime("inspect image", () => known);
    },
    forgetImages: () => images.clear(),
    digests: new Map(),
    pulling: limit(pullsAtOnce),
  };
}

/** The engine that a set of plugin options means. One engine shown other certificates is another connection. */
export const connectionOf = (plugin: Written): Connection => {
  const endpoint = endpointOf(plugin);
  const key = JSON.stringify([endpoint.url, endpoint.tls]);
  const found = connections.get(key) ?? open(endpoint);
  connections.set(key, found);
  return found;
};

/** Whether its images are in containerd's store, where an id is the digest of a manifest. */
export const isContainerdStore = (status: EngineInfo["DriverStatus"]) =>
  (status ?? []).some(([name, value]) => name === "driver-type" && value.startsWith("io.containerd.snapshotter"));

/** What the engine says of itself, as far as it shapes a container. */
export async function fingerprint(connection: Connection, { cpuTotalCompute }: PluginSpec): Promise<Fingerprint> {
  const { ID, Name, NCPU, CgroupVersion, DriverStatus, OSType, Runtimes } = await connection.info();
  const here = (await connection.isHere()) ? totalCompute() : 0;
  const total = cpuTotalCompute ?? (here > 0 ? here : undefined);
  return {
    id: ID,
    name: Name,
    cpuCores: NCPU,
    cgroupVersion: CgroupVersion === "2" ? 2 : 1,
    os: OSType === "windows" ? "windows" : "linux",
    ...(isContainerdStore(DriverStatus) && { containerdStore: true }),
    ...(Runtimes && { runtimes: Object.keys(Runtimes) }),
    ...(total !== undefined && { cpuTotalCompute: total }),
  };
}

/** Set it when an engine was set up anew, or is no more: what the state knows of the old one then counts as gone. */
const setUpAnew = "LONGSHORE_ENGINE_SET_UP_ANEW";

/**
 * Whether an object can be looked for on this engine. On another engine than the one it is on it would seem to be
 * gone, and be lost: that is refused.
 */
export async function isOnEngine(connection: Connection, engineId: string, what: string): Promise<boolean> {
  const found = await connection.info().catch((error: unknown) => {
    if (!isEngineError(error, "unreachable")) throw error;
    if (process.env[setUpAnew]) return undefined;
    throw new EngineError(
      "unreachable",
      `${what} is on an engine that cannot be reached: ${error.message}. If that engine is gone for good, run once with ` +
        `${setUpAnew}=1.`,
    );
  });
  if (found?.ID === engineId) return true;
  if (!found || process.env[setUpAnew]) return false;
  throw new Error(
    `${what} is on the engine ${engineId}, and ${whereabouts(connection.engine.endpoint)} is another one, ${found.ID} on ` +
      `${found.Name}; point DOCKER_HOST or the plugin option endpoint at the engine it is on. If that engine was set up ` +
      `anew, run once with ${setUpAnew}=1. Nothing was changed.`,
  );
}

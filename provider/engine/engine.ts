/** The engine as longshore needs it: one method, one call of Docker's API. */
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { EngineError, isEngineError } from "../errors";
import { again } from "./again";
import { authHeader } from "./auth-header";
import type { Endpoint } from "./endpoint";
import { unframed } from "./frames";
import { type Call, http } from "./http";
import { limit } from "./limit";
import { objectsIn } from "./objects-in";
import { type Progress, followLoad, followPull } from "./pull";
import type {
  ContainerInfo,
  ContainerRow,
  CreateRequest,
  DistributionInfo,
  EngineInfo,
  ExecInfo,
  ExecRequest,
  ImageInfo,
  NetworkInfo,
  RegistryAuth,
  Resources,
  StatsSample,
  VolumeDriver,
  VolumeInfo,
} from "./types";

export interface PullOptions {
  readonly signal: AbortSignal;
  /** How long the engine may say nothing. */
  readonly silenceMs: number;
  readonly onProgress?: (progress: Progress) => void;
  readonly auth?: RegistryAuth | undefined;
}

/** Which part of a container's log is meant. */
export interface LogOptions {
  /** The last lines only. @default all */
  readonly tail?: number | undefined;
  /** Seconds since 1970, with up to nine digits after the point: what is older is left out. */
  readonly since?: string | undefined;
  /** Begins each line with its time. */
  readonly timestamps?: boolean | undefined;
  /** Goes on until the container ends. */
  readonly follow?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Engine {
  readonly endpoint: Endpoint;
  info(): Promise<EngineInfo>;
  /** Containers in any state that have all these labels; `key` or `key=value`. */
  listContainers(labels: readonly string[]): Promise<readonly ContainerRow[]>;
  createContainer(
    name: string,
    request: CreateRequest,
  ): Promise<{ readonly Id: string; readonly Warnings?: readonly string[] }>;
  /** Succeeds too when it runs already. */
  startContainer(id: string): Promise<void>;
  inspectContainer(id: string): Promise<ContainerInfo>;
  tryInspectContainer(id: string): Promise<ContainerInfo | undefined>;
  updateContainer(id: string, resources: Resources): Promise<void>;
  /** Tells it to end, and kills it after the grace. Succeeds too when it does not run. */
  stopContainer(id: string, graceSeconds: number): Promise<void>;
  /** Succeeds too when it does not run. */
  killContainer(id: string, signal: string): Promise<void>;
  /** A conflict when it does not run. */
  signalContainer(id: string, signal: string): Promise<void>;
  /** Resolves when the container does not run; false when the time is over first. */
  waitForExit(id: string, timeoutMs: number): Promise<boolean>;
  /** With its anonymous volumes. Succeeds too when it is gone. */
  removeContainer(id: string): Promise<void>;
  /** The last lines of what it wrote, both streams. */
  logTail(id: string, lines: number): Promise<string>;
  /** What it wrote: in frames where it has no terminal, else as it is. */
  logs(id: string, options: LogOptions): Promise<AsyncIterable<Buffer>>;
  /** What it uses, each second anew. */
  watchStats(id: string, signal?: AbortSignal): Promise<AsyncIterable<StatsSample>>;
  /** What it uses; the engine looks twice, a second apart, for what is counted by difference. */
  stats(id: string): Promise<StatsSample>;
  createExec(id: string, request: ExecRequest): Promise<{ readonly Id: string }>;
  /** Its input and output. */
  startExec(exec: string, request: Pick<ExecRequest, "Tty" | "ConsoleSize">): Promise<Duplex>;
  resizeExec(exec: string, size: { readonly h: number; readonly w: number }): Promise<void>;
  inspectExec(exec: string): Promise<ExecInfo>;
  putArchive(id: string, path: string, tar: Buffer): Promise<void>;
  listImages(): Promise<readonly Pick<ImageInfo, "Id">[]>;
  inspectImage(name: string): Promise<ImageInfo>;
  tryInspectImage(name: string): Promise<ImageInfo | undefined>;
  pullImage(reference: { readonly fromImage: string; readonly tag: string }, options: PullOptions): Promise<void>;
  /** Loads an archive, a file of this machine, and tells the images that it brought, by name or id. */
  loadImage(path: string, onSent?: (bytes: number) => void): Promise<readonly string[]>;
  /** Asks the registry of a reference which digest it means there. */
  distribution(name: string, auth: RegistryAuth | undefined, signal: AbortSignal): Promise<DistributionInfo>;
  /** Gives an image a name, which it takes from another image that has it. */
  tagImage(id: string, repo: string, tag: string): Promise<void>;
  /** Takes a name off an image, and with its last one the image; by id, an image with one name or none. A conflict when it is in use. */
  removeImage(nameOrId: string): Promise<void>;
  tryInspectNetwork(name: string): Promise<NetworkInfo | undefined>;
  listVolumes(labels: readonly string[]): Promise<readonly VolumeInfo[]>;
  /** Succeeds too when it is there, made alike. */
  createVolume(name: string, labels: Readonly<Record<string, string>>, driver?: VolumeDriver): Promise<VolumeInfo>;
  tryInspectVolume(name: string): Promise<VolumeInfo | undefined>;
  /** False when somebody uses it. Succeeds too when it is gone. */
  removeVolume(name: string): Promise<boolean>;
  close(): void;
}

const filters = (label: readonly string[]) => JSON.stringify({ label });
const at = (kind: string, id: string, verb = "") => `/${kind}/${encodeURIComponent(id)}${verb}`;
const ifFound = <T>(found: Promise<T>): Promise<T | undefined> =>
  found.catch((error: unknown) => {
    if (isEngineError(error, "notFound")) return undefined;
    throw error;
  });

/** Whether it is what this request asked for: no other has its labels, one of which is a token. */
const isMadeBy = ({ Config }: ContainerInfo, { Labels = {} }: CreateRequest) =>
  Object.keys(Labels).length > 0 &&
  Object.entries(Labels).every(([name, value]) => isDeepStrictEqual(Config.Labels[name], value));

/** How long a removal that somebody else began is waited for. */
const removalMs = 30_000;

// Beyond a few starts at once only the waiting grows (measured on two cores: 2 to 4 are best).
const starts = 4;

export function connect(endpoint: Endpoint): Engine {
  const { json: ask, stream, hijack, hasAnswered, close } = http(endpoint);
  const repeat = again({ hasAnswered });
  const json = <T>(call: Call) => repeat(() => ask<T>(call));
  const atOnce = limit(starts);
  // A pause is no start: it holds nobody's place.
  const heavy = <T>(call: Call) => repeat(() => atOnce(() => ask<T>(call)));
  return {
    endpoint,
    close,
    info: () => json<EngineInfo>({ method: "GET", path: "/info" }),

    listContainers: (labels) =>
      json({ method: "GET", path: "/containers/json", query: { all: true, filters: filters(labels) } }),
    createContainer: (name, body) =>
      repeat(async (tries) => {
        try {
          return await atOnce(() => ask({ method: "POST", path: "/containers/create", query: { name }, body }));
        } catch (error) {
          if (tries === 0 || !isEngineError(error, "conflict")) throw error;
          // It was made when its answer was lost.
          const made = await ifFound(ask<ContainerInfo>({ method: "GET", path: at("containers", name, "/json") }));
          if (!made) throw new EngineError("internal", error.message);
          if (!isMadeBy(made, body)) throw error;
          return { Id: made.Id };
        }
      }),
    startContainer: (id) => heavy({ method: "POST", path: at("containers", id, "/start") }),
    inspectContainer: (id) => json({ method: "GET", path: at("containers", id, "/json") }),
    tryInspectContainer: (id) => ifFound(json<ContainerInfo>({ method: "GET", path: at("containers", id, "/json") })),
    updateContainer: (id, body) => json({ method: "POST", path: at("containers", id, "/update"), body }),
    async stopContainer(id, t) {
      const silenceMs = (t + 60) * 1000;
      await ifFound(json({ method: "POST", path: at("containers", id, "/stop"), query: { t }, silenceMs }));
    },
    async killContainer(id, signal) {
      const call: Call = { method: "POST", path: at("containers", id, "/kill"), query: { signal } };
      await ifFound(repeat(() => ask(call), "if not done")).catch((error: unknown) => {
        // 409: it does not run any more. A lost answer: a second signal may mean something else to it than the first.
        if (!isEngineError(error, "conflict", "lost")) throw error;
      });
    },
    signalContainer: (id, signal) =>
      repeat(() => ask({ method: "POST", path: at("containers", id, "/kill"), query: { signal } }), "if not done"),
    async waitForExit(id, timeoutMs) {
      const signal = AbortSignal.timeout(Math.max(1, timeoutMs));
      try {
        await ifFound(
          json({ method: "POST", path: at("containers", id, "/wait"), signal, silenceMs: timeoutMs + 60_000 }),
        );
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        throw error;
      }
    },
    async removeContainer(id) {
      const call: Call = { method: "DELETE", path: at("containers", id), query: { force: true, v: true } };
      await ifFound(heavy(call)).catch(async (error: unknown) => {
        if (!isEngineError(error, "conflict")) throw error;
        // "removal … is already in progress": it is over when nothing is left of it.
        const end = Date.now() + removalMs;
        for (;;) {
          const left = await ifFound(json<ContainerInfo>({ method: "GET", path: at("containers", id, "/json") }));
          if (!left) return;
          if (left.State.Status !== "removing" || Date.now() > end) throw error;
          await sleep(100);
        }
      });
    },
    async logTail(id, tail) {
      const answer = await stream({
        method: "GET",
        path: at("containers", id, "/logs"),
        query: { stdout: true, stderr: true, tail },
        silenceMs: 10_000,
      });
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      return unframed(Buffer.concat(chunks)).toString("utf8").trimEnd();
    },
    logs: (id, { tail, since, timestamps, follow, signal }) =>
      stream({
        method: "GET",
        path: at("containers", id, "/logs"),
        query: { stdout: true, stderr: true, tail: tail ?? "all", since, timestamps, follow },
        // One that writes nothing is followed all the same.
        ...(follow && { silenceMs: 0 }),
        ...(signal && { signal }),
      }),
    watchStats: async (id, signal) =>
      objectsIn<StatsSample>(
        await stream({
          ...{ method: "GET", path: at("containers", id, "/stats"), query: { stream: true } },
          ...(signal && { signal }),
        }),
      ),
    stats: (id) => json({ method: "GET", path: at("containers", id, "/stats"), query: { stream: false } }),
    createExec: (id, body) =>
      repeat(() => ask({ method: "POST", path: at("containers", id, "/exec"), body }), "if not done"),
    startExec: (id, body) =>
      repeat(
        () => hijack({ method: "POST", path: at("exec", id, "/start"), body: { Detach: false, ...body } }),
        "if not done",
      ),
    resizeExec: (id, query) => ask({ method: "POST", path: at("exec", id, "/resize"), query }),
    inspectExec: (id) => json({ method: "GET", path: at("exec", id, "/json") }),
    async putArchive(id, path, data) {
      await json({
        method: "PUT",
        path: at("containers", id, "/archive"),
        query: { path },
        raw: { type: "application/x-tar", data },
      });
    },

    listImages: () => json({ method: "GET", path: "/images/json" }),
    inspectImage: (name) => json({ method: "GET", path: `/images/${name}/json` }),
    tryInspectImage: (name) => ifFound(json<ImageInfo>({ method: "GET", path: `/images/${name}/json` })),
    async pullImage(reference, { signal, silenceMs, onProgress, auth }) {
      const answer = await stream({
        method: "POST",
        path: "/images/create",
        query: reference,
        headers: authHeader(auth),
        silenceMs,
        signal,
      });
      await followPull(answer, onProgress);
    },
    async loadImage(path, onSent) {
      const file = { type: "application/x-tar", path, onSent };
      return followLoad(await stream({ method: "POST", path: "/images/load", query: { quiet: false }, file }));
    },

    distribution: (name, auth, signal) =>
      // Its failures are the registry's: who asks knows which of them pass.
      ask({ method: "GET", path: `/distribution/${name}/json`, headers: authHeader(auth), signal }),
    tagImage: (id, repo, tag) => json({ method: "POST", path: `/images/${id}/tag`, query: { repo, tag } }),
    removeImage: (nameOrId) => json({ method: "DELETE", path: `/images/${nameOrId}` }),

    tryInspectNetwork: (name) => ifFound(json({ method: "GET", path: at("networks", name) })),
    listVolumes: async (labels) =>
      (
        await json<{ Volumes: readonly VolumeInfo[] | null }>({
          method: "GET",
          path: "/volumes",
          query: { filters: filters(labels) },
        })
      ).Volumes ?? [],
    createVolume: (Name, Labels, { Name: Driver, Options: DriverOpts } = {}) =>
      json({ method: "POST", path: "/volumes/create", body: { Name, Labels, Driver, DriverOpts } }),
    tryInspectVolume: (name) => ifFound(json<VolumeInfo>({ method: "GET", path: at("volumes", name) })),
    async removeVolume(name) {
      try {
        await ifFound(json({ method: "DELETE", path: at("volumes", name) }));
        return true;
      } catch (error) {
        if (isEngineError(error, "conflict")) return false;
        throw error;
      }
    },
  };
}

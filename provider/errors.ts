/** What can go wrong with an engine, and what each means for the caller. Only the engine's client reads status codes. */

const failures = {
  /** The engine does not answer: not running, or not there. */
  unreachable: { passes: true },
  /** The connection broke, or the answer did not come in time; what was asked may have happened. */
  lost: { passes: true },
  /** The engine failed inside. Some of these pass, many do not. */
  internal: { passes: true },
  /** There is no such thing. */
  notFound: { passes: false },
  /** The name is taken, or the thing is in use. */
  conflict: { passes: false },
  /** The engine refuses what was asked. */
  refused: { passes: false },
} as const;

export type FailureKind = keyof typeof failures;

/** An engine's failure, in its own words. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  constructor(
    readonly kind: FailureKind,
    message: string,
  ) {
    super(message);
  }

  /** Whether the same call may succeed a moment later. */
  get passes(): boolean {
    return failures[this.kind].passes;
  }
}

export const isEngineError = (error: unknown, ...kinds: FailureKind[]): error is EngineError =>
  error instanceof EngineError && (kinds.length === 0 || kinds.includes(error.kind));

/** Engines say 500 to these too, and no repetition helps. */
const permanent = [
  /port is already allocated/i,
  /address already in use/i,
  /cannot assign requested address/i,
  /does not belong to any of this network's subnets/i,
  /unable to find (?:user|group)/i,
  /no matching entries in (?:passwd|group)/i,
  /sysctl .* is not in a separate kernel namespace/i,
  /OCI runtime create failed/i,
  /invalid (?:ulimit|IPC mode|MAC address|isolation|--security-opt)/i,
  /decoding seccomp profile failed/i,
  /no such container/i,
  /error gathering device information/i,
  /could not select device driver/i,
  /is mounted on .* but it is not a shared/i,
  /--storage-opt is (?:supported only|not supported)/i,
  /cannot mkdir: .* is not a directory/i,
];

/** Engines say 500 to this too. An engine with live-restore that was killed may go on saying so until it is started anew. */
const inUse = /volume has active mounts/i;

/** The failure that a status code and a text stand for. */
export const failureOf = (status: number, text: string): FailureKind => {
  if (status === 404) return "notFound";
  if (status === 409) return "conflict";
  if (status < 500) return "refused";
  if (inUse.test(text)) return "conflict";
  return permanent.some((pattern) => pattern.test(text)) ? "refused" : "internal";
};

/** Whether a start failed because the port on the host is somebody else's. An address of a network is no port. */
export const isPortTaken = (error: unknown): boolean =>
  isEngineError(error) &&
  /port is already allocated|bind(?: host port \S+)?: address already in use/i.test(error.message);

/** Whether a registry refused for want of credentials, or because of them. Engines hand its answer on as text. */
export const isAuthFailure = (error: unknown): boolean =>
  isEngineError(error) &&
  /unauthori[sz]ed|denied|forbidden|no basic auth|authentication required|incorrect username or password|\b40[13]\b/i.test(
    error.message,
  );

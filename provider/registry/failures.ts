/** What a registry's failure means. An engine hands it on as text, under one status or another, or in the midst of a pull. */
import { isEngineError } from "../errors";

interface Row {
  /** How engines and registries say it. */
  readonly says: RegExp;
  /** Whether the same may succeed a moment later. */
  readonly passes: boolean;
  /** What the user can do. */
  readonly wayOut: string;
}

// The first that fits: what is said of credentials comes with what is said of names, and the statuses of all come last.
const rows = {
  limited: {
    says: /pull rate limit|toomanyrequests.*rate limit/is,
    passes: false,
    wayOut: "the registry's limit is reached; wait, or give credentials that have a higher one",
  },
  platform: {
    says: /no matching manifest|does not match the specified platform|image operating system .* cannot be used/i,
    passes: false,
    wayOut: "the image is not made for the engine's platform; name one that is",
  },
  absent: {
    says: /manifest unknown|name unknown|not found: (?:manifest|name)|failed to resolve reference .*not found|repository .* not found/i,
    passes: false,
    wayOut: "check the name and the tag",
  },
  denied: {
    // The last: from a loopback registry with TLS that wants credentials, an engine turns to HTTP.
    says: /unauthori[sz]ed|denied|forbidden|no basic auth|authentication required|incorrect username or password|\b40[13]\b|HTTP request (?:to an HTTPS server|was sent to HTTPS port)/i,
    passes: false,
    wayOut: "",
  },
  reference: {
    says: /invalid reference format|invalid repository name|invalid tag/i,
    passes: false,
    wayOut: "write [registry/]name[:tag][@digest]",
  },
  certificate: {
    says: /x509|certificate|tls: |server gave HTTP response to HTTPS client/i,
    passes: false,
    wayOut:
      "have the engine trust the registry: its CA in the engine's certs.d, or the registry in insecure-registries where it has no TLS",
  },
  disk: {
    says: /no space left on device/i,
    passes: false,
    wayOut: "the engine's disk is full; longshore gc shows what images wait there to be removed",
  },
  host: { says: /no such host/i, passes: false, wayOut: "the engine knows no such host; check the registry's name" },
  content: {
    says: /verification failed|digest mismatch|invalid checksum|unexpected digest|failed size validation|unexpected commit digest/i,
    passes: true,
    wayOut: "what came is not what its digest says; look at the registry, and at what is between it and the engine",
  },
  down: {
    says: /connection refused|no route to host|network is unreachable|i\/o timeout|connection timed out|Client\.Timeout|TLS handshake timeout/i,
    passes: true,
    wayOut: "nothing answers there: check that the registry runs, and that the engine reaches it",
  },
  busy: {
    says: /toomanyrequests|too many requests|\b429\b/i,
    passes: true,
    // Some engines do not hand on which of both it is.
    wayOut:
      "the registry has too much to do, or its limit is reached; try later, or with credentials that have a higher one",
  },
  opaque: {
    // What engines make of an answer that has no code of Docker's, or of whose code they tell nothing.
    says: /^unknown: (?!failed to)|^error from registry: /i,
    passes: true,
    wayOut: "these are the registry's words; look there, and at the credentials that it was shown",
  },
} as const satisfies Readonly<Record<string, Row>>;

export type RegistryFailure = keyof typeof rows | "other";

/** A failure that is not the registry's, and says itself what there is to do. */
export class OwnFailure extends Error {
  override readonly name = "OwnFailure";
  constructor(
    message: string,
    readonly passes: boolean,
    readonly wayOut: string,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

// In an address, what is asked for is named as its users like: certificates, denied-party.
const withoutAddresses = (text: string) => text.replace(/"https?:\/\/[^"]*"/g, "");

/** What a text says of a registry. */
const failureIn = (text: string): keyof typeof rows | undefined =>
  Object.entries(rows).find(([, { says }]) => says.test(withoutAddresses(text)))?.[0] as keyof typeof rows | undefined;

/** Whether a registry may have said it, and not who stands before it. */
export const isOfRegistry = (text: string): boolean => failureIn(text) !== undefined;

/** What a failed call to an engine says of a registry. */
export function registryFailureOf(error: unknown): RegistryFailure {
  if (error instanceof OwnFailure) return "other";
  const text = error instanceof Error ? error.message : String(error);
  return failureIn(text) ?? (isEngineError(error, "notFound") ? "absent" : "other");
}

const rowOf = (kind: RegistryFailure): Row | undefined => (kind === "other" ? undefined : rows[kind]);

/** Whether the same call may succeed a moment later. What an engine refuses for reasons of its own does not. */
export const mayPass = (error: unknown): boolean =>
  error instanceof OwnFailure
    ? error.passes
    : (rowOf(registryFailureOf(error))?.passes ?? !isEngineError(error, "notFound", "conflict", "unreachable"));

/** Whether engines, in the midst of a pull, try by themselves again what failed so. */
export const isTriedByEngine = (error: unknown): boolean =>
  isEngineError(error) && ["other", "down", "busy", "opaque"].includes(registryFailureOf(error));

/** What the user can do about it. */
export const wayOutOf = (error: unknown): string =>
  error instanceof OwnFailure
    ? error.wayOut
    : (rowOf(registryFailureOf(error))?.wayOut ?? "check that the engine reaches the registry, and try again");

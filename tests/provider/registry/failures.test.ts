/** What registries and engines are known to say, and what follows from it. */
import { EngineError, type FailureKind } from "../../../provider/errors";
import { OwnFailure, isOfRegistry, mayPass, registryFailureOf, wayOutOf } from "../../../provider/registry/failures";

const hub =
  "You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit";
const verdicts: readonly (readonly [
  text: string,
  kind: FailureKind,
  is: ReturnType<typeof registryFailureOf>,
  passes: boolean,
])[] = [
  // Docker 20.10
  ["manifest for 127.0.0.1:5000/a/b:1 not found: manifest unknown: manifest unknown", "notFound", "absent", false],
  [
    "pull access denied for 127.0.0.1:5000/a/b, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    "notFound",
    "denied",
    false,
  ],
  ['Get "http://127.0.0.1:5000/v2/a/b/manifests/1": no basic auth credentials', "internal", "denied", false],
  [
    "error parsing HTTP 403 response body: invalid character '<' looking for beginning of value: \"<html>\"",
    "internal",
    "denied",
    false,
  ],
  ["Error response from daemon: Client sent an HTTP request to an HTTPS server.", "internal", "denied", false],
  [`toomanyrequests: ${hub}`, "internal", "limited", false],
  ["toomanyrequests: too many requests to this registry", "internal", "busy", true],
  ["received unexpected HTTP status: 503 Service Unavailable", "internal", "other", true],
  ["filesystem layer verification failed for digest sha256:9c84d462", "refused", "content", true],
  [
    'Get "https://registry.example/v2/": dial tcp: lookup registry.example on 127.0.0.53:53: no such host',
    "internal",
    "host",
    false,
  ],
  [
    'Get "https://registry.example/v2/": x509: certificate signed by unknown authority',
    "internal",
    "certificate",
    false,
  ],
  [
    "failed to register layer: Error processing tar file(exit status 1): write /big: no space left on device",
    "refused",
    "disk",
    false,
  ],
  ["write /var/lib/docker/tmp/GetImageBlob1234: no space left on device", "refused", "disk", false],
  ["no matching manifest for linux/amd64 in the manifest list entries", "notFound", "platform", false],
  // Docker 29
  ['failed to resolve reference "127.0.0.1:5000/a/b:1": 127.0.0.1:5000/a/b:1: not found', "notFound", "absent", false],
  [
    `error from registry: ${hub}\n429 Too Many Requests - Server message: toomanyrequests: ${hub}`,
    "internal",
    "limited",
    false,
  ],
  [
    'unknown: failed to resolve reference "127.0.0.1:5000/a/b:1": unexpected status from HEAD request to http://127.0.0.1:5000/v2/a/b/manifests/1: 429 Too Many Requests',
    "internal",
    "busy",
    true,
  ],
  [
    'unknown: failed to resolve reference "127.0.0.1:5000/a/b:1": unexpected status from HEAD request to http://127.0.0.1:5000/v2/a/b/manifests/1: 500 Internal Server Error',
    "internal",
    "other",
    true,
  ],
  [
    'Get "https://registry.example/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
    "internal",
    "down",
    true,
  ],
  // Either: a refusal in words that say all to who runs the registry.
  ["unknown: the quarantine of this artifact is not over", "internal", "opaque", true],
  ["error from registry: the quarantine of this artifact is not over", "refused", "opaque", true],
  // What is asked for may be named like a failure.
  [
    'Get "https://registry.example/v2/certificate/denied/manifests/1": dial tcp 192.0.2.1:443: connect: connection refused',
    "internal",
    "down",
    true,
  ],
];

test.each(verdicts)("%s", (text, kind, is, passes) => {
  const error = new EngineError(kind, text);
  expect({ is: registryFailureOf(error), passes: mayPass(error) }).toEqual({ is, passes });
});

test("of a full disk, what is told is the command that shows what can go", () =>
  expect(wayOutOf(new EngineError("refused", "mkdir /var/lib/docker: no space left on device"))).toMatch(
    /longshore gc/,
  ));

test("a failure of ours is taken for no registry's, whatever it says", () => {
  const own = new OwnFailure("denied: 403", true, "look", undefined);
  expect([registryFailureOf(own), mayPass(own), wayOutOf(own)]).toEqual(["other", true, "look"]);
});

test("what says that there is no such call is no registry's word", () => {
  expect(["page not found", "Not Found", "404 page not found"].map(isOfRegistry)).toEqual([false, false, false]);
  expect(isOfRegistry("pull access denied for a/b, repository does not exist")).toBe(true);
});

/** What engines really answered: 20.10 and 29 say some things differently, and both mean the same to the caller. */
import { EngineError, failureOf, isPortTaken } from "../../provider/errors";

test.each([
  // 20.10
  [500, "unable to find user nobodyatall: no matching entries in passwd file"],
  [500, "Unable to find group nosuch: no matching entries in group file"],
  [500, "Invalid IPC mode: bogus"],
  [500, "address zz: invalid MAC address"],
  [500, "Invalid isolation: \"hyperv\" - linux only supports 'default'"],
  [500, "--storage-opt is supported only for overlay over xfs with 'pquota' mount option"],
  [
    500,
    'failed to create shim task: OCI runtime create failed: runc create failed: sysctl "vm.swappiness" is not in a separate kernel namespace: unknown',
  ],
  [
    500,
    "driver failed programming external connectivity on endpoint web: Bind for 127.0.0.1:80 failed: port is already allocated",
  ],
  // 29
  [400, "invalid IPC mode: bogus"],
  [500, "joining network namespace of container: No such container: nosuch"],
  [
    500,
    "failed to set up container networking: driver failed programming external connectivity on endpoint web: failed to bind host port 10.1.2.3:18997/tcp: cannot assign requested address",
  ],
  // both
  [400, "unknown or invalid runtime name: nosuch"],
  [500, "Decoding seccomp profile failed: invalid character 'b' looking for beginning of object key string"],
  [500, 'invalid --security-opt 2: "bogus=1"'],
  [500, 'error gathering device information while adding custom device "/dev/nosuch": no such file or directory'],
  [500, 'could not select device driver "nvidia" with capabilities: [[gpu]]'],
  [500, "path /tmp is mounted on / but it is not a shared mount"],
  [500, "Cannot mkdir: /etc/passwd is not a directory"],
])("%i %s: no repetition helps", (status, text) => {
  expect(failureOf(status, text)).toBe("refused");
});

test.each([
  [500, "failed to initialize logging driver: dial tcp 127.0.0.1:9: connect: connection refused"],
  [500, "context deadline exceeded"],
  [503, "the engine is starting"],
])("%i %s: may pass", (status, text) => {
  expect(failureOf(status, text)).toBe("internal");
});

test("volumes of which an engine with live-restore lost count are in use, and no repetition helps", () => {
  expect(failureOf(500, "remove longshore-x-web-secrets: volume has active mounts")).toBe("conflict");
});

test.each([
  [true, "Bind for 127.0.0.1:18999 failed: port is already allocated"],
  [true, "Error starting userland proxy: listen tcp4 127.0.0.1:18977: bind: address already in use"],
  [true, "failed to bind host port 127.0.0.1:18977/tcp: address already in use"],
  [false, "Address already in use"],
  [false, "failed to set up container networking: Address already in use"],
])("whether a port is taken: %s, %s", (taken, text) => {
  expect(isPortTaken(new EngineError("refused", text))).toBe(taken);
});

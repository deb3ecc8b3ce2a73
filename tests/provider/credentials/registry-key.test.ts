/** What Docker's files call a registry. */
import { keyOf, tryFindKey } from "../../../provider/credentials/registry-key";

const hub = "https://index.docker.io/v1/";

test.each([
  ["a host", "reg.example", ["reg.example"], "reg.example"],
  ["a host with a port", "127.0.0.1:5000", ["127.0.0.1:5000"], "127.0.0.1:5000"],
  ["localhost", "localhost", ["http://localhost"], "http://localhost"],
  ["an address of IPv6", "[::1]:5000", ["https://[::1]:5000/v2/"], "https://[::1]:5000/v2/"],
  ["with a scheme", "reg.example", ["https://reg.example"], "https://reg.example"],
  ["with the other scheme", "reg.example:5000", ["http://reg.example:5000"], "http://reg.example:5000"],
  ["with a path", "reg.example", ["https://reg.example/v1/"], "https://reg.example/v1/"],
  ["with a path and no scheme", "reg.example", ["reg.example/team"], "reg.example/team"],
  ["the exact one before one that is like it", "reg.example", ["https://reg.example", "reg.example"], "reg.example"],
  [
    "the first of those that are like it",
    "reg.example",
    ["http://reg.example", "https://reg.example/"],
    "http://reg.example",
  ],
  ["a port is part of a host", "reg.example", ["reg.example:443", "https://reg.example:5000"], undefined],
  ["also where the key has none", "reg.example:5000", ["reg.example", "https://reg.example"], undefined],
  ["another host", "reg.example", ["other.example", "my.reg.example", "reg.example.org"], undefined],
  ["a host in a path", "reg.example", ["https://other.example/reg.example"], undefined],
  ["Docker's own", "docker.io", [hub], hub],
  ["Docker's own before its other names", "docker.io", ["docker.io", hub], hub],
  ["Docker's own by its domain", "docker.io", ["docker.io"], "docker.io"],
  ["Docker's own by its old host", "docker.io", ["index.docker.io"], "index.docker.io"],
  [
    "Docker's own by its old host with another path",
    "docker.io",
    ["https://index.docker.io/v2/"],
    "https://index.docker.io/v2/",
  ],
  ["Docker's own by the host that serves", "docker.io", ["registry-1.docker.io"], "registry-1.docker.io"],
  ["Docker's own is no other", "docker.io", ["hub.docker.com", "reg.example", "docker.io:443"], undefined],
  ["no other is Docker's own", "reg.example", [hub, "docker.io"], undefined],
  ["nothing", "reg.example", [], undefined],
])("%s", (_, registry, keys, found) => expect(tryFindKey(keys, registry)).toBe(found));

test("the docker command stores Docker's own under an address, and others under their host", () =>
  expect(["docker.io", "127.0.0.1:5000"].map(keyOf)).toEqual([hub, "127.0.0.1:5000"]));

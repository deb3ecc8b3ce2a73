/** The network's options: what is refused before the engine is asked, what is told to it, what excludes a neighbour. */
import { allocationDirs } from "../../../provider/allocation-dirs";
import type { Facts, Scope } from "../../../provider/facts";
import { type TaskSpec, taskOptions } from "../../../provider/options";
import { changes, exclusives, toEngine, validate, violations, warnings } from "../../../provider/options/folds";
import { pluginSpec } from "../../../provider/plugin-spec";

type Bag = Readonly<Record<string, unknown>>;
const known = () => false;
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const refusals = (raw: Bag, scope: Scope = {}): readonly string[] => {
  const { values, failures } = validate(taskOptions, { image: "redis:7", ...raw }, known);
  return (failures.length > 0 ? failures : violations(taskOptions, values as never, scope)).map(({ reason }) => reason);
};

test.each([
  ["four numbers", { ipv4Address: "10.0.0" }, 'ipv4_address is "10.0.0", which is not an IPv4 address'],
  ["the other kind", { ipv6Address: "10.0.0.7" }, 'ipv6_address is "10.0.0.7", which is not an IPv6 address'],
  ["an address of a link", { ipv6Address: "fe80::1%eth0" }, "which is not an IPv6 address"],
  ["six bytes", { macAddress: "02:68:b3:29:da" }, 'mac_address is "02:68:b3:29:da", which is not a MAC address'],
  ["many receivers", { macAddress: "03:68:b3:29:da:98" }, "an address of many receivers"],
  ["zeros", { macAddress: "00:00:00:00:00:00" }, "is all zeros"],
  ["no container", { networkMode: "container:" }, "names no container; write container:NAME"],
  ["white space", { networkMode: "my net" }, "holds white space"],
  ["an empty alias", { networkAliases: [""] }, "is empty"],
  ["a port of 0", { portMap: { http: 0 } }, "port_map.http is 0, which is below 1"],
])("a bad value is refused: %s", (_, raw, reason) => expect(refusals(raw)).toEqual([expect.stringContaining(reason)]));

const named = [{ networkAliases: ["a"] }, { ipv4Address: "10.0.0.7" }, { ipv6Address: "fd00::7" }] as const;

describe.each(named)("%j needs a user-defined network", (option) => {
  test.each([undefined, "", "default", "bridge", "host", "none", "container:db"])("%p is none", (networkMode) =>
    expect(refusals({ ...option, networkMode })).toEqual([
      expect.stringMatching(/^\w+ is .*only in a user-defined network, and network_mode is .*; name such a network/),
    ]),
  );

  test("any other name is one", () => expect(refusals({ ...option, networkMode: "backend" })).toEqual([]));

  test("nat is one, unless the engine is Windows (no such engine here: its fingerprint is made up)", () => {
    expect(refusals({ ...option, networkMode: "nat" }, { engine: { os: "linux" } })).toEqual([]);
    expect(refusals({ ...option, networkMode: "nat" }, { engine: { os: "windows" } })).toHaveLength(1);
  });

  test("a network that is known later may be one", () => {
    const later = { ...option, image: "redis:7", networkMode: { then: "later" } } as never;
    expect(
      violations(taskOptions, later, {}, (value) => typeof value === "object" && value !== null && "then" in value),
    ).toEqual([]);
  });
});

test.each([
  { hostname: "web" },
  { extraHosts: ["db:10.0.0.7"] },
  { dnsServers: ["10.0.0.2"] },
  { dnsSearchDomains: ["a.test"] },
  { dnsOptions: ["ndots:2"] },
])("%j is refused in the network of another container, and nowhere else", (option) => {
  expect(refusals({ ...option, networkMode: "container:db" })).toEqual([
    expect.stringMatching(/with network_mode "container:db" the container has .* of that one; set it there/),
  ]);
  for (const networkMode of ["host", "none", "backend"]) expect(refusals({ ...option, networkMode })).toEqual([]);
});

test.each(["host", "none", "container:db"])("a MAC address needs an interface, and %s gives none", (networkMode) =>
  expect(refusals({ macAddress: "02:68:b3:29:da:98", networkMode })).toEqual([
    expect.stringContaining("has no interface of its own to give it to"),
  ]),
);

test.each([
  { networkMode: "net", ipv4Address: "10.0.0.7" },
  { networkMode: "net", ipv6Address: "fd00::7" },
  { macAddress: "02:68:b3:29:da:98" },
])("%j is for a group of one", (options) => {
  expect(refusals(options, { allocations: 2 })).toEqual([
    expect.stringContaining("which one container can have, and the group's count is 2; set the count to 1"),
  ]);
  expect(refusals(options, { allocations: 1 })).toEqual([]);
});

test("a Windows engine has no host network (no such engine here: its fingerprint is made up)", () =>
  expect(refusals({ networkMode: "host" }, { engine: { os: "windows" } })).toEqual([
    'network_mode is "host", which a Windows engine does not have; leave it out, which means nat',
  ]));

test.each([
  ["the host's network", { networkMode: "host" }, ["the host's network"]],
  ["an address in a network", { networkMode: "net", ipv4Address: "10.0.0.7" }, ["10.0.0.7 in net"]],
  ["the same in another spelling", { networkMode: "net", ipv6Address: "FD00:0::7" }, ["fd00::7 in net"]],
  [
    "the same in another spelling, of a MAC address",
    { macAddress: "02-68-B3-29-DA-98" },
    ["02:68:b3:29:da:98 in default"],
  ],
  ["a network, aliases, none of it", { networkMode: "net", networkAliases: ["a"] }, []],
  ["an address that is known later is none yet", { networkMode: "net", ipv6Address: unknown }, [`${unknown} in net`]],
])("claimed alone: %s", (_, values, claims) => expect(exclusives(taskOptions, values)).toEqual(claims));

test.each([
  ["the default network by its other name", { networkMode: "bridge" }, { networkMode: "default" }],
  ["an empty network", {}, { networkMode: "" }],
  ["the order of aliases", { networkAliases: ["a", "b"] }, { networkAliases: ["b", "a"] }],
  ["no aliases", {}, { networkAliases: [] }],
  ["the spelling of an IPv6 address", { ipv6Address: "fd00::7" }, { ipv6Address: "FD00:0:0::7" }],
  ["the spelling of a MAC address", { macAddress: "02:68:b3:29:da:98" }, { macAddress: "02-68-B3-29-DA-98" }],
  ["empty credentials", {}, { auth: { username: "" } }],
])("%s is no change", (_, olds, news) =>
  expect(changes(taskOptions, olds, news)).toEqual({ "in-place": [], replace: [], record: [] }),
);

test("bridge written out is a change: where the tasks of a group share a network, unset is that one", () =>
  expect(changes(taskOptions, {}, { networkMode: "bridge" }).replace).toEqual(["networkMode"]));

test.each([
  ["linux", "default"],
  ["windows", "nat"],
] as const)("unset on a %s engine, the network is %s (the engine is made up)", (os, wanted) => {
  const facts: Facts = {
    place: { job: "job", group: "group", index: 0, task: "task" },
    allocation: { id: "00000000-0000-4000-8000-000000000000", ports: {} },
    dirs: allocationDirs("00000000-0000-4000-8000-000000000000", "task"),
    engine: { os },
    plugin: pluginSpec({}),
  };
  const { values } = validate(taskOptions, { image: "redis:7" }, known);
  expect(toEngine(taskOptions, values as TaskSpec, facts).HostConfig?.NetworkMode).toBe(wanted);
});

test("ports that publish nothing are warned of, those of the host are not", () => {
  const said = (networkMode?: string) => warnings(taskOptions, { ports: ["http"], networkMode }, known);
  expect([said("none").length, said("container:db").length, said("host"), said(), said("net")]).toEqual([
    1,
    1,
    [],
    [],
    [],
  ]);
});

describe("load", () => {
  const reasons = (kind: "nothing" | "unreadable" | "directory" | "archive" | "other") =>
    refusals({ load: "web.tar" }, { fileKind: () => kind });
  test.each([
    ["nothing", /"web.tar", where there is no such file; a path is relative to the program's directory/],
    ["directory", /which is a directory; name the archive in it/],
    ["unreadable", /may not be read/],
    ["other", /is no archive; make one with docker save/],
  ] as const)("%s is refused", (kind, reason) => expect(reasons(kind)).toEqual([expect.stringMatching(reason)]));

  test("an archive is taken", () => expect(reasons("archive")).toEqual([]));

  test.each(["/srv/web.tar", "C:\\web.tar", "\\\\server\\web.tar"])("%s is absolute", (load) =>
    expect(refusals({ load })).toEqual([expect.stringContaining("is an absolute path")]),
  );
});

test("credentials are in no error", () => {
  const secret = "open sesame";
  const said = [{ auth: secret }, { auth: { password: { value: secret } } }, { auth: { [secret]: 1 } }].flatMap((raw) =>
    refusals({ ...raw }),
  );
  expect(said.slice(0, 2).some((text) => text.includes(secret))).toBe(false);
  expect(said[1]).toBe("auth.password is a value not shown here, which is not a string");
});

test.each([
  ["network_mode: unset and empty", { networkMode: "" }, {}],
  ["an empty map and none", { sysctl: {} }, {}],
  ["an empty list and none", { dnsServers: [] }, {}],
])("%s say the same", (_, one, other) => {
  const of = (options: object) => ({ image: "redis:7", ...options });
  expect(changes(taskOptions, of(one), of(other)).replace).toEqual([]);
  expect(changes(taskOptions, of(one), of({})).replace).toEqual([]);
});

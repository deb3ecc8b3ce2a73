/** The addresses that a program is given of its tasks are those by which they answer. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { containersOf, inspectAll, taskOf } from "../support/engine";
import { type Network, makeNetwork } from "../support/networks";
import { until } from "../support/processes";
import { TestStack } from "../support/stack";
import { answering, ask, askInside, protocols } from "../support/talk";

interface Reached {
  readonly host: string;
  readonly driver: string;
  readonly auto: string;
  readonly plain: string;
  readonly ip: string;
  readonly networks: Readonly<Record<string, { readonly ipv4?: string; readonly ipv6?: string }>>;
}

let stack: TestStack;
let network: Network;
let reached: Readonly<Record<string, Reached>>;
let ids: Readonly<Record<string, string>>;

const web = { ports: { web: { to: 7000 } } };
const own = (name: string) => ({ ...answering(name, 7000), ports: ["web"] });

beforeAll(async () => {
  network = await makeNetwork("--subnet", "172.31.78.0/24", "--ipv6", "--subnet", "fd00:31:78::/64");
  const named = { networkMode: network.name };
  stack = await new TestStack("tests/programs/addresses").init();
  const groups = {
    apart: { group: { network: web }, tasks: { apart: own("apart") } },
    shared: { group: { network: { ...web, mode: "bridge" } }, tasks: { shared: answering("shared", 7000) } },
    both: {
      group: { network: { ports: { web: { to: 7000, hostIp: "::" } } } },
      tasks: { both: own("both") },
    },
    bridged: {
      group: { network: { mode: "bridge", ports: { web: { to: 7000, hostIp: "::" } } } },
      tasks: { bridged: answering("bridged", 7000) },
    },
    named: { group: { network: web }, tasks: { named: { ...own("named"), ...named, networkAliases: ["by-alias"] } } },
    six: { group: { network: web }, tasks: { six: { ...own("six"), ...named, advertiseIpv6Address: true } } },
    mapped: { group: { network: web }, tasks: { mapped: { ...answering("mapped", 7002), portMap: { web: 7002 } } } },
  };
  const plugin = { volumes: { enabled: true }, infraImage: "longshore/pause:3.1" };
  writeFileSync(join(stack.dir, "program.json"), JSON.stringify({ plugin, groups }));
  await stack.up();
  reached = (await stack.outputs()).reached as typeof reached;
  ids = Object.fromEntries((await inspectAll(stack.project)).map(({ Id, Config }) => [taskOf(Config), Id]));
}, 700_000);

afterAll(async () => {
  await stack.dispose();
  network.remove();
}, 120_000);

const split = (address: string): readonly [host: string, port: string] => {
  const [, host = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  return [host, port];
};

test.each(["apart", "shared", "both", "bridged", "named", "six", "mapped"])(
  "%s answers outside at the host's address, which is the one that is given without a mode",
  async (name) => {
    expect(reached[name]?.plain).toBe(reached[name]?.host);
    for (const protocol of protocols)
      await until(
        `${name} on ${protocol}`,
        async () => (await ask(protocol, reached[name]?.host ?? "")) === `${name} ${protocol}`,
      );
  },
  60_000,
);

test.each(["both", "bridged"])("%s is published on both families", async (name) => {
  const [, port] = split(reached[name]?.host ?? "");
  for (const host of ["127.0.0.1", "[::1]"])
    for (const protocol of protocols)
      expect([host, await ask(protocol, `${host}:${port}`)]).toEqual([host, `${name} ${protocol}`]);
});

test.each(["apart", "shared", "named", "six", "mapped"])("%s answers inside at the driver's address", async (name) => {
  // From a container of the same network.
  const from = ["named", "six"].includes(name)
    ? name === "six"
      ? "named"
      : "six"
    : name === "apart"
      ? "mapped"
      : "apart";
  for (const protocol of protocols)
    expect(await askInside(ids[from] ?? "", protocol, ...split(reached[name]?.driver ?? ""))).toBe(
      `${name} ${protocol}`,
    );
});

test("auto is the driver's address in a network that somebody made, and the host's else, as Nomad advertises it", () => {
  const modes = Object.entries(reached).map(([name, { auto, host, driver }]) => [
    name,
    auto === driver ? "driver" : auto === host ? "host" : auto,
  ]);
  expect(Object.fromEntries(modes)).toEqual({
    ...{ apart: "host", shared: "host", both: "host", bridged: "host", mapped: "host" },
    ...{ named: "driver", six: "driver" },
  });
  expect([reached.mapped?.driver, reached.named?.driver].map((address) => split(address ?? "")[1])).toEqual([
    "7002",
    "7000",
  ]);
});

test("the networks have an address of each family, and the task advertises one of them", () => {
  for (const name of ["named", "six"]) {
    const { ipv4, ipv6 } = reached[name]?.networks[network.name] ?? {};
    expect(ipv4).toMatch(/^172\.31\.78\./);
    expect(ipv6).toMatch(/^fd00:31:78::/);
    expect(reached[name]?.ip).toBe(name === "six" ? ipv6 : ipv4);
  }
  expect(reached.apart?.networks).toEqual({ bridge: { ipv4: reached.apart?.ip } });
  expect(reached.shared?.networks).toEqual({ bridge: { ipv4: reached.shared?.ip } });
});

test("a container of the same network finds the task by its alias and by each address", async () => {
  // Names are looked up by the container's own files.
  const byAlias = ["exec", ids.six ?? "", "sh", "-c", "nc -w 3 by-alias 7000 </dev/null"];
  expect(execFileSync("docker", byAlias, { encoding: "utf8" })).toBe("named tcp");
  const { ipv4 = "", ipv6 = "" } = reached.named?.networks[network.name] ?? {};
  for (const host of [ipv4, ipv6])
    for (const protocol of protocols)
      expect([host, await askInside(ids.six ?? "", protocol, host, 7000)]).toEqual([host, `named ${protocol}`]);
});

test("it is all quiet, and the addresses are the same after a refresh", async () => {
  await stack.ok(["preview", "--expect-no-changes"]);
  await stack.refresh("--expect-no-changes");
  expect((await stack.outputs()).reached).toEqual(reached);
  await stack.destroy();
  expect(await containersOf(stack.project)).toEqual([]);
}, 60_000);

/** What a container can reach, and where it is reached, because of the options of its network. */
import { execFileSync } from "node:child_process";
import { get } from "node:http";
import { taskHandler } from "../../../provider/handlers/task";
import { removeTasks, startTask } from "../../support/live-task";
import { type Network, makeNetwork } from "../../support/networks";
import { until } from "../../support/processes";

let network: Network;
beforeAll(async () => {
  network = await makeNetwork("--subnet", "172.31.77.0/24", "--ipv6", "--subnet", "fd00:31:77::/64");
}, 660_000);
afterEach(removeTasks);
afterAll(() => network.remove());

const ownNamespace = execFileSync("docker", [
  ...["run", "--rm", "--net", "host", "longshore/busybox:1.35", "readlink", "/proc/self/ns/net"],
])
  .toString()
  .trim();
const namespaceOf = async (task: Awaited<ReturnType<typeof startTask>>) =>
  (await task.exec("readlink", "/proc/self/ns/net")).out;
const interfaces = "ls /sys/class/net";

describe("network_mode", () => {
  test("unset: a network namespace of its own, with an interface in the default network", async () => {
    const task = await startTask();
    expect(await namespaceOf(task)).not.toBe(ownNamespace);
    expect((await task.sh(interfaces)).out.split("\n")).toContain("eth0");
    expect(task.outs.ip).toBe((await task.info()).NetworkSettings.Networks.bridge?.IPAddress);
  });

  test("host: the namespace of the engine's host, and no address of its own", async () => {
    const task = await startTask({ networkMode: "host", hostname: "named" });
    expect(await namespaceOf(task)).toBe(ownNamespace);
    expect((await task.exec("hostname")).out).toBe("named");
    expect(task.outs.ip).toBeUndefined();
  });

  test("none: the loopback only", async () => {
    const task = await startTask({ networkMode: "none" });
    expect((await task.sh("ip -o link | grep -v '<LOOPBACK' ; ip -o link | grep -c LOOPBACK")).out).toBe("1");
    expect((await task.sh("ping -c 1 -W 1 172.17.0.1")).code).not.toBe(0);
  });

  test("container:NAME: the namespace of that container, where both meet on loopback", async () => {
    const db = await startTask({ command: "nc", args: ["-ll", "-p", "5432", "-e", "echo", "hello from db"] });
    const { Name } = await db.info();
    const web = await startTask({ networkMode: `container:${Name.slice(1)}` });
    expect(await namespaceOf(web)).toBe(await namespaceOf(db));
    expect((await web.sh("nc -w 2 127.0.0.1 5432 </dev/null")).out).toBe("hello from db");
  });

  test("a network of somebody's own: its containers reach it, those of the default network do not", async () => {
    const web = await startTask({
      networkMode: network.name,
      command: "nc",
      args: ["-ll", "-p", "80", "-e", "echo", "hi"],
    });
    const inside = await startTask({ networkMode: network.name });
    const outside = await startTask();
    const ask = `nc -w 2 ${web.outs.ip ?? ""} 80 </dev/null`;
    expect((await inside.sh(ask)).out).toBe("hi");
    expect((await outside.sh(ask)).out).not.toBe("hi");
  });

  test("a network that is not there: the start fails and names it, and nothing is left", async () => {
    const name = `${network.name}-nowhere`;
    await expect(startTask({ networkMode: name })).rejects.toThrow(new RegExp(`network ${name} not found`));
  });
});

test("network_aliases: other containers of the network find it by each", async () => {
  const web = await startTask({ networkMode: network.name, networkAliases: ["web", "www.example"] });
  const other = await startTask({ networkMode: network.name });
  for (const alias of ["web", "www.example"])
    expect((await other.exec("ping", "-4", "-c", "1", "-W", "2", alias)).out).toContain(
      `(${web.outs.ip ?? "no address"})`,
    );
});

test("ipv4_address: it is the container's, and answers", async () => {
  const web = await startTask({ networkMode: network.name, ipv4Address: "172.31.77.9" });
  const other = await startTask({ networkMode: network.name });
  expect(web.outs.ip).toBe("172.31.77.9");
  expect((await other.exec("ping", "-c", "1", "-W", "2", "172.31.77.9")).code).toBe(0);
});

test("ipv4_address: a second container does not get it, and is not tried over and over", async () => {
  await startTask({ networkMode: network.name, ipv4Address: "172.31.77.9" });
  await expect(startTask({ networkMode: network.name, ipv4Address: "172.31.77.9" })).rejects.toThrow(
    /address already in use/i,
  );
});

test("ipv4_address: one outside of the network is refused by the engine, in its words", async () =>
  expect(startTask({ networkMode: network.name, ipv4Address: "10.1.2.3" })).rejects.toThrow(/10\.1\.2\.3/));

test("ipv6_address: it is the container's, and answers", async () => {
  await startTask({ networkMode: network.name, ipv6Address: "fd00:31:77::9" });
  const other = await startTask({ networkMode: network.name });
  expect((await other.exec("ping", "-6", "-c", "1", "-W", "2", "fd00:31:77::9")).code).toBe(0);
});

test("mac_address: the interface has it", async () => {
  const task = await startTask({ macAddress: "02:68:B3:29:da:98" });
  expect((await task.sh("cat /sys/class/net/eth0/address")).out).toBe("02:68:b3:29:da:98");
});

describe("advertise_ipv6_address", () => {
  test("the address that is advertised is the IPv6 one", async () => {
    const options = { networkMode: network.name, ipv6Address: "fd00:31:77::a", ipv4Address: "172.31.77.10" };
    const task = await startTask({ ...options, advertiseIpv6Address: true });
    expect(task.outs.ip).toBe("fd00:31:77::a");
    const news = { ...task.outs, advertiseIpv6Address: false };
    const { outs } = await taskHandler.update(task.id, task.outs, news);
    expect(outs.ip).toBe("172.31.77.10");
    expect((await taskHandler.read(task.id, task.outs))?.props.ip).toBe("fd00:31:77::a");
  });

  test("a network without IPv6 gives none, and that is said", async () => {
    const said = jest.spyOn(console, "error").mockImplementation(() => undefined);
    const task = await startTask({ advertiseIpv6Address: true });
    expect(task.outs.ip).toBeUndefined();
    expect(said).toHaveBeenCalledWith(expect.stringContaining("no network gives its container an IPv6 address"));
    said.mockRestore();
  });
});

const answer = (address: string) =>
  new Promise<string>((resolve, reject) => {
    get(`http://${address}/`, (response) => {
      let text = "";
      response.on("data", (data: Buffer) => (text += data.toString()));
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });

const server = {
  command: "/bin/sh",
  args: ["-c", "mkdir /tmp/w && echo it is me > /tmp/w/index.html && exec httpd -f -p 8088 -h /tmp/w"],
};

test("port_map: the host's port leads to the port of the map, which the program is told", async () => {
  const task = await startTask({ ...server, portMap: { http: 8088 } }, { network: { ports: { http: { to: 80 } } } });
  expect((await task.sh("echo $NOMAD_PORT_http")).out).toBe("8088");
  expect((await answer(task.outs.addresses.http ?? "")).trim()).toBe("it is me");
});

test("ports with the host's network: the program itself listens on the host", async () => {
  const listening =
    "mkdir /tmp/w && echo on the host > /tmp/w/index.html && exec httpd -f -p $NOMAD_HOST_PORT_http -h /tmp/w";
  const task = await startTask(
    { networkMode: "host", command: "/bin/sh", args: ["-c", listening], ports: ["http"] },
    { network: { ports: { http: {} } } },
  );
  const ask = () => answer(task.outs.addresses.http ?? "").catch(() => "");
  await until("it answers", async () => (await ask()) !== "");
  expect((await ask()).trim()).toBe("on the host");
});

test("hostname, extra_hosts, dns_*: the container's own files say so", async () => {
  const task = await startTask({
    hostname: "web.example",
    extraHosts: ["db:10.0.0.7", "six:fd00::1"],
    dnsServers: ["10.0.0.2"],
    dnsSearchDomains: ["example.test"],
    dnsOptions: ["ndots:2"],
  });
  expect((await task.exec("hostname")).out).toBe("web.example");
  expect((await task.exec("cat", "/etc/hosts")).out).toMatch(/^10\.0\.0\.7\s+db$[^]*^fd00::1\s+six$/m);
  const resolver = (await task.exec("cat", "/etc/resolv.conf")).out;
  for (const line of ["nameserver 10.0.0.2", "search example.test", "options ndots:2"])
    expect(resolver).toContain(line);
});

test("ports: tcp and udp of the host lead to the label's port in the container", async () => {
  const network = { ports: { http: { to: 8080 } } };
  const options = { image: "longshore/echo:1", command: undefined, args: undefined, ports: ["http"] };
  const task = await startTask(options, { network });
  const { Ports } = (await task.info()).NetworkSettings as unknown as { readonly Ports: object };
  expect(Object.keys(Ports).sort()).toEqual(["8080/tcp", "8080/udp"]);
  const url = `http://${task.outs.addresses.http ?? ""}/`;
  await until("it answers", () =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  expect(await (await fetch(url)).text()).toBe("hello from longshore\n");
});

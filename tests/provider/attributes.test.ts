/** What is made of what engines say; some kinds of engines cannot run here. */
import { bridgeIpIn } from "../../provider/bridge-ip";
import { attributeRows, attributesFrom } from "../../provider/attributes";
import type { EngineInfo } from "../../provider/engine/types";
import { pluginSpec } from "../../provider/plugin-spec";

const info: EngineInfo = {
  ID: "id",
  Architecture: "",
  Name: "host",
  NCPU: 4,
  MemTotal: 1024,
  DockerRootDir: "/d",
  OSType: "linux",
  ServerVersion: "29.0.0",
  SystemTime: "",
};
const from = (more: Partial<EngineInfo>, plugin = {}, fingerprint = {}) =>
  attributesFrom({ info: { ...info, ...more }, fingerprint, plugin: pluginSpec(plugin) });

test.each([
  ["Linux's name of a machine is Go's", { Architecture: "aarch64" }, { "attr.cpu.arch": "arm64" }],
  ["a name that both have", { Architecture: "riscv64" }, { "attr.cpu.arch": "riscv64" }],
  [
    "a system with a name and a version",
    { OperatingSystem: "Ubuntu 24.04.1 LTS" },
    { "attr.os.name": "ubuntu", "attr.os.version": "24.04.1" },
  ],
  ["a version of its own", { OperatingSystem: "Debian GNU/Linux", OSVersion: "12" }, { "attr.os.version": "12" }],
  ["labels", { Labels: ["rack=r1", "a=b=c", "flag"] }, { "meta.rack": "r1", "meta.a": "b=c" }],
  ["runtimes in order", { Runtimes: { runc: {}, crun: {} } }, { "attr.driver.docker.runtimes": "crun,runc" }],
] as const)("%s", (_, more, wanted) => expect(from(more as Partial<EngineInfo>)).toMatchObject(wanted));

test("what an engine does not say, it does not have", () =>
  expect(Object.keys(from({}))).toEqual([
    ...["attr.driver.docker", "attr.driver.docker.version", "attr.driver.docker.os_type", "attr.memory.totalbytes"],
    ...["attr.kernel.name", "attr.unique.hostname", "node.unique.id", "node.unique.name"],
  ]));

test("what the operator allows", () =>
  expect(from({}, { allowPrivileged: true, volumes: { enabled: true } })).toMatchObject({
    "attr.driver.docker.privileged.enabled": "true",
    "attr.driver.docker.volumes.enabled": "true",
  }));

test("the speed of a core is its part of the machine's", () =>
  expect(from({}, {}, { cpuCores: 4, cpuTotalCompute: 10_001 })).toMatchObject({
    "attr.cpu.totalcompute": "10001",
    "attr.cpu.frequency": "2500",
  }));

test("every name begins as texts write it", () =>
  expect(Object.keys(attributeRows).filter((name) => !/^(?:attr|node)\.[a-z0-9_.]+$/.test(name))).toEqual([]));

describe("the host's address in the default network", () => {
  test.each([
    ["as the engine lists it", [{ Subnet: "10.1.0.0/24", Gateway: "10.1.0.9" }], "10.1.0.9"],
    ["the first, where it lists none", [{ Subnet: "172.17.0.0/16" }], "172.17.0.1"],
    ["of IPv4", [{ Subnet: "fd00::/80" }, { Subnet: "10.1.0.128/25" }], "10.1.0.129"],
    ["none without a network", [], undefined],
  ])("%s", (_, Config, address) => {
    expect(bridgeIpIn({ IPAM: { Config } })).toBe(address);
  });
});

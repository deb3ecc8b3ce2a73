/** What only the engine tells of a task author's attempts: that nothing was made, and that nothing was reached. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { engine } from "../../support/engine";
import { Refused, removeTasks, startTask } from "../../support/live-task";

afterEach(removeTasks);

const aName = () => `gates-${randomUUID().slice(0, 8)}`;
/** Containers and volumes of the task of a name. */
const left = async (name: string) => {
  const isIts = (labels: Readonly<Record<string, string>> | null | undefined) =>
    labels?.["longshore.key"]?.endsWith(`/${name}`) === true;
  const [containers, volumes] = await Promise.all([
    engine.listContainers(["longshore.key"]),
    engine.listVolumes(["longshore.key"]),
  ]);
  return [...containers, ...volumes].filter(({ Labels }) => isIts(Labels)).length;
};

test.each([
  ["privileged", { privileged: true }],
  ["a path of the host", { volumes: ["/:/host"] }],
  ["the host's processes", { pidMode: "host" }],
  ["all GPUs", { deviceRequests: [{ capabilities: [["cdi"], ["gpu"]] }], runtime: "runc" }],
])("%s: refused before anything is made", async (_, options) => {
  const name = aName();
  await expect(startTask(options, { name, plugin: { allowDevices: [] } })).rejects.toThrow(Refused);
  expect(await left(name)).toBe(0);
});

const corePattern = () => readFileSync("/proc/sys/kernel/core_pattern", "utf8");

test.each(["kernel.core_pattern", "net/../kernel/core_pattern", "net.../kernel/core_pattern"])(
  "the kernel parameter %s is the host's: the engine sets none, and what was made is gone",
  async (key) => {
    const [name, before] = [aName(), corePattern()];
    await expect(startTask({ sysctl: { [key]: "|/bin/true" } }, { name })).rejects.toThrow(/sysctl|core_pattern/);
    expect([await left(name), corePattern()]).toEqual([0, before]);
  },
);

test("root of a container writes no parameter of the kernel, opens no disk, and mounts nothing", async () => {
  const task = await startTask({ user: "0" });
  const before = corePattern();
  expect((await task.sh("echo '|/bin/true' > /proc/sys/kernel/core_pattern")).out).toMatch(/Read-only file system/);
  expect((await task.sh("mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk")).out).toMatch(/not permitted/);
  expect((await task.sh("mount -t proc proc /mnt")).out).toMatch(/denied|not permitted/);
  expect((await task.sh("test -e /var/run/docker.sock")).code).not.toBe(0);
  expect(corePattern()).toBe(before);
});

test("a name in volumes is never a volume of the engine's, whoever's it is", async () => {
  const volume = `longshore-test-${aName()}`;
  await engine.createVolume(volume, {});
  try {
    const task = await startTask({ volumes: [`${volume}:/x`, "local/a\n/etc:/y"] });
    const { Mounts = [] } = await task.info();
    expect(Mounts.filter(({ Name }) => !Name?.startsWith(`longshore-${task.outs.allocId}-`))).toEqual([]);
    expect(await task.sh("ls /x /y")).toEqual({ code: 0, out: "/x:\n\n/y:" });
  } finally {
    await engine.removeVolume(volume);
  }
});

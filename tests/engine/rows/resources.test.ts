/** What a container gets of the machine, and where the limit bites. Files of cgroup v1, or of v2 where the engine has it. */
import { connectionOf } from "../../../provider/connection";
import { removeTasks, startTask } from "../../support/live-task";

afterEach(removeTasks);

const MiB = 1024 * 1024;
let isV2: boolean;
beforeAll(async () => (isV2 = (await connectionOf({}).info()).CgroupVersion === "2"));

/** A file of the container's own cgroup. */
const cgroup = (v1: string, v2: string) => `cat /sys/fs/cgroup/${isV2 ? v2 : v1}`;

test("cpu: the weight against others is as said", async () => {
  const [less, more] = await Promise.all([startTask({ cpu: 256 }), startTask({ cpu: 1024 })]);
  const weight = async (task: typeof less) => Number((await task.sh(cgroup("cpu/cpu.shares", "cpu.weight"))).out);
  expect(await weight(more)).toBeGreaterThan(await weight(less));
  if (!isV2) expect(await weight(less)).toBe(256);
});

test("cpu_hard_limit and cpu_cfs_period: a busy task is held back, and without them it is not", async () => {
  const throttled = `${cgroup("cpu/cpu.stat", "cpu.stat")} | grep nr_throttled`;
  const busy = `timeout 2 sh -c 'while :; do :; done'; ${throttled}`;
  const machine = { plugin: { cpuTotalCompute: 10_000 } };
  const [held, free] = await Promise.all([
    startTask({ cpu: 500, cpuHardLimit: true, cpuCfsPeriod: 50_000 }, machine),
    startTask({ cpu: 500 }, machine),
  ]);
  const quota = await held.sh(isV2 ? cgroup("", "cpu.max") : cgroup("cpu/cpu.cfs_period_us", ""));
  expect(quota.out).toMatch(/50000$/);
  const count = ({ out }: { readonly out: string }) => Number(/nr_throttled (\d+)/.exec(out)?.[1]);
  expect(count(await held.sh(busy))).toBeGreaterThan(5);
  expect(count(await free.sh(busy))).toBe(0);
}, 30_000);

test("cpuset_cpus: the task runs on the first CPU only", async () => {
  const task = await startTask({ cpusetCpus: "0" });
  expect((await task.sh("grep Cpus_allowed_list /proc/self/status")).out).toMatch(/\s0$/);
});

// The whole text is in the shell's memory.
const fill = (mib: number) => `x=$(head -c ${mib * MiB} /dev/zero | tr '\\0' x); echo held \${#x}`;

test("memory: what takes more is killed; there is no swap to go to", async () => {
  const task = await startTask({ memory: 32 });
  expect((await task.sh(fill(4))).out).toBe(`held ${4 * MiB}`);
  expect((await task.sh(fill(64))).code).not.toBe(0);
  const { HostConfig } = await task.info();
  expect([HostConfig.Memory, HostConfig.MemorySwap]).toEqual([32 * MiB, 32 * MiB]);
});

test("memory_hard_limit: the task may go beyond memory, up to it", async () => {
  const task = await startTask({ memory: 16, memoryHardLimit: 128 });
  expect((await task.sh(fill(20))).out).toBe(`held ${20 * MiB}`);
  expect((await task.sh(fill(256))).code).not.toBe(0);
  const soft = await task.sh(cgroup("memory/memory.soft_limit_in_bytes", "memory.low"));
  expect(soft.out).toBe(String(16 * MiB));
});

test("pids_limit: no more processes than that", async () => {
  const task = await startTask({ pidsLimit: 10 });
  const { out } = await task.sh("for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 5 & done; wait");
  expect(out).toMatch(/fork/i);
});

test("shm_size: shared memory has that size, and no byte more goes in", async () => {
  const task = await startTask({ shmSize: 2 * MiB });
  expect((await task.sh("head -c 1048576 /dev/zero > /dev/shm/x")).code).toBe(0);
  expect((await task.sh("head -c 4194304 /dev/zero > /dev/shm/x")).code).not.toBe(0);
  expect((await task.sh("wc -c < /dev/shm/x")).out).toBe(String(2 * MiB));
});

test("sysctl: the kernel's parameter is the container's own", async () => {
  const task = await startTask({ sysctl: { "net.core.somaxconn": "321" } });
  expect((await task.exec("cat", "/proc/sys/net/core/somaxconn")).out).toBe("321");
});

test("ulimit: the soft and the hard limit, and no file beyond", async () => {
  const task = await startTask({ ulimit: { nofile: "64:128", core: "0" } });
  expect((await task.sh("ulimit -Sn; ulimit -Hn; ulimit -c")).out.split(/\s+/)).toEqual(["64", "128", "0"]);
  expect((await task.sh("ulimit -Sn 256")).code).not.toBe(0);
});

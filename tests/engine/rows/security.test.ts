/** What a container can and cannot do because of the options of its security. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { connectionOf } from "../../../provider/connection";
import { Refused, type LiveTask, removeTasks, startTask } from "../../support/live-task";

afterEach(removeTasks);

const bits = { CHOWN: 0, KILL: 5, SETUID: 7, NET_BIND_SERVICE: 10, NET_ADMIN: 12, NET_RAW: 13, MKNOD: 27 } as const;

/** A field of the first process's status. */
const statusOf = async (task: LiveTask, field: string) =>
  new RegExp(`^${field}:\\s*(.*)$`, "m").exec((await task.exec("cat", "/proc/1/status")).out)?.[1] ?? "";

const canDo = async (task: LiveTask, name: keyof typeof bits) =>
  ((BigInt(`0x${await statusOf(task, "CapEff")}`) >> BigInt(bits[name])) & 1n) === 1n;

const namespaceOf = async (task: LiveTask, kind: string) => (await task.exec("readlink", `/proc/self/ns/${kind}`)).out;
const hostNamespace = (kind: string) => readlinkSync(`/proc/self/ns/${kind}`);

describe("capabilities", () => {
  test("by default the task has Docker's fourteen, NET_RAW among them", async () => {
    const task = await startTask();
    expect(await statusOf(task, "CapEff")).toBe("00000000a80425fb");
    expect((await task.sh("ping -c1 -W1 127.0.0.1")).code).toBe(0);
  });

  test("allow_caps hardened: no raw socket, and what the task has is said in its cap_drop", async () => {
    const task = await startTask({}, { plugin: { allowCaps: "hardened" } });
    expect(task.outs.capDrop).toEqual(["NET_RAW"]);
    expect(await canDo(task, "NET_RAW")).toBe(false);
    expect(await canDo(task, "CHOWN")).toBe(true);
    expect((await task.sh("ping -c1 -W1 127.0.0.1")).out).toMatch(/permission denied/);
  });

  test("cap_add NET_ADMIN: the task can take its own interface down; without, it cannot", async () => {
    const plugin = { allowCaps: ["nomad-1.0", "net_admin"] };
    const [usual, admin] = await Promise.all([
      startTask({}, { plugin }),
      startTask({ capAdd: ["cap_net_admin"] }, { plugin }),
    ]);
    const down = "ip link set lo down && echo done";
    expect((await usual.sh(down)).out).toMatch(/not permitted/);
    expect((await admin.sh(down)).out).toBe("done");
  });

  test("cap_drop: the task cannot change owners; with ALL it keeps what it adds alone", async () => {
    const [some, only] = await Promise.all([
      startTask({ capDrop: ["cap_chown", "mknod"] }),
      startTask({ capDrop: ["ALL"], capAdd: ["KILL"] }),
    ]);
    expect((await some.sh("touch /x && chown 1000 /x")).out).toMatch(/not permitted/);
    expect((await some.sh("mknod /y c 1 3")).out).toMatch(/not permitted/);
    expect(await canDo(some, "SETUID")).toBe(true);
    expect(await statusOf(only, "CapEff")).toBe("0000000000000020");
  });

  test("cap_add ALL: what the machine has; engine 20.10 must be told to drop what it has not (SYS_RESOURCE here)", async () => {
    const plugin = { allowCaps: ["ALL"] };
    const task = await startTask({ capAdd: ["ALL"] }, { plugin }).catch(() =>
      startTask({ capAdd: ["ALL"], capDrop: ["SYS_RESOURCE"] }, { plugin }),
    );
    expect(Number.parseInt(await statusOf(task, "CapEff"), 16)).toBeGreaterThan(0x3000000000);
    expect(await canDo(task, "NET_ADMIN")).toBe(true);
  });

  test("what is not allowed is refused before anything is made", async () => {
    await expect(startTask({ capAdd: ["NET_ADMIN"] })).rejects.toThrow(/cap_add asks for NET_ADMIN/);
    await expect(startTask({}, { plugin: { allowCaps: ["KILL"] } })).rejects.toThrow(/cap_drop leaves the task/);
  });
});

describe("devices", () => {
  const device = (cgroupPermissions?: string) => ({
    devices: [
      {
        hostPath: "/dev/zero",
        containerPath: "/dev/own",
        ...(cgroupPermissions !== undefined && { cgroupPermissions }),
      },
    ],
  });
  const loop = { hostPath: "/dev/loop-control", containerPath: "/dev/own" };

  test("one that is named can be opened at its place, and is not there without", async () => {
    const [plain, task] = await Promise.all([startTask(), startTask({ devices: [{ hostPath: "/dev/fuse" }] })]);
    expect((await plain.sh("exec 3</dev/fuse")).out).toMatch(/can't open/);
    expect((await plain.sh("mknod /dev/fuse c 10 229 && exec 3</dev/fuse")).out).toMatch(/not permitted/);
    expect(await task.sh("exec 3<>/dev/fuse && echo open")).toEqual({ code: 0, out: "open" });
  });

  test('permissions "r": it is read, and not written', async () => {
    const [read, write] = await Promise.all([
      startTask({ devices: [{ ...loop, cgroupPermissions: "r" }] }),
      startTask({ devices: [loop] }),
    ]);
    expect((await read.sh("exec 3</dev/own && echo open")).out).toBe("open");
    expect((await read.sh("exec 3<>/dev/own")).out).toMatch(/not permitted/);
    expect((await write.sh("exec 3<>/dev/own && echo open")).out).toBe("open");
  });

  test("one that the host does not have is the engine's reason, in the error", () =>
    expect(startTask({ devices: [{ hostPath: "/dev/nosuch" }] })).rejects.toThrow(/"\/dev\/nosuch".*no such file/));

  test("allow_devices: another is refused", () =>
    expect(startTask(device(), { plugin: { allowDevices: ["/dev/fuse"] } })).rejects.toThrow(Refused));
});

describe("security_opt", () => {
  const dir = mkdtempSync(join(tmpdir(), "longshore-seccomp-"));
  const file = join(dir, "no-mkdir.json");
  beforeAll(() =>
    writeFileSync(
      file,
      JSON.stringify(
        {
          defaultAction: "SCMP_ACT_ALLOW",
          syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO" }],
        },
        undefined,
        2,
      ),
    ),
  );
  afterAll(() => rmSync(dir, { recursive: true }));

  test("a seccomp profile, read from a path relative to the program: a call that it denies fails", async () => {
    const task = await startTask({ securityOpt: [`seccomp=${relative(process.cwd(), file)}`] });
    expect((await task.sh("mkdir /x")).out).toMatch(/not permitted/);
    expect((await task.sh("touch /x && chmod 600 /x && echo done")).out).toBe("done");
    expect(await statusOf(task, "Seccomp")).toBe("2");
  });

  test("seccomp unconfined: no filter at all", async () => {
    const task = await startTask({ securityOpt: ["seccomp=unconfined"] });
    expect(await statusOf(task, "Seccomp")).toBe("0");
  });

  test("no-new-privileges: no program gives more than its caller has", async () => {
    const [plain, task] = await Promise.all([startTask(), startTask({ securityOpt: ["no-new-privileges"] })]);
    expect([await statusOf(plain, "NoNewPrivs"), await statusOf(task, "NoNewPrivs")]).toEqual(["0", "1"]);
  });

  test("a profile that is not there is refused", () =>
    expect(startTask({ securityOpt: ["seccomp=no-such-profile.json"] })).rejects.toThrow(
      /security_opt names the seccomp profile "no-such-profile.json", and there is no such file/,
    ));
});

describe("namespaces", () => {
  const kinds = ["ipc", "pid", "uts", "cgroup"] as const;

  test("of its own by default; the engine's cgroup namespace, on cgroup v1", async () => {
    const task = await startTask();
    for (const kind of kinds.filter((one) => one !== "cgroup"))
      expect([kind, await namespaceOf(task, kind)]).not.toEqual([kind, hostNamespace(kind)]);
  });

  test("the host's, when the operator allows it", async () => {
    const task = await startTask(
      { ipcMode: "host", pidMode: "host", utsMode: "host", usernsMode: "host", cgroupns: "host" },
      { plugin: { allowPrivileged: true } },
    );
    for (const kind of [...kinds, "user"])
      expect([kind, await namespaceOf(task, kind)]).toEqual([kind, hostNamespace(kind)]);
    expect((await task.exec("cat", `/proc/${process.pid}/comm`)).out).toBe(
      readFileSync(`/proc/${process.pid}/comm`, "utf8").trim(),
    );
  });

  test("cgroupns private: the container's own cgroup is its root", async () => {
    const task = await startTask({ cgroupns: "private" });
    expect(await namespaceOf(task, "cgroup")).not.toBe(hostNamespace("cgroup"));
    expect((await task.exec("cat", "/proc/self/cgroup")).out).toMatch(/:memory:\/$/m);
  });

  test("another container's, when it lets itself be joined", async () => {
    const plugin = { allowPrivileged: true };
    const peer = await startTask({ ipcMode: "shareable" });
    const mode = `container:${peer.id}`;
    const task = await startTask({ ipcMode: mode, pidMode: mode }, { plugin });
    for (const kind of ["ipc", "pid"]) expect(await namespaceOf(task, kind)).toBe(await namespaceOf(peer, kind));
  });

  test("ipc_mode none: there is no shared memory to open", async () => {
    const task = await startTask({ ipcMode: "none" });
    expect((await task.exec("cat", "/proc/mounts")).out).not.toMatch(/ \/dev\/shm /);
  });

  test("refused, they leave nothing behind", () =>
    expect(startTask({ pidMode: "host" })).rejects.toThrow(/pid_mode is "host", which gives up/));
});

describe("the process", () => {
  test("init: the first process is the engine's init; without it, the command", async () => {
    const [plain, task] = await Promise.all([startTask(), startTask({ init: true })]);
    expect((await plain.exec("cat", "/proc/1/comm")).out).toBe("sleep");
    expect((await task.exec("cat", "/proc/1/comm")).out).toMatch(/init|tini/);
  });

  test("group_add: the command has the groups", async () => {
    const task = await startTask({ user: "1000:1000", groupAdd: ["2000", "3000"] });
    expect((await statusOf(task, "Groups")).split(/\s+/).filter(Boolean).sort()).toEqual(
      expect.arrayContaining(["2000", "3000"]),
    );
  });

  test("oom_score_adj: the kernel is told", async () => {
    const task = await startTask({ oomScoreAdj: 500 });
    expect((await task.exec("cat", "/proc/1/oom_score_adj")).out).toBe("500");
  });

  test("runtime: the named one runs it; what the operator or the engine does not have is refused", async () => {
    const named = "io.containerd.runc.v2";
    const task = await startTask({ runtime: named }, { plugin: { allowRuntimes: [named] } });
    expect((await task.info()).HostConfig.Runtime).toBe(named);
    await expect(startTask({ runtime: named })).rejects.toThrow(/the operator allows nvidia, runc/);
    await expect(startTask({ runtime: "nvidia" })).rejects.toThrow(/"nvidia", and the engine has .*runc/);
    await expect(startTask({ deviceRequests: [{ count: 1 }] })).rejects.toThrow(/device_requests asks for a GPU/);
  });

  const stopped = async (task: LiveTask) => {
    const began = Date.now();
    // Without a time of the command's own: as the engine does by itself.
    await promisify(execFile)("docker", ["-H", connectionOf({}).engine.endpoint.url, "stop", task.id]);
    return { took: Date.now() - began, code: (await task.info()).State.ExitCode };
  };

  test("stop_signal: the engine ends the task by it", async () => {
    const script = "trap 'exit 7' INT; while :; do sleep 0.1; done";
    const task = await startTask({ command: "/bin/sh", args: ["-c", script], stopSignal: "SIGINT" });
    expect((await stopped(task)).code).toBe(7);
  });

  test("stop_timeout: the engine waits so long before it kills", async () => {
    const script = "trap '' TERM; while :; do sleep 0.1; done";
    const task = await startTask({ command: "/bin/sh", args: ["-c", script], stopTimeout: "1s" });
    const { took, code } = await stopped(task);
    expect(code).toBe(137);
    expect(took).toBeLessThan(8000);
  });

  test("longshore's own stop sends stop_signal, and waits for kill_timeout", async () => {
    const script = "trap 'echo bye >/alloc/data/bye; exit 0' INT; trap '' TERM; while :; do sleep 0.1; done";
    const peer = {
      command: "/bin/sh",
      args: ["-c", script],
      killSignal: undefined,
      stopSignal: "SIGINT",
      stopTimeout: "1m",
    };
    const task = await startTask(peer, { plugin: { gc: { container: false } } });
    const began = Date.now();
    await task.remove();
    expect(Date.now() - began).toBeLessThan(4000);
    const { engine } = connectionOf({});
    expect((await engine.inspectContainer(task.id)).State.ExitCode).toBe(0);
    await engine.removeContainer(task.id);
  });
});

/** What comes of a task that this engine may not be able to run. */
const tried = async (...task: Parameters<typeof startTask>): Promise<LiveTask | string> =>
  startTask(...task).catch((error: unknown) => (error as Error).message);

test("storage_opt: where the engine has no quotas (overlay on ext4, containerd's store), its reason is in the error", async () => {
  const task = await tried({ storageOpt: { size: "1G" } });
  if (typeof task === "string")
    expect(task).toMatch(
      /storage-opt is supported only for overlay over xfs|storage_opt is set, and this engine keeps containers in containerd's store/,
    );
  else expect((await task.info()).HostConfig.StorageOpt).toEqual({ size: "1G" });
});

test("privileged: all that the engine has; where that is too little (no CAP_SYS_RESOURCE), its reason is in the error", async () => {
  const task = await tried({ privileged: true }, { plugin: { allowPrivileged: true } });
  if (typeof task === "string") expect(task).toMatch(/unable to apply caps/);
  else expect((await task.sh("exec 3<>/dev/loop-control && ip link set lo down && echo done")).out).toBe("done");
});

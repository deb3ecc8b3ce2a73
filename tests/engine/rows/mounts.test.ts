/** What a container can and cannot do with what is mounted into it. */
import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareDirs } from "../../../provider/prepare-dirs";
import { engine } from "../../support/engine";
import { type LiveTask, Refused, inContainer, removeTasks, startTask } from "../../support/live-task";

afterEach(removeTasks);

const operator = { plugin: { volumes: { enabled: true } } };
const text = async (task: LiveTask, script: string) => (await task.sh(script)).out;
const volumesOf = async (task: LiveTask) =>
  (await engine.listVolumes([`longshore.alloc_id=${task.outs.allocId}`])).map(({ Name }) => Name);

/** A name for a volume of its own, removed in the end. */
const named = new Set<string>();
const aName = () => {
  const name = `longshore-test-${randomUUID().slice(0, 8)}`;
  named.add(name);
  return name;
};
afterAll(() => Promise.all([...named].map((name) => engine.removeVolume(name))));

describe("a relative source", () => {
  test.each([
    ["volumes", { volumes: ["local/x:/data"] }],
    ["volumes, with dots and a slash at the end", { volumes: ["./local/../local//x/:/data/"] }],
    ["mount", { mount: [{ type: "bind", source: "local/x", target: "/data" }] }],
    ["mounts", { mounts: [{ type: "bind", source: "local/x", target: "/data" }] }],
  ])("%s: /local/x and /data are one directory, in both directions", async (_, options) => {
    const task = await startTask(options);
    expect(
      await text(task, "echo one > /local/x/a; echo two > /data/b; cat /data/a /local/x/b; rm /data/a; ls /local/x"),
    ).toBe("one\ntwo\nb");
  });

  test("anybody may write into it", async () => {
    const task = await startTask({ user: "1000:1000", volumes: ["cache:/cache", "local/deep/er:/deeper"] });
    expect(await task.sh("touch /cache/x /deeper/x /local/deep/er/y /local/deep/z")).toEqual({ code: 0, out: "" });
    expect(await text(task, "stat -c '%a %u' /cache /deeper /local/deep")).toBe("777 65534\n777 65534\n777 65534");
  });

  test("the task's directory as a whole shows local and secrets", async () => {
    const task = await startTask({ volumes: [".:/all"] });
    expect(await text(task, "echo a > /local/a; echo b > /secrets/b; cat /all/local/a /all/secrets/b")).toBe("a\nb");
  });

  test("beneath secrets it is memory, from which nothing runs", async () => {
    const task = await startTask({ volumes: ["secrets/keys:/keys"] });
    expect(
      await text(
        task,
        "echo k > /keys/k; cat /secrets/keys/k; grep -c ' /keys tmpfs .*noexec.*size=1024k' /proc/mounts",
      ),
    ).toBe("k\n1");
  });

  test("read-only where it is said, and writable where it is the task's own", async () => {
    const task = await startTask({ volumes: ["local/x:/data:ro", "local/x/y:/y"] });
    expect(await text(task, "touch /data/a")).toMatch(/Read-only file system/);
    expect(await text(task, "touch /data/y/a")).toMatch(/Read-only file system/);
    expect(await task.sh("touch /local/x/a /y/b && ls /data/a /data/y/b")).toEqual({
      code: 0,
      out: "/data/a\n/data/y/b",
    });
  });

  test("what is mounted inside a directory is seen there, and in no other place", async () => {
    const task = await startTask({ volumes: ["other:/local/x", "local/x/y:/y"] });
    expect(await text(task, "echo o > /local/x/o; echo y > /y/y; ls /local/x; ls /y")).toBe("o\ny");
  });

  test("on a file system that is read-only otherwise it is writable", async () => {
    const task = await startTask({ readonlyRootfs: true, volumes: ["local/x:/mnt"] });
    expect(await task.sh("touch /mnt/x /local/x/y")).toEqual({ code: 0, out: "" });
  });

  test("gone with the task, as the others are", async () => {
    const task = await startTask({ volumes: ["local/a/b:/data", "x:/x", "../alloc/c:/c", "secrets/d:/d"] });
    expect(await volumesOf(task)).toHaveLength(3 + 5);
    await task.remove();
    expect(await volumesOf(task)).toEqual([]);
  });

  test("gone with the task whose container somebody removed", async () => {
    const task = await startTask({ volumes: ["local/a:/data"] });
    await engine.removeContainer(task.id);
    await task.remove();
    expect(await volumesOf(task)).toEqual([]);
  });
});

test("two tasks of a group share ../alloc/data, each from where it has it", async () => {
  const allocation = { id: randomUUID(), sharedDirs: ["alloc/data"] };
  const one = await startTask({ volumes: ["../alloc/data:/data"] }, { allocation, name: "one" });
  const two = await startTask({}, { allocation, name: "two" });
  expect(await text(one, "echo from-one > /data/a")).toBe("");
  expect(await text(two, "cat /alloc/data/a; echo from-two > /alloc/data/b")).toBe("from-one");
  expect(await text(one, "cat /data/b /alloc/data/b")).toBe("from-two\nfrom-two");
  await one.remove();
  expect(await text(two, "cat /alloc/data/a")).toBe("from-one");
  await two.remove();
  expect(await volumesOf(one)).toEqual([]);
});

describe("mount", () => {
  test("tmpfs: memory of the size and mode that is said, and no more", async () => {
    const task = await startTask({
      mount: [{ type: "tmpfs", target: "/scratch", tmpfsOptions: { size: 1_048_576, mode: 0o700 } }],
    });
    expect(await text(task, "stat -c %a /scratch")).toBe("700");
    const fill = (file: string) => text(task, `dd if=/dev/zero of=/scratch/${file} bs=1024 count=900 2>&1`);
    expect(await fill("x")).not.toMatch(/No space/);
    expect(await fill("y")).toMatch(/No space left on device/);
    expect(
      await text(
        task,
        "rm /scratch/*; printf '#!/bin/sh\\necho ran' > /scratch/run; chmod +x /scratch/run; /scratch/run",
      ),
    ).toMatch(/ermission denied/);
  });

  test("a named volume survives the task, and readonly is refused a write", async () => {
    const name = aName();
    const first = await startTask({ mount: [{ source: name, target: "/data" }] }, operator);
    await first.sh("echo kept > /data/x");
    await first.remove();
    const second = await startTask({ mount: [{ source: name, target: "/data", readonly: true }] }, operator);
    expect(await text(second, "cat /data/x; touch /data/y")).toMatch(/^kept\n.*Read-only file system/);
  });

  test("an anonymous volume goes with the task", async () => {
    const task = await startTask({ mount: [{ target: "/data" }] }, operator);
    const { Mounts = [] } = await task.info();
    const { Name = "" } = Mounts.find(({ Destination }) => Destination === "/data") ?? {};
    expect(await engine.tryInspectVolume(Name)).toBeDefined();
    await task.remove();
    expect(await engine.tryInspectVolume(Name)).toBeUndefined();
  });

  test.each([
    ["a new volume begins as a copy of what the image has there", {}, "/etc/passwd"],
    ["with no_copy it begins empty", { volumeOptions: { noCopy: true } }, "ls: /etc/passwd: No such file or directory"],
  ])("%s", async (_, options, listed) => {
    const task = await startTask({ mount: [{ source: aName(), target: "/etc", ...options }] }, operator);
    expect(await text(task, "ls /etc/passwd")).toBe(listed);
  });

  test("labels and the driver's options are the volume's", async () => {
    const name = aName();
    const task = await startTask(
      {
        mount: [
          {
            source: name,
            target: "/mem",
            volumeOptions: {
              labels: { team: "web" },
              driverConfig: { name: "local", options: { type: "tmpfs", device: "tmpfs", o: "size=2m,mode=711" } },
            },
          },
        ],
      },
      operator,
    );
    expect(await text(task, "grep -c ' /mem tmpfs .*size=2048k' /proc/mounts; stat -c %a /mem")).toBe("1\n711");
    expect((await engine.tryInspectVolume(name))?.Labels).toEqual({ team: "web" });
  });
});

// SELinux is not active in any kernel here: what is seen is that labelled directories are the same directories.
describe("a label", () => {
  test.each([
    ["of the operator", { volumes: ["local/x:/data", "local/y:/y:ro"] }, { volumes: { selinuxlabel: "z" } }],
    ["of a volume", { volumes: ["local/x:/data:z", "local/y:/y:ro,Z"] }, {}],
  ])("%s: directories are made, shared and removed as without", async (_, options, plugin) => {
    const task = await startTask({ user: "1000", ...options }, { plugin });
    expect(await text(task, "echo a > /data/a; cat /local/x/a; touch /local/y/y; ls /y; touch /alloc/data/z")).toBe(
      "a\ny",
    );
    expect(await text(task, "touch /y/z")).toMatch(/Read-only file system/);
    expect(await text(task, "grep -c ' /secrets tmpfs .*size=1024k' /proc/mounts")).toBe("1");
    const { HostConfig } = await task.info();
    expect(HostConfig.Binds).toEqual(
      expect.arrayContaining([expect.stringMatching(/:\/data:nocopy,z$/), expect.stringMatching(/:\/y:nocopy,ro,z$/i)]),
    );
    await task.remove();
    expect(await volumesOf(task)).toEqual([]);
  });
});

describe("directories of a container are made", () => {
  const elsewhere = "/nowhere/on/this/machine";

  test.each([
    ["the usual ones", {}, "/alloc /alloc/data /alloc/logs /local"],
    ["on a read-only file system", { readonlyRootfs: true }, "/alloc /alloc/data /alloc/logs /local"],
    [
      "where the image has a symlink, in one another, and read-only",
      { volumes: ["x:/var/run/x", "local/y:/y:ro", "local/y/z:/z"] },
      "/alloc/tmp /local /var/run/x /local/y /y/z",
    ],
  ])("through the engine, where its files are not this machine's: %s", async (_, options, places) => {
    const task = await startTask({ ...options, user: "1000" });
    const { Labels } = (await task.info()).Config;
    const dirs = (await task.info()).Mounts?.filter(({ Destination }) => Destination !== "/secrets") ?? [];
    const byName = Map.groupBy(dirs, ({ Name = "" }) => Name);
    // As they are before they are prepared.
    await task.asRoot(`chown 0:0 ${places}; chmod 755 ${places}`);
    expect(await text(task, `touch ${places.replace(/(?= |$)/g, "/t")}`)).toMatch(/ermission denied/);
    await prepareDirs(
      engine,
      {
        id: task.id,
        request: { Image: "longshore/busybox:1.35", Labels, HostConfig: (await task.info()).HostConfig },
      },
      [...byName].map(([name, mounts]) => ({
        name,
        dir: "",
        labels: {},
        places: mounts.map(({ Destination }) => ({ dir: "", target: Destination })),
        contents: name.endsWith("-alloc") ? ["data", "logs", "tmp"] : [],
      })),
      elsewhere,
    );
    expect(await text(task, `stat -c '%a %u' ${places} | sort | uniq`)).toBe("777 65534");
  });

  test("in place, and what a task made of them meanwhile is not followed", async () => {
    const target = mkdtempSync(join(tmpdir(), "longshore-victim-"));
    chmodSync(target, 0o700);
    const allocation = { id: randomUUID() };
    const one = await startTask({}, { allocation, name: "one" });
    expect(await text(one, `rmdir /alloc/data /alloc/tmp; ln -s ${target} /alloc/data; echo > /alloc/tmp`)).toBe("");
    const two = await startTask({}, { allocation, name: "two" });
    expect(await text(two, "ls -l /alloc/data")).toContain(target);
    const { mode, uid } = statSync(target);
    expect([mode & 0o777, uid]).toEqual([0o700, process.getuid?.()]);
    rmSync(target, { recursive: true });
  });
});

describe("paths of the host", () => {
  test("with volumes.enabled they are what they are", async () => {
    const task = await startTask(
      {
        volumes: ["/etc/hostname:/host/name:ro"],
        mount: [
          {
            type: "bind",
            source: "/etc",
            target: "/host/etc",
            readonly: true,
            bindOptions: { propagation: "rprivate" },
          },
        ],
      },
      operator,
    );
    expect(await text(task, "cmp /host/name /host/etc/hostname && touch /host/etc/x")).toMatch(/Read-only file system/);
  });

  test.each([
    ["a path", { volumes: ["/etc:/x"] }],
    ["a path in a mount", { mount: [{ type: "bind", source: "/etc", target: "/x" }] }],
    ["a path in mounts", { mounts: [{ type: "bind", source: "/etc", target: "/x" }] }],
    ["a way out", { volumes: ["../../../../../../etc:/x"] }],
    ["a way out with detours", { volumes: ["local/./../../..//../../../etc:/x"] }],
    ["a way out through alloc", { volumes: ["../alloc/../../../../../../etc:/x"] }],
    [
      "a volume that is a path",
      {
        mount: [
          {
            target: "/x",
            source: "etc",
            volumeOptions: { driverConfig: { name: "local", options: { type: "none", o: "bind", device: "/etc" } } },
          },
        ],
      },
    ],
    [
      "an anonymous volume that is a path",
      {
        mounts: [
          { target: "/x", volumeOptions: { driverConfig: { options: { type: "none", o: "bind", device: "/etc" } } } },
        ],
      },
    ],
    ["a volume driver", { volumeDriver: "local", volumes: ["etc:/x"] }],
    ["a pipe", { mount: [{ type: "npipe", source: "\\\\.\\pipe\\docker_engine", target: "/x" }] }],
    ["the directory of another task", { volumes: ["../other/secrets:/x"] }],
    ["the whole allocation", { volumes: ["..:/x"] }],
  ])("without it %s is refused", async (_, options) => {
    await expect(startTask(options)).rejects.toThrow(Refused);
  });

  const seen = (dir: string) => `ls -d ${dir}/debian_version 2>/dev/null`;
  const attacked = (attack: string) => ({
    // Whether it is the first start is seen in the container's own layer.
    Cmd: ["/bin/sh", "-c", `[ -e /second ] && exec sleep 3000; touch /second; sleep 0.5; ${attack}; exit 1`],
  });

  // What the next tests are about can be done: so it is they that show something.
  test("a plain bind of a directory in a volume can be led to the host's files by a symlink", async () => {
    const volume = aName();
    const { DockerRootDir } = await engine.info();
    const { Id } = await engine.createContainer(volume, {
      Image: "longshore/busybox:1.35",
      ...attacked("rm -rf /local/x; ln -s /etc /local/x"),
      HostConfig: {
        RestartPolicy: { Name: "always" },
        Binds: [`${volume}:/local`, `${DockerRootDir}/volumes/${volume}/_data/x:/data`],
      },
    });
    const task = { info: () => engine.inspectContainer(Id) };
    try {
      await engine.startContainer(Id);
      await restarted(task);
      expect((await inContainer(Id, seen("/data"))).out).toBe("/data/debian_version");
    } finally {
      await engine.removeContainer(Id);
    }
  }, 30_000);

  // Nomad's CVE-2026-14896: a source that is a path of the host is resolved anew at each start, through what the task
  // made of it.
  test.each([
    ["the directory itself", "rm -rf /local/x || mv /local/x /local/old; ln -s /etc /local/x"],
    [
      "a directory above it",
      "mv /local/a /local/old; ln -s /etc /local/a; mv /alloc/s /alloc/old; ln -s /etc /alloc/s",
    ],
    ["what is at its target", "umount /data; rm -rf /data; ln -s /etc /data"],
    ["what the volume holds", "rm -rf /data/* /deep/*; ln -s /etc /data/e; ln -s /etc /alloc/s/t/e; ln -s / /deep/r"],
  ])(
    "a symlink in the place of %s leads nowhere after the engine started it again",
    async (_, attack) => {
      const { Cmd } = attacked(attack);
      const task = await startTask({
        command: Cmd[0],
        args: Cmd.slice(1),
        restart: "always",
        volumes: ["local/x:/data", "local/a/b:/deep", "../alloc/s/t:/shared"],
      });
      await restarted(task);
      const places = ["/data", "/deep", "/shared", "/local/x", "/local/a", "/local/a/b", "/alloc/s", "/alloc/s/t"];
      const links = ["/data/e", "/shared/e", "/deep/r/etc"];
      expect(await text(task, [...places, ...links].map(seen).join(";"))).toBe("");
      expect(
        await text(task, "for d in /data /deep /shared; do touch $d/still; done; ls /data/still /local/x/still"),
      ).toBe("/data/still\n/local/x/still");
    },
    30_000,
  );
});

async function restarted(task: Pick<LiveTask, "info">): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const { RestartCount, State } = await task.info();
    if (RestartCount > 0 && State.Running && !State.Restarting) return;
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error("the engine did not start it again");
}

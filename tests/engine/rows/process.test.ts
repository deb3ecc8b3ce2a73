/** What a container can and cannot do because of the options of its process. */
import { removeTasks, startTask } from "../../support/live-task";

afterEach(removeTasks);

test("user, work_dir, env: the command runs as said, where said, with what was said", async () => {
  const task = await startTask({ user: "1000:2000", workDir: "/work/deep", env: { GREETING: "hello" } });
  expect((await task.sh('echo "$(id -u):$(id -g) $(pwd) $GREETING"')).out).toBe("1000:2000 /work/deep hello");
});

test("readonly_rootfs: a write is refused, but in the task's own directories", async () => {
  const task = await startTask({ readonlyRootfs: true });
  expect((await task.sh("touch /etc/x")).out).toMatch(/Read-only file system/);
  expect(await task.sh("touch /local/x /alloc/data/x /secrets/x")).toEqual({ code: 0, out: "" });
});

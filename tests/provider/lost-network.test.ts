/** Whether a new task has got the network that its allocation's infra container holds. */
import type { ContainerInfo } from "../../provider/engine/types";
import { lostNetwork } from "../../provider/handlers/network-holder";

const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, "0")}Z`;
const container = (Id: string, created: number, state: Partial<ContainerInfo["State"]> = {}) =>
  ({
    Id,
    Created: at(created),
    Config: { Image: "example.com/pause:1" },
    State: { Running: true, Restarting: false, ExitCode: 0, StartedAt: at(created), ...state },
  }) as ContainerInfo;

const task = container("task", 10);

test.each([
  ["a task with a network of its own", task, undefined],
  ["an infra container that was there before, and stays", container("infra", 5), undefined],
  ["one that ended", container("infra", 5, { Running: false, ExitCode: 3 }), 3],
  ["one that is started again and again", container("infra", 5, { Restarting: true, ExitCode: 1 }), 1],
  ["one that was started again after the task was made", container("infra", 5, { StartedAt: at(11) }), 0],
])("%s", (_, holder, exitCode) => {
  const reason = lostNetwork(task, holder);
  if (exitCode === undefined) expect(reason).toBeUndefined();
  else
    expect(reason).toMatch(
      new RegExp(
        `^the program of the infra image example\\.com/pause:1 ended with exit code ${exitCode}; .*infra_image`,
      ),
    );
});

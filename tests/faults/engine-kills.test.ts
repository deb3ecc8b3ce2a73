/** The same as kills.test.ts for dockerd itself: an engine of the test's own is killed with kill -9, and comes back a moment later. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { killsTimeLimit, survives } from "../support/kills";
import { TestStack, root } from "../support/stack";
import { startEngine } from "../testbed/engine";

const command = join(root, "dist/cli/main.js");

/** Mostly a moment; sometimes longer than the provider's first pauses together. */
const longestAwayMs = 6_000;

test.each([
  ["whose containers end with it", false],
  ["with live-restore, whose containers run on", true],
])(
  "kill -9 of an engine %s",
  async (_, liveRestore) => {
    const own = await startEngine(["longshore/pause:3.1"], { liveRestore });
    const stack = new TestStack("tests/programs/from-file");
    stack.env = { DOCKER_HOST: own.url };
    try {
      await stack.init();
      const tidyUp = async () => {
        // It says "volume has active mounts" of directories in memory whose containers are gone, until it is started anew.
        await own.kill();
        await own.startAgain();
        execFileSync(process.execPath, [command, "gc", "--containers", "--creation-grace", "0s"], {
          cwd: stack.dir,
          env: stack.environment,
          stdio: "ignore",
        });
      };
      await survives(
        { stack, engine: own.client, hasNetworks: false, ...(liveRestore && { tidyUp }) },
        async (_pid, _dir, random) => {
          await own.kill();
          await sleep(random.below(longestAwayMs));
          await own.startAgain();
        },
      );
    } finally {
      await stack.dispose();
      await own.stop();
    }
  },
  killsTimeLimit,
);

/**
 * Whoever is killed, at whatever moment of an `up` of ten tasks: the next `up` leads to what is wanted, and to nothing else.
 * LONGSHORE_KILLS says how often each is killed; LONGSHORE_SEED, which a failure prints, has all moments be the same again.
 */
import { engine } from "../support/engine";
import { type Kill, kill9, killsTimeLimit, survives } from "../support/kills";
import { workersIn } from "../support/processes";
import { TestStack } from "../support/stack";

const killProvider: Kill = (_, dir) => {
  for (const { pid, command } of workersIn(dir))
    if (/pulumi-resource-pulumi-nodejs|dynamic-provider/.test(command)) kill9(pid);
};

test.each([
  ["the CLI", kill9],
  ["the provider", killProvider],
] as const)(
  "kill -9 of %s",
  async (_, kill) => {
    const stack = await new TestStack("tests/programs/from-file").init();
    try {
      await survives({ stack, engine }, kill);
    } finally {
      await stack.dispose();
    }
  },
  killsTimeLimit,
);

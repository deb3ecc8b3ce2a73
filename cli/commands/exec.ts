import { UsageError, command } from "../command";
import { taskOptions, whereOf } from "../task-options";

const pairs = (all: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    all.map((text) => {
      const [name = ""] = text.split("=", 1);
      if (name === "" || !text.includes("="))
        throw new UsageError(`--env is "${name}", which has no value; write NAME=VALUE`);
      return [name, text.slice(name.length + 1)];
    }),
  );

export const exec = command({
  summary: "runs a command in a task",
  about:
    "Runs a command in the container of a task that runs. How the command ends is how this one does: its exit code is " +
    "passed on.",
  arguments: [{ name: "TASK", is: "a task", completes: "task" }],
  rest: { name: "COMMAND", is: "a command to run in it", many: true },
  options: {
    interactive: { short: "i", help: "hands the standard input on, as far as there is any" },
    tty: { short: "t", help: "gives the command a terminal; with -i, this one" },
    user: { short: "u", value: "USER", help: "a user's name or id, and with a colon a group's; else the container's" },
    workdir: { short: "w", value: "DIR", help: "the directory inside the container; else the container's" },
    env: { short: "e", value: "NAME=VALUE", many: true, help: "one more variable; may be given more than once" },
    ...taskOptions,
  },
  notes:
    "The command begins after --, or with the first word after the task that is no option. Exit codes of longshore " +
    "itself are 1 and 2, with a reason that begins with longshore:.",
  async run({ values, positionals: [task = ""], rest }, output) {
    const { interactive, tty, user, workdir } = values;
    const env = pairs(values.env);
    const { engine, scope } = whereOf(values);
    const [{ onEngine }, { exec: run }] = await Promise.all([import("../on-engine.js"), import("../exec.js")]);
    return onEngine(engine, (one) =>
      run(one, { task, command: rest, interactive, tty, user, workdir, env, ...scope }, output),
    );
  },
});

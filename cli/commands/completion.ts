import { UsageError, command } from "../command";
import { didYouMean } from "../../provider/options/did-you-mean";
import { exitCodes } from "../exit-codes";

const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

const isShell = (text: string | undefined): text is Shell => shells.some((shell) => shell === text);

export const completion = command({
  summary: "a script for your shell, which then completes commands, options and tasks",
  about: "Prints a script for a shell. Have it read at the shell's start:",
  arguments: [{ name: "SHELL", is: `a shell (${shells.join(", ")})`, completes: shells }],
  options: {},
  notes:
    'bash: eval "$(longshore completion bash)" in ~/.bashrc; zsh: the same with zsh in ~/.zshrc, after compinit; fish: ' +
    "longshore completion fish > ~/.config/fish/completions/longshore.fish. Names of tasks are asked of the engine, " +
    "which is given a second to answer.",
  async run({ positionals: [shell = ""] }, { print }) {
    if (!isShell(shell))
      throw new UsageError(`there is no script for "${shell}"${didYouMean(shell, shells, "shells")}`);
    const { scriptFor } = await import("../completion-script.js");
    print(scriptFor(shell));
    return exitCodes.done;
  },
});

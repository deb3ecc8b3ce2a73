/** `longshore exec -it`, `logs -f`, `stats` and completion, each in a real terminal of script(1) or a real shell. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { BusyStack } from "../support/busy-stack";
import { endCommands, inTerminal, printed } from "../support/command";

const dir = mkdtempSync(join(tmpdir(), "longshore-terminal-"));
let stack: BusyStack;
beforeAll(async () => {
  stack = new BusyStack();
  await stack.init();
  stack.write();
  await stack.up();
}, 120_000);
afterAll(async () => {
  rmSync(dir, { recursive: true });
  await stack.dispose();
}, 60_000);
afterEach(endCommands);

const ofStack = () => ["--project", stack.project];

test("exec -it: a terminal of this size, which follows it; keys go in as they are pressed; the exit code comes out", async () => {
  const sign = join(dir, "resize");
  const before = `(while [ ! -e '${sign}' ]; do sleep 0.1; done; stty -F /dev/tty rows 41 cols 91) &`;
  const shell = inTerminal(["exec", ...ofStack(), "-it", "echo[0]", "--", "sh"], { before });
  // The shell may ask the terminal where its cursor is, and clear what is right of it.
  await printed(shell, /# (?:\u001b\[\d*[A-Za-z])*$/m);
  shell.type("stty size; tty\r");
  await printed(shell, /30 100\r*\n\/dev\/pts\/\d+/);
  writeFileSync(sign, "");
  shell.type("sleep 1; while [ \"$(stty size)\" = '30 100' ]; do sleep 0.2; done; stty size\r");
  await printed(shell, /41 91/);
  // Ctrl-C is for the program inside.
  shell.type("echo beg''un; sleep 1000; echo still $((40 + 2))\r");
  await printed(shell, /^begun\r/m);
  shell.type("\u0003");
  await printed(shell, /\^C\r*\n/);
  shell.type("echo alive $((40 + 2))\r");
  await printed(shell, /alive 42/);
  shell.type("exit 5\r");
  await printed(shell, /exit code 5/);
  // The terminal is as it was.
  await printed(shell, /^icanon/m);
  await shell.ended;
}, 60_000);

test("exec -t without an input: a command that writes to a terminal", async () => {
  const one = inTerminal(["exec", ...ofStack(), "-t", "echo[0]", "--", "sh", "-c", "test -t 1 && echo yes"]);
  // Twice a terminal, as with the docker command: each ends lines its way.
  await printed(one, /yes\r+\n/);
  await printed(one, /exit code 0/);
});

test("logs -f: names in colours, unless NO_COLOR says otherwise; Ctrl-C ends it", async () => {
  const following = inTerminal(["logs", ...ofStack(), "-f", "-n", "1", "echo[0]", "echo[1]"]);
  await printed(following, /\u001b\[36mjob\/server\/echo\[0\] \| \u001b\[39mline \d+\r\n/);
  await printed(following, /\u001b\[33mjob\/server\/echo\[1\] \| \u001b\[39mline \d+\r\n/);
  following.type("\u0003");
  await following.ended;

  const plain = inTerminal(["logs", ...ofStack(), "-n", "2", "echo[0]", "echo[1]"], { env: { NO_COLOR: "1" } });
  await printed(plain, /exit code 0/);
  expect(plain.out()).toMatch(/^job\/server\/echo\[1\] \| (?:line|error) \d+\r$/m);
  expect(plain.out()).not.toContain("\u001b[3");
});

test("stats: drawn anew in place, each second", async () => {
  const watching = inTerminal(["stats", ...ofStack()]);
  await printed(watching, /(?:\u001b\[HTASK.*\u001b\[K\r\n[^]*){3}/);
  expect(watching.out().match(/\u001b\[2J/g)).toHaveLength(1);
  expect(watching.out()).toMatch(/job\/server\/echo\[1\] +\d+\.\d % /);
  watching.type("\u0003");
  await watching.ended;
});

test("bash completes commands, options, and the shortest names of tasks", () => {
  const command = join(dir, "longshore");
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${join(__dirname, "../../dist/cli/main.js")}' "$@"\n`);
  chmodSync(command, 0o755);
  const completed = (...words: readonly string[]) => {
    const script = `
      eval "$(longshore completion bash)"
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
      _longshore; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const env = { ...process.env, PATH: [dir, process.env.PATH].join(delimiter) };
    const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", script, "bash", "longshore", ...words], {
      ...{ encoding: "utf8", env, cwd: dir },
    });
    expect(stderr).toBe("");
    return stdout.split("\n").filter(Boolean);
  };
  expect(completed("lo")).toEqual(["logs"]);
  expect(completed("logs", "--ta")).toEqual(["--tail"]);
  expect(completed("logs", ...ofStack(), "")).toEqual(["quiet", "reader", "writer", "echo[0]", "echo[1]"]);
  expect(completed("exec", ...ofStack(), "-it", "job/s")).toEqual(["job/server/echo[0]", "job/server/echo[1]"]);
  expect(completed("logs", ...ofStack(), "echo\\[1")).toEqual(["echo[1]"]);
  expect(completed("signal", ...ofStack(), "quiet", "SIGUS")).toEqual(["SIGUSR1", "SIGUSR2"]);
  expect(completed("ps", "--project", stack.project.slice(0, -1))).toContain(stack.project);
  expect(completed("completion", "")).toEqual(["bash", "zsh", "fish"]);
  expect(completed("render", "long")).toEqual(["longshore"]);
  // No engine, no names; and no noise.
  expect(completed("logs", "--endpoint", "unix:///no/such.sock", "")).toEqual([]);
}, 60_000);

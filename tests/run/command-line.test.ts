/** Where somebody else's command line begins. */
import { given } from "../../cli/command";
import { exec } from "../../cli/commands/exec";

test.each([
  [["web", "--", "sh", "-c", "x"], ["sh", "-c", "x"], []],
  [["-it", "web", "sh"], ["sh"], ["interactive", "tty"]],
  [["web", "-it", "--", "sh"], ["sh"], ["interactive", "tty"]],
  [["web", "-i", "sh", "-t"], ["sh", "-t"], ["interactive"]],
  [["web", "sh", "--", "-t"], ["sh", "--", "-t"], []],
  [["--user", "root", "web", "--", "--", "-t"], ["--", "-t"], ["user"]],
  [["web", "--", "sh", "--help"], ["sh", "--help"], []],
  [["web", "sh", "--help"], ["sh", "--help"], []],
])("%j", (args, rest, options) => {
  const said = given("exec", exec, args)!;
  expect([said.positionals, said.rest]).toEqual([["web"], rest]);
  const isGiven = ([name, value]: readonly [string, unknown]) =>
    name !== "env" && value !== undefined && value !== false;
  expect(
    Object.entries(said.values)
      .filter(isGiven)
      .map(([name]) => name)
      .sort(),
  ).toEqual([...options].sort());
});

test("help is asked for before the command begins", () => expect(given("exec", exec, ["--help"])).toBeUndefined());

test.each([
  [[], /takes a task and a command to run in it, and was given 0/],
  [["web"], /was given no command/],
  [["--usr", "x", "web", "--", "sh"], /has no option --usr; did you mean --user\?/],
])("%j is refused", (args, text) => expect(() => given("exec", exec, args)).toThrow(text));

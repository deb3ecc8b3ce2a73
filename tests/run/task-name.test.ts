/** How a task is called. */
import { namesCalled, nearestName, shortNames, shownName, taskNameOf } from "../../run/task-name";

const keys = [
  "shop/dev/app/web/server[0]/echo",
  "shop/dev/app/web/server[1]/echo",
  "shop/dev/app/web/server[0]",
  "shop/dev/app/db/server[0]/sql",
  "shop/prod/app/db/server[0]/sql",
  "shop/dev/app/outer/db/server[0]/sql",
  "shop/dev/app/web/odd[1][0]/echo",
];
const names = keys.map((key) => taskNameOf(key)!);
const called = (word: string) => namesCalled(word, names).map(({ stack, name }) => `${stack} ${name}`);

test("a key says what it is of", () =>
  expect(names.slice(0, 3)).toEqual([
    { project: "shop", stack: "dev", app: "app", name: "web/server/echo[0]", kind: "task" },
    { project: "shop", stack: "dev", app: "app", name: "web/server/echo[1]", kind: "task" },
    { project: "shop", stack: "dev", app: "app", name: "web/server[0]", kind: "infra" },
  ]));

test.each(["", "shop", "shop/dev/app", "shop/dev/app/web/server/echo"])('"%s" is no key of a container', (key) =>
  expect(taskNameOf(key)).toBeUndefined(),
);

test.each([
  ["web/server/echo[1]", ["dev web/server/echo[1]"]],
  ["web/server[1]/echo", ["dev web/server/echo[1]"]],
  ["server/echo[1]", ["dev web/server/echo[1]"]],
  ["echo[1]", ["dev web/server/echo[1]"]],
  ["web/server/echo", ["dev web/server/echo[0]", "dev web/server/echo[1]"]],
  ["server[0]", ["dev web/server[0]"]],
  ["odd[1][0]/echo", ["dev web/odd[1]/echo[0]"]],
  ["odd[1]/echo", ["dev web/odd[1]/echo[0]"]],
  // As a whole it is two of them; as an end a third.
  ["db/server/sql", ["dev db/server/sql[0]", "prod db/server/sql[0]"]],
  ["prod/app/db/server/sql", ["prod db/server/sql[0]"]],
  ["shop/dev/app/db/server/sql[0]", ["dev db/server/sql[0]"]],
  ["outer/db/server/sql", ["dev outer/db/server/sql[0]"]],
  ["cho", []],
  ["erver/echo", []],
  ["", []],
])('"%s" means %j', (word, expected) => expect(called(word)).toEqual(expected));

test("the shortest that mean one only, with the beginning that is there", () => {
  const tasks = names.filter(({ kind }) => kind === "task");
  expect(shortNames(tasks)).toEqual([
    "server/echo[0]",
    "echo[1]",
    "dev/app/db/server/sql",
    "prod/app/db/server/sql",
    "outer/db/server/sql",
    "odd[1]/echo",
  ]);
  expect(shortNames(tasks, "web/s")).toEqual(["web/server/echo[0]", "web/server/echo[1]"]);
  for (const short of shortNames(tasks)) expect(namesCalled(short, tasks)).toHaveLength(1);
});

test("a name that two stacks have is told with its stack", () =>
  expect(names.map((name) => shownName(name, names))).toEqual([
    "web/server/echo[0]",
    "web/server/echo[1]",
    "web/server[0]",
    "shop/dev/app/db/server/sql[0]",
    "shop/prod/app/db/server/sql[0]",
    "outer/db/server/sql[0]",
    "web/odd[1]/echo[0]",
  ]));

test("the nearest one", () => {
  expect(nearestName("ehco[1]", names)).toBe("web/server/echo[1]");
  expect(nearestName("something-else", names)).toBeUndefined();
});

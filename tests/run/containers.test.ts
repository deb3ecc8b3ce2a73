/** Which container a word means. */
import { type TaskContainer, current, find } from "../../run/containers";
import { taskNameOf } from "../../run/task-name";

let count = 0;
/** A container of a key, as the engine lists it. */
function container(key: string, State: string, Created: number): TaskContainer {
  const Id = (++count).toString(16).padStart(2, "0").repeat(32);
  const row = { Id, Names: [`/name-${count}`], Created, State, Image: "", ImageID: "", Labels: {} };
  return { ...taskNameOf(key)!, key, row: row as TaskContainer["row"] };
}

const echo = "shop/dev/app/web/server[0]/echo";
const sql = "shop/dev/app/db/server[0]/sql";

test.each([
  ["the newest that runs", ["running", "running"], 1],
  ["one that runs before a newer that has ended", ["running", "exited"], 0],
  ["one that has ended before one that has not begun", ["exited", "created"], 0],
  ["the newest of those that have ended", ["exited", "exited"], 1],
  ["one that the engine starts again before one that has ended", ["restarting", "exited"], 0],
] as const)("of the containers of a task: %s", (_, states, expected) => {
  const all = states.map((state, index) => container(echo, state, index));
  expect(current(all)).toEqual([all[expected]]);
});

test("by the beginning of its id, or by its name, also one that has been replaced", () => {
  const all = [container(echo, "exited", 1), container(echo, "running", 2), container(sql, "running", 3)];
  expect(find("echo", all)).toMatchObject({ row: all[1]!.row, isContainer: false, shown: "web/server/echo[0]" });
  const [{ row: old }] = all as [TaskContainer];
  for (const word of [old.Id, old.Id.slice(0, 12), old.Names[0]!.slice(1)])
    expect(find(word, all)).toMatchObject({ row: old, isContainer: true });
});

test("a name comes before an id", () => {
  const all = [container("shop/dev/app/web/server[0]/beef", "running", 1)];
  const other = container(echo, "running", 1);
  const disguised = { ...other, row: { ...other.row, Id: "beef".repeat(16) } };
  expect(find("beef", [...all, disguised])).toMatchObject({ row: all[0]!.row });
});

test.each([
  ["ecoh", {}, 'there is no task "ecoh" on this engine; did you mean web/server/echo[0]?'],
  [
    "something-else",
    { stack: "dev" },
    'there is no task "something-else" of stack dev; the tasks are web/server/echo[0], db/server/sql[0]',
  ],
])("%s is told what there is", (word, scope, text) =>
  expect(() => find(word, [container(echo, "running", 1), container(sql, "running", 1)], scope)).toThrow(text),
);

test("several are told of, and none where there is nothing", () => {
  const other = sql.replace("dev", "prod");
  expect(() => find("sql", [container(sql, "running", 1), container(other, "running", 1)])).toThrow(
    '"sql" means 2 tasks: shop/dev/app/db/server/sql[0], shop/prod/app/db/server/sql[0]; name one of them',
  );
  expect(() => find("sql", [], { project: "p" })).toThrow('there is no task "sql": there are no tasks of project p');
});

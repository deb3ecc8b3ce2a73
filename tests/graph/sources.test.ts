/** What is read of a state and a preview that Pulumi's own command wrote, and of a job file. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { graphed } from "../../cli/graph";
import { fromJob } from "../../cli/graph/from-job";
import { fromPreview } from "../../cli/graph/from-preview";
import { SourceError, fromState } from "../../cli/graph/from-state";
import { resource, stateWith, storedSecret } from "../support/policy-state";

const json = (path: string) => JSON.parse(readFileSync(join(__dirname, path), "utf8")) as unknown;
const [state, preview] = [json("recorded/state.json"), json("recorded/preview.json")];
const job = json("../../examples/jobspec/job.json");

const told = (items: Iterable<{ job: string; group: string; index: number; task?: string | undefined }>) =>
  [...items].map(({ job, group, index, task }) => `${job}/${group}[${index}]${task === undefined ? "" : `/${task}`}`);

test("a state has its tasks and allocations, with the ports that they were given", () => {
  const { stack, items } = fromState(state);
  expect(stack).toBe("shop/dev");
  expect(told(items.values()).sort()).toEqual([
    "job/batch[0]/quiet",
    "job/old[0]/report",
    "job/pages[0]",
    "job/pages[0]/http",
    "job/pages[0]/writer",
    "job/web[0]/front",
    "job/web[1]/front",
  ]);
  const at = (name: string) => [...items].find(([urn]) => urn.endsWith(`::${name}`))?.[1];
  expect(at("job/web[0]/front")?.ports).toEqual([
    { label: "http", host: expect.stringMatching(/^127\.0\.0\.1:\d{5}$/) as string, to: 8080 },
  ]);
  expect(at("job/pages[0]")).toMatchObject({ mode: "bridge", ports: [{ label: "web", to: 8081 }] });
  expect(at("job/pages[0]/writer")?.things).toEqual([{ kind: "volume", name: "graph-fixture-pages" }]);
});

test("a preview has its changes, with the names of options", () => {
  const { items } = fromPreview(preview);
  const all = [...items.values()].map((one) => [told([one])[0], one.change, one.changed]);
  expect(new Map(all.map(([name, ...rest]) => [name, rest]))).toEqual(
    new Map<unknown, unknown>([
      ["job/batch[0]/quiet", ["update", ["memory"]]],
      ["job/web[2]/front", ["create", []]],
      ["job/pages[0]", ["replace", []]],
      ["job/pages[0]/http", ["replace", ["args"]]],
      ["job/pages[0]/writer", ["replace", []]],
      ["job/old[0]/report", ["delete", []]],
    ]),
  );
});

const draw = (sources: Readonly<Record<string, unknown>>) => {
  const names = Object.fromEntries(Object.keys(sources).map((key) => [key, key]));
  const drawn = graphed({ ...names, format: "mermaid", title: undefined }, (path) => sources[path]);
  return "text" in drawn ? drawn.text : drawn.refused;
};

test("together, what stays stands beside what changes; alone, a preview does not count what it does not know", () => {
  const both = draw({ state, preview });
  expect(both).toContain("group web ×2 → ×3");
  expect(both).toContain('"front [0-1]<br/>');
  expect(both).toContain('"+ front [2]<br/>');
  expect(draw({ preview })).toContain('["group web"]');
});

test("a job file has the same groups and tasks, and one that is not right is refused", () => {
  expect(told(fromJob(job, undefined).items)).toEqual(["shop/front[0]/echo", "shop/front[1]/echo"]);
  expect(draw({ job })).toContain('"echo [0-1]<br/>longshore/echo:1<br/>http → 8080"');
  expect(draw({ job: { Job: { ID: "x", TaskGroups: [] } } })).toMatch(/task_groups are missing/);
});

test("a group that has ports for tasks with networks of their own shows them on the task that names them", () => {
  const task = (Name: string, ports: readonly string[]) => ({
    Name,
    Driver: "docker",
    Config: { image: "acme/echo:1", ports },
  });
  const { items } = fromJob(
    {
      ID: "web",
      TaskGroups: [
        {
          Name: "server",
          Networks: [{ ReservedPorts: [{ Label: "http", Value: 80, To: 8080 }] }],
          Tasks: [task("front", ["http"]), task("side", [])],
        },
      ],
    },
    undefined,
  );
  expect(items.map(({ task, ports }) => [task, ports])).toEqual([
    [undefined, []],
    ["front", [{ label: "http", host: "80", to: 8080 }]],
    ["side", []],
  ]);
});

test("what has several steps is told once, and what an older failure left is not its end", () => {
  const one = resource({ place: { job: "web", group: "server", index: 0, task: "echo" }, image: "a" });
  const step = (op: string, which: "oldState" | "newState") => ({ op, urn: one.urn, [which]: one });
  const of = (...steps: readonly object[]) => [...fromPreview({ steps }).items.values()].map(({ change }) => change);
  const three = [
    step("create-replacement", "newState"),
    step("replace", "newState"),
    step("delete-replaced", "oldState"),
  ];
  expect(of(...three)).toEqual(["replace"]);
  expect(of(step("update", "newState"), step("delete", "oldState"))).toEqual(["update"]);
  expect(of(step("same", "newState"))).toEqual([undefined]);
  expect(of(step("delete", "oldState"))).toEqual(["delete"]);
});

test("no secret is drawn, and no value of env, labels or auth", () => {
  const secret = storedSecret("hidden-1");
  const text = draw({
    state: stateWith(
      resource({
        place: { job: "web", group: "server", index: 0, task: "echo" },
        image: secret,
        env: { TOKEN: "hidden-2" },
        labels: { token: "hidden-3" },
        auth: { username: "hidden-4", password: "hidden-5" },
        args: ["hidden-6"],
        plugin: { endpoint: "tcp://ops:hidden-7@west:2376" },
        networkMode: secret,
        mounts: [{ type: "volume", source: secret, target: "/x" }],
        volumes: [secret],
        ports: [secret],
      }),
    ),
  });
  expect(text).toContain("echo [0]");
  expect(text).toContain("tcp://ops@west:2376");
  expect(text).not.toMatch(/hidden/);
});

test.each([
  ["a state", () => fromState({}), /no deployment/],
  ["a preview", () => fromPreview({ deployment: {} }), /no steps in it; write one with "pulumi preview --json"/],
])("what is not %s is refused", (_, read, words) => {
  expect(read).toThrow(SourceError);
  expect(read).toThrow(words);
});

test("two stacks are not drawn as one", () =>
  expect(() => draw({ preview, state: stateWith(resource({})) })).toThrow(/of two stacks, shop\/test and shop\/dev/));

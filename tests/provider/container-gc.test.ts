/** What a stack has left on an engine, and what is to become of it, as pure decisions. */
import { type Rule, judge } from "../../provider/container-gc/judge";
import { type Left, type Seen, leftByForm, leftOn } from "../../provider/container-gc/left";
import type { StateView } from "../../provider/container-gc/state-view";
import type { ContainerRow } from "../../provider/engine/types";

const now = new Date("2026-01-01T12:00:00Z");
const secondsAgo = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const id = (letter: string) => letter.repeat(64);

const key = (path: string, stack = "shop/dev") => `${stack}/app/job/${path}`;

const row = (letter: string, over: Partial<ContainerRow> = {}, labels: Record<string, string> = {}): ContainerRow => ({
  Id: id(letter),
  Names: [`/web-${letter}`],
  Image: "web",
  ImageID: "sha256:1",
  Created: secondsAgo(600).getTime() / 1000,
  State: "running",
  ...over,
  Labels: {
    "longshore.key": key("web"),
    "longshore.token": `token ${letter}`,
    "longshore.origin": "ours",
    "longshore.alloc_id": `alloc ${letter}`,
    ...labels,
  },
});

const state = (over: Partial<StateView> = {}): StateView => ({
  stack: "shop/dev",
  containers: new Set([id("a")]),
  allocations: new Set(["alloc a"]),
  origins: new Set(["ours"]),
  pending: new Set(),
  stopping: new Map(),
  retained: [],
  ...over,
});

const seen = (over: Partial<Seen> = {}): Seen => ({
  ...{ dirs: [], reservations: [], marks: [], containers: [] },
  now,
  ...over,
});

const mark = (letter: string, over: Partial<Seen["marks"][number]> = {}): Seen["marks"][number] => ({
  name: `longshore-owner-${letter.repeat(12)}`,
  container: letter.repeat(12),
  token: "of a later run",
  key: key("web"),
  origin: "ours",
  made: secondsAgo(600),
  ...over,
});

const namesOf = (all: readonly Left[]) => all.map(({ name }) => name);
const rule: Rule = { graceMs: 300_000, anyOrigin: false };
const verdicts = (on: Seen, view: StateView = state(), how: Rule = rule) =>
  leftOn(on, view).map((left) => [left.name, judge(left, view, how, on.now).action]);

describe("containers", () => {
  test.each([
    ["one that the state does not know goes", row("b"), "remove"],
    ["one that does not run goes too", row("b", { State: "exited" }), "remove"],
    ["one that is young waits", row("b", { Created: secondsAgo(299).getTime() / 1000 }), "wait"],
    ["one as old as the grace goes", row("b", { Created: secondsAgo(300).getTime() / 1000 }), "remove"],
    ["one that another state's run made stays", row("b", {}, { "longshore.origin": "theirs" }), "keep"],
  ])("%s", (_, container, action) => expect(verdicts(seen({ containers: [container] }))).toEqual([["web-b", action]]));

  test("what is not of this stack, or is in the state, is not even named", () => {
    const { "longshore.key": _, ...unlabelled } = row("e").Labels;
    const containers = [
      row("a"),
      row("b", {}, { "longshore.key": key("web", "shop/prod") }),
      row("c", {}, { "longshore.key": key("web", "shop/dev2") }),
      row("d", {}, { "longshore.key": key("web", "other/dev") }),
      { ...row("e"), Labels: unlabelled },
    ];
    expect(leftOn(seen({ containers }), state())).toEqual([]);
  });

  test("an origin that nothing says is not the state's, unless that is said", () => {
    const { "longshore.origin": _, ...labels } = row("b").Labels;
    const on = seen({ containers: [{ ...row("b"), Labels: labels }] });
    expect(verdicts(on)).toEqual([["web-b", "keep"]]);
    expect(verdicts(on, state(), { ...rule, anyOrigin: true })).toEqual([["web-b", "remove"]]);
    expect(verdicts(on, state({ origins: new Set() }))).toEqual([["web-b", "keep"]]);
  });

  test("who took one over last has it", () => {
    const by = (over: Partial<Seen["marks"][number]>) =>
      verdicts(seen({ containers: [row("b")], marks: [mark("b", over)] }));
    expect(by({})).toEqual([["web-b", "remove"]]);
    expect(by({ origin: "theirs" })).toEqual([["web-b", "keep"]]);
    expect(by({ origin: undefined })).toEqual([["web-b", "keep"]]);
    expect(by({ key: key("web", "other/dev") })).toEqual([]);
  });

  test("a stranger's that was taken over once has no label of ours, and is a stranger's", () => {
    const stranger = { ...row("b"), Labels: {} };
    expect(verdicts(seen({ containers: [stranger], marks: [mark("b")] }))).toEqual([]);
  });

  test("what was left on purpose stays, whatever is said", () => {
    const on = seen({ containers: [row("b")], marks: [mark("b", { left: "by gc.container = false" })] });
    expect(verdicts(on, state(), { graceMs: 0, anyOrigin: true })).toEqual([["web-b", "keep"]]);
  });

  test("what a run is at stays, whatever is said", () => {
    const on = seen({ containers: [row("b"), row("c", {}, { "longshore.key": key("db") })] });
    const view = state({ pending: new Set([key("web")]) });
    expect(verdicts(on, view, { graceMs: 0, anyOrigin: true })).toEqual([
      ["web-b", "keep"],
      ["web-c", "remove"],
    ]);
  });

  test("tasks go before the container that holds their network", () => {
    const infra = row("b", { Names: ["/longshore_init_alloc b"] });
    const task = row("c", { Names: ["/zebra"] });
    const left = leftOn(seen({ containers: [infra, task] }), state());
    expect(namesOf(left)).toEqual(["zebra", "longshore_init_alloc b"]);
  });
});

test("the form of a task's container counts only where nothing says whose it is", () => {
  const uuid = "6f0d8d4c-2f6e-4b43-9c55-0d2f3f6b8a11";
  const mounts = ["/alloc", "/local", "/secrets"].map((Destination) => ({ Type: "bind" as const, Destination }));
  const formed = (letter: string, over: Partial<ContainerRow> = {}): ContainerRow => ({
    ...row(letter, { Names: [`/web-${uuid}`], Mounts: mounts }),
    Labels: {},
    ...over,
  });
  const found = (one: ContainerRow, marks: Seen["marks"] = []) =>
    leftByForm(seen({ containers: [one], marks }), state()).map((left) => judge(left, state(), rule, now).action);
  expect(found(formed("b"))).toEqual(["remove"]);
  expect(found(formed("b", { Created: secondsAgo(10).getTime() / 1000 }))).toEqual(["wait"]);
  expect(found(formed("b", { Labels: { "com.docker.compose.project": "x" } }))).toEqual([]);
  expect(found(formed("b", { State: "exited" }))).toEqual([]);
  expect(found(formed("b", { Mounts: mounts.slice(1) }))).toEqual([]);
  expect(found(formed("b", { Names: ["/web"] }))).toEqual([]);
  expect(found(formed("b"), [mark("b")])).toEqual([]);
  // Adopted by this stack.
  expect(found(formed("a"))).toEqual([]);
});

describe("what belonged to containers", () => {
  const dir = (alloc: string, labels: Record<string, string> = {}, CreatedAt?: string) => ({
    Name: `longshore-${alloc}-alloc`,
    Mountpoint: "",
    Labels: {
      "longshore.key": key("web"),
      "longshore.alloc_id": alloc,
      "longshore.origin": "ours",
      ...labels,
    },
    CreatedAt: CreatedAt ?? secondsAgo(600).toISOString(),
  });
  const reservation = (over: Partial<Seen["reservations"][number]> = {}): Seen["reservations"][number] => ({
    ...{ name: "longshore-port-20000", port: 20000, alloc: "alloc b", key: key("web"), origin: "ours" },
    ...{ holdMs: 3_600_000, made: secondsAgo(600) },
    ...over,
  });

  test("directories go when neither the state nor a container has their allocation", () => {
    const dirs = [dir("alloc a"), dir("alloc b"), dir("alloc c"), dir("alloc d"), dir("alloc e")];
    const containers = [
      row("b", {}, { "longshore.key": key("web", "other/dev") }),
      // A stranger's, which mounts one.
      {
        ...row("c"),
        Labels: {},
        Mounts: [{ Type: "volume" as const, Name: "longshore-alloc c-alloc", Destination: "/x" }],
      },
    ];
    expect(verdicts(seen({ dirs, containers }))).toEqual([
      ["longshore-alloc d-alloc", "remove"],
      ["longshore-alloc e-alloc", "remove"],
    ]);
  });

  test.each([
    ["young ones wait", dir("alloc b", {}, secondsAgo(10).toISOString()), "wait"],
    ["those of unknown age stay", dir("alloc b", {}, ""), "keep"],
    ["those of another state's runs stay", dir("alloc b", { "longshore.origin": "theirs" }), "keep"],
  ])("%s", (_, one, action) => expect(verdicts(seen({ dirs: [one] }))).toEqual([["longshore-alloc b-alloc", action]]));

  test("another stack's are not named", () =>
    expect(verdicts(seen({ dirs: [dir("alloc b", { "longshore.key": key("web", "other/dev") })] }))).toEqual([]));

  test.each([
    ["a reserved port goes", {}, "remove"],
    ["a young one waits", { made: secondsAgo(10) }, "wait"],
    ["that of another state's run stays", { origin: "theirs" }, "keep"],
    ["whosever it is, when its time is over it goes", { origin: "theirs", holdMs: 60_000 }, "remove"],
  ])("%s", (_, over, action) =>
    expect(verdicts(seen({ reservations: [reservation(over)] }))).toEqual([["longshore-port-20000", action]]),
  );

  test("a port stays reserved while a run is at its allocation, or the state or a container has it", () => {
    const on = seen({ reservations: [reservation()] });
    expect(verdicts(on, state({ pending: new Set([key("web")]) }))).toEqual([["longshore-port-20000", "keep"]]);
    expect(verdicts(on, state({ allocations: new Set(["alloc b"]) }))).toEqual([]);
    const other = row("b", {}, { "longshore.key": key("web", "other/dev") });
    expect(verdicts({ ...on, containers: [other] })).toEqual([]);
  });

  test("an owner's mark goes with its container", () => {
    const marks = [mark("a"), mark("b"), mark("c", { key: undefined })];
    expect(verdicts(seen({ containers: [row("a")], marks }))).toEqual([[mark("b").name, "remove"]]);
  });
});

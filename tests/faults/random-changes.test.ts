/**
 * Changes at random to a program of ten tasks. After each: what the preview announced is what `up` did, a second `up` is
 * empty, and the engine holds exactly what is wanted. A run is played again by its seed, which it prints:
 * `LONGSHORE_SEED=7 LONGSHORE_MINUTES=20 npx jest tests/faults/random-changes`.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { taskOptions } from "../../provider/options";
import type { AnyRow } from "../../provider/options/option";
import { allowAll } from "../support/allow-all";
import { containersOf, taskOf, volumesOf } from "../support/engine";
import { type Announced, TestStack, announcedIn } from "../support/stack";

type Bag = Record<string, unknown>;

const seed = Number(process.env.LONGSHORE_SEED ?? Math.floor(Math.random() * 1e9));
const minutes = Number(process.env.LONGSHORE_MINUTES ?? 2);

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
let last = seed;
const random = (): number => {
  last = (last + 0x6d2b79f5) | 0;
  let mixed = Math.imul(last ^ (last >>> 15), 1 | last);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
};
const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

/** Rows that any task here can have: what needs an image, a registry, a network or a machine of its own is elsewhere. */
const elsewhere: ReadonlySet<string> = new Set([
  ...[
    "deviceRequests",
    "isolation",
    "privileged",
    "storageOpt",
    "command",
    "args",
    "entrypoint",
    "healthcheck",
    "wait",
  ],
  ...["networkMode", "ipv4Address", "ipv6Address", "networkAliases", "macAddress", "portMap", "load", "forcePull"],
]);
const rows = Object.entries<AnyRow>(taskOptions).filter(
  ([key, { on, with: neighbours, os }]) => !elsewhere.has(key) && on === undefined && !neighbours && os !== "windows",
);

interface Group {
  count: number;
  readonly tasks: Record<string, Bag>;
}
type Tree = Record<string, Group>;

const task = (): Bag => ({ image: "longshore/busybox:1.35", command: "sleep", args: ["3000"], killSignal: "SIGKILL" });
/** Ten tasks: groups of one, two and three, one of them twice. */
const first = (): Tree => ({
  alone: { count: 1, tasks: { alone: task() } },
  twice: { count: 2, tasks: { twice: task() } },
  pair: { count: 1, tasks: { left: task(), right: task() } },
  three: { count: 1, tasks: { one: task(), two: task(), three: task() } },
  last: { count: 1, tasks: { last: task() } },
  more: { count: 1, tasks: { more: task() } },
});

const network = { ports: { http: { to: 80 }, admin: {} } };

/** Does one thing at random to a tree, and says what. */
function change(tree: Tree): string {
  const [name, group] = oneOf(Object.entries(tree));
  const dice = random();
  if (dice < 0.06) {
    group.count = group.count === 1 ? 2 : 1;
    return `${name}: count ${group.count}`;
  }
  if (dice < 0.12) {
    const names = Object.keys(group.tasks);
    if (names.length > 1) {
      const gone = oneOf(names);
      Reflect.deleteProperty(group.tasks, gone);
      return `${name}: without ${gone}`;
    }
    const added = `new${Math.floor(random() * 1000)}`;
    group.tasks[added] = task();
    return `${name}: with ${added}`;
  }
  const [of, options] = oneOf(Object.entries(group.tasks));
  const [key, { examples }] = oneOf(rows);
  const value = options[key] === undefined || random() < 0.5 ? oneOf(examples as readonly unknown[]) : undefined;
  if (value === undefined) Reflect.deleteProperty(options, key);
  else options[key] = value;
  return `${name}/${of}: ${key} ${value === undefined ? "unset" : JSON.stringify(value)}`;
}

const stack = new TestStack("tests/programs/from-file");
const write = (tree: Tree) =>
  writeFileSync(
    join(stack.dir, "tree.json"),
    JSON.stringify({
      plugin: { ...allowAll, cpuTotalCompute: 5192 },
      groups: Object.fromEntries(
        Object.entries(tree).map(([name, { count, tasks }]) => [name, { group: { count, network }, tasks }]),
      ),
    }),
  );

/** What is on the engine: each task's key with its container's id and the time of its start. */
const present = async () => {
  const rowsOfAll = await containersOf(stack.project);
  return new Map(rowsOfAll.map((row) => [row.Labels["longshore.key"] ?? "", `${row.Id} ${row.State}`] as const));
};

/** The keys that a tree asks for, without project, stack and app. */
const wanted = (tree: Tree): readonly string[] =>
  Object.entries(tree)
    .flatMap(([name, { count, tasks }]) =>
      Array.from({ length: count }, (_, index) => Object.keys(tasks).map((one) => `${name}[${index}]/${one}`)).flat(),
    )
    .toSorted();
const short = (key: string) => key.split("/").slice(-2).join("/");

beforeAll(() => stack.init(), 60_000);
afterAll(() => stack.dispose(), 120_000);

/** Demands that the engine did what was announced for each task, and nothing else. */
function agree(
  announced: readonly Announced[],
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
) {
  const said = new Map(
    announced.filter(({ type }) => type === "Task").map(({ name, op }) => [short(name), op] as const),
  );
  const done = new Map(
    [...new Set([...before.keys(), ...after.keys()])].flatMap((key): [string, Announced["op"]][] => {
      const [old, now] = [before.get(key), after.get(key)];
      if (old === now) return said.get(short(key)) === "update" ? [[short(key), "update"]] : [];
      return [[short(key), old === undefined ? "create" : now === undefined ? "delete" : "replace"]];
    }),
  );
  expect(Object.fromEntries([...done].toSorted())).toEqual(Object.fromEntries([...said].toSorted()));
}

test(
  `seed ${seed}: every change is announced as it happens, and leaves nothing to do and nothing over`,
  async () => {
    const end = Date.now() + minutes * 60_000;
    let tree = first();
    write(tree);
    await stack.up();
    const counts = { done: 0, "refused by the preview": 0, "refused by the engine": 0 };
    const story: string[] = [];
    while (Date.now() < end) {
      const next = structuredClone(tree);
      const what = Array.from({ length: oneOf([1, 1, 2, 3]) }, () => change(next)).join("; ");
      story.push(what);
      try {
        write(next);
        const before = await present();
        const previewed = await stack.run(["preview"]);
        if (previewed.code !== 0) {
          counts["refused by the preview"]++;
          expect(await present()).toEqual(before);
          write(tree);
          continue;
        }
        const announced = announcedIn(previewed.out);
        const ran = await stack.tryUp();
        if (ran.code !== 0) {
          // What the engine alone knows: all that ran before still runs, and going back leads there.
          counts["refused by the engine"]++;
          story.push(`   the engine: ${/did not come up: (.*)/.exec(ran.out)?.[1] ?? ran.out}`);
          const now = await present();
          for (const [key, container] of before) expect([key, now.get(key)]).toEqual([key, container]);
          write(tree);
          await stack.up();
        } else {
          counts.done++;
          tree = next;
          agree(announced, before, await present());
        }
        await stack.up("--expect-no-changes");
        const after = await present();
        expect([...after.keys()].map(short).toSorted()).toEqual(wanted(tree));
        expect([...after.values()].filter((container) => !container.endsWith(" running"))).toEqual([]);
        expect((await containersOf(stack.project)).map(taskOf)).toHaveLength(after.size);
      } catch (error) {
        throw new Error(`seed ${seed}, after ${story.length} changes:\n${story.join("\n")}`, { cause: error });
      }
    }
    console.log(`seed ${seed}: ${JSON.stringify(counts)}\n${story.join("\n")}`);
    expect(counts.done).toBeGreaterThan(0);
    await stack.destroy();
    expect([await containersOf(stack.project), await volumesOf(stack.project)]).toEqual([[], []]);
  },
  (minutes + 3) * 60_000,
);

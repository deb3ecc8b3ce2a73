/**
 * For every row of the option table: setting, changing, reordering and unsetting it is announced by the preview as
 * what then happens, and nothing is left to do afterwards. Each row is a task of its own in one program.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { taskOptions } from "../../provider/options";
import type { AnyRow } from "../../provider/options/option";
import { allowAll } from "../support/allow-all";
import { containersOf, taskOf, volumesOf } from "../support/engine";
import { makeNetwork, type Network } from "../support/networks";
import { notRunHere } from "../support/not-run-here";
import { startRegistry, type Registry } from "../support/registry";
import { TestStack } from "../support/stack";

type Value = unknown;

const allRows = Object.entries(taskOptions) as [keyof typeof taskOptions, AnyRow][];
const rows = allRows.filter(([key]) => !(key in notRunHere));
/** They are previewed, from a state that says they run. */
const previewedRows = allRows.filter(([key]) => key in notRunHere);
const values = (row: AnyRow): readonly Value[] => row.examples;

/** The same value, written down in another order. */
const reordered = (value: Value): Value =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).reverse())
    : value;

let stack: TestStack;
let registry: Registry;
let network: Network;

/** Each row that an image has, and not its container, has an image to itself; forced pulls ask a registry. */
const imageOf = (key: string, row: AnyRow): string => {
  if (key === "forcePull") return registry.image;
  return row.on === "image" ? `longshore/pause:row-${key.toLowerCase()}` : "longshore/pause:3.1";
};
const ownImages = rows.filter(([, { on }]) => on === "image").map(([key, row]) => imageOf(key, row));

/** The neighbours that a row needs; a network of somebody's own is the one of this test. */
const neighbours = ({ with: values = {} }: AnyRow) => ({
  ...(values as object),
  ...("networkMode" in values && { networkMode: network.name }),
});

/** The program in which each row's task has the value that `of` gives, or none. */
const write = (of: (key: string, row: AnyRow) => Value, written: typeof rows = rows) => {
  const tree = {
    plugin: { ...allowAll, cpuTotalCompute: 5192 },
    groups: Object.fromEntries(
      written.map(([key, row]) => {
        const image = imageOf(key, row);
        const value = of(key, row);
        return [
          key,
          {
            ...(["ports", "portMap"].includes(key) && {
              group: { network: { ports: { http: { to: 80 }, admin: {} } } },
            }),
            // The images have different programs of their own.
            tasks: {
              [key]: {
                image,
                ...(key === "image" && { command: "/bin/sleep", args: ["3000"] }),
                ...neighbours(row),
                ...(value !== undefined && { [key]: value }),
              },
            },
          },
        ];
      }),
    ),
  };
  writeFileSync(join(stack.dir, "tree.json"), JSON.stringify(tree));
};

type Bag = Record<string, unknown>;
interface Checkpoint {
  readonly checkpoint: {
    readonly latest: { readonly resources: readonly { readonly inputs?: Bag; readonly outputs?: Bag }[] };
  };
}

/** Writes a task's option into the state, as if it had been run with it. */
const pretend = (key: string, value: Value) => {
  const state = JSON.parse(stack.state) as Checkpoint;
  const tasks = state.checkpoint.latest.resources.filter(
    ({ inputs }) => (inputs?.place as Bag | undefined)?.task === key && inputs?.kind === "Task",
  );
  for (const bag of tasks.flatMap(({ inputs = {}, outputs = {} }) => [inputs, outputs]))
    Object.assign(bag, { [key]: value });
  writeFileSync(stack.stateFile, JSON.stringify(state));
};

/** What a preview announces of the resource that has each row: the task's, or its image's. */
const announcedTasks = async () => {
  const announced = await stack.preview();
  const ofRow = (key: string, row: AnyRow) =>
    announced.find(({ type, name }) =>
      row.on === "image"
        ? type === "Image" && name.split(" ")[0] === imageOf(key, row)
        : type === "Task" && name.split("/").at(-1) === key,
    );
  return new Map(
    allRows.flatMap(([key, row]) => {
      const found = ofRow(key, row);
      return found ? [[key, { op: found.op, names: found.changed }] as const] : [];
    }),
  );
};

const containerIds = async () =>
  new Map((await containersOf(stack.project)).map((row) => [taskOf(row), row.Id] as const));

/** What a change of this row is announced as. */
const expected = ({ change }: AnyRow) => (change === "replace" ? "replace" : "update");

// What is in an archive is known when it was loaded: until then the image may be another one, and is announced so.
const isLoaded = (key: string, op: string | undefined) => key === "load" && op === "replace";

/** Previews, runs, and demands that what was announced is what happened, and that all is quiet afterwards. */
async function truth(changed: ReadonlySet<string>): Promise<void> {
  const before = await containerIds();
  const announced = await announcedTasks();

  for (const [key, row] of rows) {
    const op = announced.get(key)?.op;
    if (!isLoaded(key, op)) expect([key, op]).toEqual([key, changed.has(key) ? expected(row) : undefined]);
  }
  // Pulumi does not tell that a secret is what changed.
  const told = rows.filter(([key, { secret }]) => changed.has(key) && !secret).map(([key]) => key);
  for (const key of told) expect([key, announced.get(key)?.names]).toEqual([key, expect.arrayContaining([key])]);

  await stack.up();
  const after = await containerIds();
  for (const [key, row] of rows) {
    const replaced = changed.has(key) && expected(row) === "replace";
    expect([key, before.get(key) !== after.get(key)]).toEqual([key, replaced]);
  }
  await quiet();
}

async function quiet(): Promise<void> {
  await stack.ok(["preview", "--expect-no-changes"]);
  await stack.up("--expect-no-changes");
  await stack.refresh("--expect-no-changes");
}

beforeAll(async () => {
  registry = await startRegistry();
  network = await makeNetwork("--subnet", "192.0.2.0/24", "--ipv6", "--subnet", "2001:db8::/64");
  stack = await new TestStack("tests/programs/from-file").init();
  for (const image of ownImages) execFileSync("docker", ["tag", "longshore/pause:3.1", image]);
  const [archive = "", other = ""] = taskOptions.load.examples.map((path) => join(stack.dir, path));
  mkdirSync(join(archive, ".."), { recursive: true });
  execFileSync("docker", ["save", "-o", archive, imageOf("load", taskOptions.load)]);
  copyFileSync(archive, other);
}, 720_000);

afterAll(async () => {
  await stack.dispose();
  execFileSync("docker", ["rmi", ...ownImages], { stdio: "ignore" });
  network.remove();
  await registry.stop();
}, 120_000);

describe.each([["every row"]])("%s", () => {
  test("unset: the first up makes one container for each, and the second has nothing to do", async () => {
    write(() => undefined);
    await stack.up();
    expect([...(await containerIds()).keys()].sort()).toEqual(rows.map(([key]) => key).sort());
    await quiet();
  }, 300_000);

  test("set: the preview names the option and says update or replace, and up does that", async () => {
    write((_, row) => values(row)[0]);
    await truth(new Set(rows.map(([key]) => key)));
  }, 300_000);

  test("changed: the same", async () => {
    write((_, row) => values(row)[1] ?? values(row)[0]);
    await truth(new Set(rows.filter(([, row]) => values(row).length > 1).map(([key]) => key)));
  }, 300_000);

  test("written in another order: nothing to do", async () => {
    write((key, row) => {
      const value = values(row)[1] ?? values(row)[0];
      return key === "ports" ? [...(value as string[])].reverse() : reordered(value);
    });
    await truth(new Set());
  }, 300_000);

  test("unset again: the same as setting, and the container is as it was at first", async () => {
    write(() => undefined);
    await truth(new Set(rows.map(([key]) => key)));
  }, 300_000);

  test("destroyed: nothing is left on the engine", async () => {
    await stack.destroy();
    expect([await containersOf(stack.project), await volumesOf(stack.project)]).toEqual([[], []]);
  }, 300_000);
});

describe("rows whose examples no engine here can run (previewed only, without an engine)", () => {
  // An engine at hand may refuse what it cannot run; one that is not reached leaves the plan to the state.
  const unreachable = { DOCKER_HOST: "unix:///nowhere/docker.sock" };

  beforeAll(async () => {
    write(() => undefined, previewedRows);
    await stack.up();
    stack.env = unreachable;
  }, 300_000);

  afterAll(async () => {
    for (const [key] of previewedRows) pretend(key, undefined);
    stack.env = {};
    await stack.destroy();
  }, 300_000);

  test.each([
    ["set", 0, 1],
    ["changed", 1, 2],
    ["changed back", 2, 1],
    ["unset", 1, 0],
    ["left as it is", 1, 1],
  ])(
    "%s: the preview names the option and says update or replace",
    async (_, from, to) => {
      const stateAt = (row: AnyRow, index: number): Value =>
        index === 0 ? undefined : (values(row)[index - 1] ?? values(row)[0]);
      for (const [key, row] of previewedRows) pretend(key, stateAt(row, from));
      write((__, row) => stateAt(row, to), previewedRows);
      const announced = await announcedTasks();
      for (const [key, row] of previewedRows) {
        const op = isDeepStrictEqual(stateAt(row, from), stateAt(row, to)) ? undefined : expected(row);
        expect([key, announced.get(key)?.op]).toEqual([key, op]);
        if (op !== undefined) expect([key, announced.get(key)?.names]).toEqual([key, expect.arrayContaining([key])]);
      }
    },
    120_000,
  );
});

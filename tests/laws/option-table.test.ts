/** The laws of the table: they hold for every row, so a new option is covered when it is written. */
import { isDeepStrictEqual } from "node:util";
import { allocationDirs } from "../../provider/allocation-dirs";
import type { ContainerInfo, CreateRequest, HostConfig } from "../../provider/engine/types";
import type { Facts } from "../../provider/facts";
import { type TaskSpec, taskOptions } from "../../provider/options";
import {
  canonical,
  changes,
  drift,
  inherited,
  resolved,
  toEngine,
  toUpdate,
  validate,
  violations,
} from "../../provider/options/folds";
import { groupOptions, jobOptions } from "../../provider/options/job";
import { nomadName } from "../../provider/options/names";
import type { AnyRow, AnyRows } from "../../provider/options/option";
import { pluginOptions } from "../../provider/options/plugin";
import { pluginSpec } from "../../provider/plugin-spec";
import { allowAll } from "../support/allow-all";

type Bag = Readonly<Record<string, unknown>>;

const tables = { taskOptions, jobOptions, groupOptions, pluginOptions } as const;
const rowsOf = (table: AnyRows) => Object.entries<AnyRow>(table);
const everyRow = Object.entries(tables).flatMap(([table, rows]) =>
  rowsOf(rows).map(([key, row]) => [`${table}.${key}`, key, row] as const),
);
const taskRows = rowsOf(taskOptions);

const facts: Facts = {
  place: { job: "job", group: "group", index: 0, task: "task" },
  allocation: {
    id: "00000000-0000-4000-8000-000000000000",
    ports: {
      http: { hostIp: "127.0.0.1", value: 20000, to: 8080 },
      admin: { hostIp: "127.0.0.1", value: 20001, to: 9090 },
    },
  },
  dirs: allocationDirs("00000000-0000-4000-8000-000000000000", "task"),
  engine: { cpuTotalCompute: 5192, cpuCores: 2 },
  plugin: pluginSpec({}),
};

const specOf = (values: Bag): TaskSpec => {
  const { values: spec, failures } = validate(taskOptions, { image: "img:1", ...values }, () => false);
  expect(failures).toEqual([]);
  return spec as TaskSpec;
};
/** On the kind of engine that has the option. */
const factsFor = ({ os = "linux" }: AnyRow): Facts => ({ ...facts, engine: { ...facts.engine, os } });
const rowOf = (key: string): AnyRow => (taskOptions as AnyRows)[key] as AnyRow;
const setTo = (key: string, value: unknown): TaskSpec => specOf({ ...rowOf(key).with, [key]: value });
const unset = (key: string): TaskSpec => specOf({ ...rowOf(key).with });

/** The engine's fields that a request writes: `HostConfig.Memory`, `Cmd`. */
const fields = ({ HostConfig: host = {}, ...request }: CreateRequest): Bag => ({
  ...Object.fromEntries(Object.entries(request)),
  ...Object.fromEntries(Object.entries(host).map(([field, value]) => [`HostConfig.${field}`, value])),
});
const alone = (row: AnyRow, value: unknown, spec: TaskSpec) => row.engine?.(value, spec, facts) ?? {};
const updateAlone = (row: AnyRow, value: unknown, spec: TaskSpec) =>
  (row.update ?? row.engine)?.(value, spec, facts) ?? {};
const isBlank = (value: unknown) =>
  value === undefined || value === null || value === 0 || value === "" || isDeepStrictEqual(value, {});

/** A container as the engine shows it after a create, and after an update over it. */
const container = (...told: readonly HostConfig[]): ContainerInfo =>
  ({ HostConfig: Object.assign({}, ...told) as HostConfig }) as ContainerInfo;
const create = (spec: TaskSpec): HostConfig => toEngine(taskOptions, spec, facts).HostConfig ?? {};
const update = (spec: TaskSpec): HostConfig => toUpdate(taskOptions, spec, facts);
const driftOf = (spec: TaskSpec, live: ContainerInfo) => drift(taskOptions, spec, facts, live);

describe.each(everyRow)("%s", (_, key, row) => {
  test.each(row.examples.map((example) => [JSON.stringify(example), example]))(
    "the example %s is valid",
    (__, example) => {
      const parsed = row.schema.safeParse(example) as { success: boolean; data: unknown };
      expect(parsed.success).toBe(true);
      // Defaults of inner keys may be added; what was written stays.
      if (typeof example === "object") expect(parsed.data).toMatchObject(example as object);
      else expect(parsed.data).toEqual(example);
    },
  );

  test("no example is the default, and none is another's", () => {
    const table = { [key]: row };
    const said = [undefined, ...(row.examples as readonly unknown[])].map(
      (value) => canonical(table, { [key]: value })[key],
    );
    expect(said.filter((value, index) => said.findIndex((other) => isDeepStrictEqual(value, other)) !== index)).toEqual(
      [],
    );
  });

  test("its name goes to Nomad's and back", () =>
    expect(nomadName(key).replace(/_([a-z])/g, (__, letter: string) => letter.toUpperCase())).toBe(key));
});

describe.each(taskRows)("%s", (key, row) => {
  const examples = row.examples as readonly unknown[];

  test("its examples are in the limits of an operator who allows all, and the engine's", () => {
    const scope = {
      portLabels: Object.keys(facts.allocation.ports),
      engine: factsFor(row).engine,
      plugin: pluginSpec(allowAll),
    };
    for (const example of examples) expect(violations(taskOptions, setTo(key, example), scope)).toEqual([]);
  });

  test("a change of it is a change of it alone", () => {
    const values = [undefined, ...examples];
    for (const [index, value] of values.entries()) {
      const next = values[(index + 1) % values.length];
      const all = changes(taskOptions, { ...unset(key), [key]: value }, { ...unset(key), [key]: next });
      expect(all).toEqual({ "in-place": [], replace: [], record: [], [row.change]: [key] });
    }
  });

  test("the engine is told of it, exactly when it says so", () => {
    // A required option cannot be unset; its examples differ.
    const without = row.schema.safeParse(undefined).success ? unset(key) : setTo(key, examples[1]);
    const differs = !isDeepStrictEqual(
      toEngine(taskOptions, setTo(key, examples[0]), factsFor(row)),
      toEngine(taskOptions, without, factsFor(row)),
    );
    expect(differs).toBe(row.change !== "record");
  });

  if (row.change === "in-place") {
    test("all that it writes is the engine's to update", () => {
      if (row.writtenBy === undefined)
        for (const example of examples)
          expect(alone(row, example, setTo(key, example))).toEqual({ HostConfig: expect.anything() as object });
    });

    test("once unset, an update undoes it", () => {
      const body = update(unset(key)) as Bag;
      for (const example of examples) {
        const spec = setTo(key, example);
        const written = { ...create(spec), ...update(spec) } as Bag;
        const before = { ...create(unset(key)), ...update(unset(key)) } as Bag;
        const own = Object.keys(written).filter((field) => !isDeepStrictEqual(written[field], before[field]));
        // The engine leaves alone what an update does not name, or names as zero.
        expect([key, own.filter((field) => isBlank(body[field]))]).toEqual([key, []]);
      }
    });

    test("it is read back, or a neighbour reads it", () =>
      expect(row.observe !== undefined || row.writtenBy !== undefined).toBe(true));

    test("set or unset, what the engine was told is no drift", () => {
      for (const [index, example] of [undefined, ...examples].entries()) {
        const spec = index === 0 ? unset(key) : setTo(key, example);
        expect(driftOf(spec, container(create(spec)))).toEqual({});
        for (const before of [unset(key), setTo(key, examples[0]), setTo(key, examples.at(-1))])
          expect(driftOf(spec, container(create(before), update(spec)))).toEqual({});
      }
    });
  }

  if (row.inherit)
    test("what the operator gives is given once", () => {
      for (const value of [undefined, ...examples]) {
        const once = inherited({ [key]: row }, { [key]: value }, pluginSpec(allowAll));
        expect(inherited({ [key]: row }, once, pluginSpec(allowAll))).toEqual(once);
      }
    });

  if (row.resolve)
    test("what is read is read once", () => {
      const read = () => '{ "defaultAction": "SCMP_ACT_ALLOW" }';
      for (const example of examples) {
        const once = resolved({ [key]: row }, { [key]: example }, read);
        expect(resolved({ [key]: row }, once.values, () => "")).toEqual({ values: once.values, failures: [] });
      }
    });

  if (row.os)
    test("the other kind of engine refuses it, and is not told of it", () => {
      const other = factsFor({ ...row, os: row.os === "linux" ? "windows" : "linux" });
      for (const example of examples) {
        const spec = setTo(key, example);
        expect(violations(taskOptions, spec, { engine: other.engine })).toEqual([
          {
            property: key,
            reason: expect.stringMatching(/and the engine runs (?:Linux|Windows) ones; leave it out$/) as string,
          },
        ]);
        expect(toEngine(taskOptions, spec, other)).toEqual(toEngine(taskOptions, unset(key), other));
      }
      expect(violations(taskOptions, unset(key), { engine: other.engine })).toEqual([]);
    });

  if (row.observe)
    test("drift names it, with what is live", () => {
      const live = container(create(unset(key)));
      for (const example of examples)
        expect(driftOf(setTo(key, example), live)).toEqual({ [key]: row.observe?.(live, facts) as unknown });
    });
});

test("no two rows write one field of the engine", () => {
  const all = specOf(
    Object.fromEntries(taskRows.map(([key, { examples }]) => [key, (examples as readonly unknown[])[0]])),
  );
  const writers = taskRows.flatMap(([key, row]) => {
    const value = all[key as keyof TaskSpec];
    const written = new Set([
      ...Object.keys(fields(alone(row, value, all))),
      ...Object.keys(fields(updateAlone(row, value, all))),
    ]);
    return [...written].map((field) => ({ key, field }));
  });
  const shared = [...Map.groupBy(writers, ({ field }) => field)].filter(([, keys]) => keys.length > 1);
  expect(shared).toEqual([]);
});

test("a neighbour writes only those that say so", () => {
  const silent = taskRows.filter(([key, row]) => {
    const spec = setTo(key, (row.examples as readonly unknown[])[0]);
    return row.change !== "record" && Object.keys(fields(alone(row, spec[key as keyof TaskSpec], spec))).length === 0;
  });
  const saying = taskRows.filter(([, { writtenBy }]) => writtenBy !== undefined);
  expect(silent.map(([key]) => key).sort()).toEqual(saying.map(([key]) => key).sort());
});

test("a task that says nothing is the same to every later version: no default is in what is hashed", () =>
  expect(canonical(taskOptions, { image: "img:1" }, "replace")).toEqual({ image: "img:1" }));

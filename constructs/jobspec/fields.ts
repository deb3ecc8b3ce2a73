import { type Dialect, asBlock, fromNomad, isBag, keyOf } from "../../provider/options/from-nomad";
import type { Failure } from "../../provider/options/folds";
import type { AnyRows, Stanza } from "../../provider/options/option";

type Values = Record<string, unknown>;

/** What a table takes of a job file: values for its options, and what is wrong beyond what their schemas see. */
export interface TakenValues {
  readonly values: Values;
  readonly failures: readonly Failure[];
}

/** What a Nomad server adds to a job when it is asked for one: nothing that anybody wrote. */
const bookkeeping = new Set([
  ...["Status", "StatusDescription", "Version", "SubmitTime", "Stable", "CreateIndex", "ModifyIndex", "JobModifyIndex"],
]);

/** Whether a field says nothing: the API writes every field, those never given as null, zero or empty. */
export const isBlank = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  value === 0 ||
  value === false ||
  (Array.isArray(value) && value.length === 0) ||
  (isBag(value) && Object.values(value).every(isBlank));

// `MemoryMB` is the option `memory`, `CPU` is `cpu`, `KillTimeout` is `killTimeout`.
const optionOf = (field: string) => field.replace(/MB$/, "").toLowerCase();

/** An object of a job file in the API's form. A field of it is either taken or left, and what is left is told. */
export class Fields {
  private readonly taken = new Set<string>();

  private constructor(private readonly object: Readonly<Values>) {}

  static of(value: unknown): Fields | undefined {
    const object = asBlock(value ?? {});
    return isBag(object) ? new Fields(object) : undefined;
  }

  static none(): Fields {
    return new Fields({});
  }

  get isBlank(): boolean {
    return isBlank(this.object);
  }

  take(field: string): unknown {
    this.taken.add(field);
    return this.object[field] ?? undefined;
  }

  /** The elements of a list, each an object; what is none becomes undefined. */
  takeList(field: string): readonly (Fields | undefined)[] {
    const list = this.take(field) ?? [];
    return Array.isArray(list) ? list.map((element) => Fields.of(element)) : [undefined];
  }

  /** The values of a table's options, by rule of name. */
  takeOptions(rows: AnyRows, { keepZero = false } = {}): TakenValues {
    const taken = Object.entries(rows).flatMap(([key, row]) => {
      const field = Object.keys(this.object).find((name) => optionOf(name) === key.toLowerCase());
      const value = field === undefined ? undefined : this.take(field);
      const said = keepZero ? value !== undefined : !isBlank(value);
      return said ? [{ key, ...fromNomad(row.schema, value, field ?? key, "api") }] : [];
    });
    return {
      values: Object.fromEntries(taken.map(({ key, value }) => [key, value])),
      failures: taken.flatMap(({ failures }) => failures),
    };
  }

  /** Fields that say something and that nobody took. */
  get left(): readonly string[] {
    return Object.keys(this.object).filter(
      (name) => !this.taken.has(name) && !bookkeeping.has(name) && !isBlank(this.object[name]),
    );
  }
}

/** The rows that one part of a job file holds. */
export const rowsIn = (rows: AnyRows, stanza: Stanza): AnyRows =>
  Object.fromEntries(Object.entries(rows).filter(([, row]) => (row.stanza ?? "config") === stanza));

/** A map in the driver's own keys: a task's `Config`, or the plugin's. */
export function fromConfig(rows: AnyRows, config: Readonly<Values>, dialect: Dialect = "config"): TakenValues {
  const values: Values = {};
  const failures: Failure[] = [];
  for (const [name, written] of Object.entries(config)) {
    const alias = Object.keys(rows).find((one) => rows[one]?.alias === name);
    const { key = alias, hint } = keyOf(Object.keys(rows), name, dialect);
    const row = key === undefined ? undefined : rows[key];
    if (key === undefined || !row) failures.push({ property: name, reason: `${name} is not an option${hint}` });
    else if (written !== null) {
      const { value, failures: inside } = fromNomad(row.schema, written, name, dialect);
      values[key] = value;
      failures.push(...inside);
    }
  }
  return { values, failures };
}

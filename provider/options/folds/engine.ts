/** Values as the engine is told them, and as it shows them. */
import { isDeepStrictEqual } from "node:util";
import type { ContainerInfo, CreateRequest, HostConfig } from "../../engine/types";
import type { Facts } from "../../facts";
import type { AnyRow, AnyRows, SpecOf } from "../option";
import { onOtherSystem } from "./judge";

type Bag = Readonly<Record<string, unknown>>;

const merge = (parts: readonly CreateRequest[]): CreateRequest =>
  parts.reduce<CreateRequest>(
    (whole, part) => ({
      ...whole,
      ...part,
      ...((whole.HostConfig ?? part.HostConfig) && { HostConfig: { ...whole.HostConfig, ...part.HostConfig } }),
    }),
    {},
  );

/** What the rows write into a create request. */
export const toEngine = <R extends AnyRows>(rows: R, spec: SpecOf<R>, facts: Facts): CreateRequest =>
  merge(
    Object.entries(rows)
      .filter(([, row]) => onOtherSystem(row, facts.engine) === undefined)
      .map(([key, { engine }]) => engine?.((spec as Bag)[key], spec, facts) ?? {}),
  );

const updatePart = (row: AnyRow, value: unknown, spec: unknown, facts: Facts): CreateRequest =>
  (row.update ?? row.engine)?.(value, spec, facts) ?? {};

/** The body of an update that brings a live container to the wanted values, unset ones included. */
export const toUpdate = <R extends AnyRows>(rows: R, spec: SpecOf<R>, facts: Facts): HostConfig =>
  merge(
    Object.entries(rows)
      .filter(([, { change }]) => change === "in-place")
      .map(([key, row]) => updatePart(row, (spec as Bag)[key], spec, facts)),
  ).HostConfig ?? {};

/** Zero, empty and absent are one to the engine. */
const blank = (value: unknown) =>
  value === undefined || value === null || value === 0 || value === -1 || value === "" || isDeepStrictEqual(value, {});

const agrees = (live: unknown, told: unknown): boolean => {
  if (blank(told)) return blank(live);
  if (typeof told === "object" && told !== null && !Array.isArray(told)) {
    const parts = (live ?? {}) as Bag;
    return Object.entries(told).every(([key, value]) => agrees(parts[key], value));
  }
  return isDeepStrictEqual(live, told);
};

/**
 * What changed on a live container behind our back, by option. A field may hold what a create or what an update
 * would have told it; where both leave it alone, it must be blank.
 */
export const drift = <R extends AnyRows>(rows: R, spec: SpecOf<R>, facts: Facts, live: ContainerInfo): Bag => {
  const drifted: Record<string, unknown> = {};
  for (const [key, row] of Object.entries(rows)) {
    if (!row.observe) continue;
    const value = (spec as Bag)[key];
    const created: Bag = { ...row.engine?.(value, spec, facts).HostConfig };
    const updated: Bag = { ...updatePart(row, value, spec, facts).HostConfig };
    const fields = new Set([...Object.keys(created), ...Object.keys(updated)]);
    const host: Bag = { ...live.HostConfig };
    const same = [...fields].every(
      (field) => agrees(host[field], created[field]) || agrees(host[field], updated[field]),
    );
    if (!same) drifted[key] = row.observe(live, facts);
  }
  return drifted;
};

/** Whether an engine is what constraints ask for. */
import type { Attributes } from "../attributes";
import { nearest } from "../options/did-you-mean";
import { type Constraint, nameIn } from "./constraint";
import { type Side, operatorOf } from "./operators";

const sideOf = (written: string | undefined, attributes: Attributes): Side => {
  if (written === undefined) return undefined;
  const name = nameIn(written);
  if (name === undefined) return written;
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
};

/** A side with what it is: `${attr.cpu.arch} is "amd64"`. */
const said = (written: string, attributes: Attributes): string => {
  const [name, value] = [nameIn(written), sideOf(written, attributes)];
  if (name === undefined) return `"${written}"`;
  if (value !== undefined) return `${written} is "${value}"`;
  const best = nearest(name, Object.keys(attributes));
  return `${written} is not known of this engine${best === undefined ? "" : ` (it has ${best})`}`;
};

/** What is asked for: `"r1" (${meta.rack})`. */
const asked = (written: string, attributes: Attributes): string => {
  const value = sideOf(written, attributes);
  if (nameIn(written) === undefined || value === undefined) return said(written, attributes);
  return `"${value}" (${written})`;
};

/** Why an engine does not meet a constraint, or nothing. Completes "the constraint …". */
export function unmet(
  { attribute = "", operator, value = "" }: Constraint,
  attributes: Attributes,
): string | undefined {
  const known = operatorOf(operator);
  if (!known || known.meets(sideOf(attribute, attributes), sideOf(value, attributes))) return undefined;
  const wanted = known.takes === "both" ? ` ${asked(value, attributes)}` : "";
  return `is not met: ${said(attribute, attributes)}, and ${known.says}${wanted}; name another engine, or take it out`;
}

/**
 * Why a group's allocations cannot all be on one engine, or nothing.
 * @param group the group's path
 */
export function crowded(
  { attribute = "", operator, value }: Constraint,
  { group, count }: { readonly group: string; readonly count: number },
): string | undefined {
  const wayOut = "lower its count, or make a group for each engine";
  const there = `is not met: ${group} has ${count} allocations, all on one engine`;
  if (operator === "distinct_hosts") return value !== "false" && count > 1 ? `${there}; ${wayOut}` : undefined;
  if (operator !== "distinct_property") return undefined;
  const most = Number(value ?? "1");
  const may = most === 1 ? "one alone may have" : `${most} of them may share`;
  return count > most ? `${there}, and ${may} its ${attribute}; ${wayOut}` : undefined;
}

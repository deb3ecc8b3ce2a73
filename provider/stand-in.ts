/** What an engine and a run would give an allocation, where none is asked: always the same for the same place. */
import { createHash } from "node:crypto";
import type { AllocatedPort } from "./facts";
import type { AllocationPlace } from "./inputs";
import type { NetworkSpec } from "./options/job";

/** An allocation's id, in the form of a random UUID. */
export const standInAllocId = ({ job, group, index }: AllocationPlace): string => {
  const digits = createHash("sha256")
    .update(JSON.stringify([job, group, index]))
    .digest("hex");
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`];
  return [...parts, digits.slice(20, 32)].join("-");
};

const firstDynamic = 20_000;

const staticsOf = (network: NetworkSpec | undefined): readonly number[] =>
  Object.values(network?.ports ?? {}).flatMap((port) => (port.static === undefined ? [] : [port.static]));

/** Gives each allocation its ports: dynamic ones from 20000 up, none twice. */
export function standInPorts(networks: readonly (NetworkSpec | undefined)[]) {
  const taken = new Set(networks.flatMap(staticsOf));
  let next = firstDynamic;
  const dynamic = (): number => {
    while (taken.has(next)) next++;
    return next++;
  };
  return (network: NetworkSpec | undefined, hostAddress: string): Readonly<Record<string, AllocatedPort>> =>
    Object.fromEntries(
      Object.entries(network?.ports ?? {}).map(([label, { static: fixed, to, hostIp = hostAddress }]) => {
        const value = fixed ?? dynamic();
        return [label, { hostIp, value, to: to || value }];
      }),
    );
}

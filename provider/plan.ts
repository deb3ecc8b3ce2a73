/** What a create has to do about what it finds. Pure, and printable. */
import type { ContainerRow } from "./engine/types";
import { hashOfContainer } from "./ownership";

/** One thing to do, and why. */
export type Step =
  | { readonly kind: "adopt"; readonly id: string; readonly because: string }
  | { readonly kind: "remove"; readonly id: string; readonly because: string }
  | { readonly kind: "create"; readonly because: string };

export interface Found {
  /** Containers with the task's key. */
  readonly containers: readonly ContainerRow[];
  /** Of these, the ones that the state knows: they are the state's to delete. */
  readonly known: ReadonlySet<string>;
}

/**
 * The steps that lead from what is found to one container of the wanted hash. What an interrupted run left is taken
 * over when it is what is wanted and runs; else it goes: at once when it is dead, and when it runs only after the new
 * one has come up, for it may be all that serves, unless the two cannot run side by side.
 */
export function planCreate(hash: string, { containers, known }: Found, exclusive: boolean): readonly Step[] {
  const left = containers.filter(({ Id }) => !known.has(Id));
  const wanted = left.find((row) => row.State === "running" && hashOfContainer(row) === hash);
  const others = left.filter((row) => row !== wanted);
  const remove = (row: ContainerRow): Step => ({
    kind: "remove",
    id: row.Id,
    because: `an interrupted run left it ${row.State}`,
  });
  const first = others.filter(({ State }) => exclusive || State !== "running");
  const last = others.filter((row) => !first.includes(row));
  return [
    ...first.map(remove),
    wanted
      ? { kind: "adopt", id: wanted.Id, because: "an interrupted run left it, and it is what is wanted" }
      : { kind: "create", because: "there is none" },
    ...last.map(remove),
  ];
}

/** A plan as text, a line a step. */
export const printPlan = (steps: readonly Step[]): string =>
  steps
    .map((step) => `${step.kind}${"id" in step ? ` ${step.id.slice(0, 12)}` : ""}, because ${step.because}`)
    .join("\n");

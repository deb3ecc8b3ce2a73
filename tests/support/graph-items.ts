/** Stacks of any size, as pictures have them. */
import type { Change, Item } from "../../cli/graph/model";

export const item = (more: Partial<Item> = {}): Item => ({
  ...{ engine: "ssh://ops@west", app: "shop", job: "web", group: "server", index: 0, task: "echo" },
  ...{ image: "acme/echo:1", ports: [], things: [], changed: [] },
  ...more,
});

const changes: readonly (Change | undefined)[] = [undefined, "create", "update", "replace", "delete"];

/** Groups of up to six tasks, some of which share volumes and networks. */
export const manyItems = (count: number): readonly Item[] =>
  Array.from({ length: count }, (_, nth) => {
    const group = Math.floor(nth / 6);
    return item({
      engine: group % 5 === 4 ? "ssh://ops@east" : "ssh://ops@west",
      job: `job-${group % 4}`,
      group: `group-${group}`,
      task: `task-${nth}`,
      image: `registry.example/acme/platform/${"very-".repeat(nth % 9)}long:${nth}`,
      ports: nth % 2 ? [{ label: "http", host: "127.0.0.1:24683", to: 8080 }] : [],
      things: [
        ...(nth % 3 === 0 ? [{ kind: "volume", name: "cache" } as const] : []),
        ...(nth % 4 < 2 ? [{ kind: "volume", name: `data-${group}` } as const] : []),
        ...(nth % 5 === 0 ? [{ kind: "network", name: "backend" } as const] : []),
      ],
      change: changes[nth % changes.length],
      changed: changes[nth % changes.length] === "update" ? ["memory"] : [],
    });
  });

/** Containers that the state knows, by key: what bears the key besides is what an interrupted run left. */
const containers = new Map<string, Set<string>>();

export const know = (key: string, id: string): void => {
  containers.set(key, (containers.get(key) ?? new Set()).add(id));
};

export const knownOf = (key: string): ReadonlySet<string> => containers.get(key) ?? new Set();

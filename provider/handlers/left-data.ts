/** What a diff found to be replaced by one that has its data: its delete leaves them, also when it comes before the next create. */
const ids = new Set<string>();

export const leavesItsData = (id: string): void => void ids.add(id);
export const hasLeftItsData = (id: string): boolean => ids.has(id);

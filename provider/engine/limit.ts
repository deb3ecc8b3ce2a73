/** At most `most` of the given jobs at once; the rest wait in line. */
export type Limit = <T>(job: () => Promise<T>) => Promise<T>;

export const limit = (most: number): Limit => {
  let free = most;
  const waiting: (() => void)[] = [];
  return async (job) => {
    if (free > 0) free--;
    else await new Promise<void>((next) => waiting.push(next));
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
};

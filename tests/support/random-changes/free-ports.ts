import { createServer } from "node:net";

const isFree = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const server = createServer()
      .once("error", () => done(false))
      .listen(port, "127.0.0.1", () => server.close(() => done(true)));
  });

/** The ports of this machine that nobody has. */
export async function freePortsBetween(first: number, last: number): Promise<readonly number[]> {
  const all = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const free = await Promise.all(all.map(isFree));
  return all.filter((_, index) => free[index]);
}

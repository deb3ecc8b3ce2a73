/** Carries a loopback port of another network namespace to a loopback port of this one. */
import { connect, createServer, type Socket } from "node:net";
import { type OwnProcess, startOwn } from "./own-process";

/** Sockets that are files are seen from every namespace: this relays from one to a port inside. */
const relay = `
const { connect, createServer } = require("node:net");
const [path, port] = process.argv.slice(1);
createServer((outer) => {
  const inner = connect({ host: "127.0.0.1", port: Number(port) });
  outer.on("error", () => inner.destroy()).pipe(inner);
  inner.on("error", () => outer.destroy()).pipe(outer);
}).listen(path);
`;

export interface Carried extends OwnProcess {
  readonly port: number;
}

/** @param namespace a process of the other namespace */
export async function carryPort(namespace: number, inside: number, socket: string, log: string): Promise<Carried> {
  const args = [`--net=/proc/${namespace}/ns/net`, process.execPath, "-e", relay, socket, String(inside)];
  const relaying = startOwn(log, "nsenter", args);
  const open = new Set<Socket>();
  const server = createServer((outer) => {
    const inner = connect({ path: socket });
    open.add(outer);
    outer.on("close", () => open.delete(outer) && inner.destroy());
    outer.on("error", () => inner.destroy()).pipe(inner);
    inner.on("error", () => outer.destroy()).pipe(outer);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  return {
    pid: relaying.pid,
    port: typeof address === "object" && address ? address.port : 0,
    async end() {
      server.close();
      for (const socket of open) socket.destroy();
      await relaying.end();
    },
  };
}

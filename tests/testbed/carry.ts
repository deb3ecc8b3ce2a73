/** Carries a loopback port of another network namespace to a loopback port of this one; one direction may end before the other. */
import { readlinkSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { type OwnProcess, startOwn, until } from "./own-process";

/** Sockets that are files are seen from every namespace: this relays from one to a port inside. */
const relay = `
const { connect, createServer } = require("node:net");
const [path, port] = process.argv.slice(1);
createServer({ allowHalfOpen: true }, (outer) => {
  const inner = connect({ host: "127.0.0.1", port: Number(port), allowHalfOpen: true });
  outer.on("error", () => inner.destroy()).pipe(inner);
  inner.on("error", () => outer.destroy()).pipe(outer);
}).listen(path);
`;

const networkOf = (pid: number | "self") => readlinkSync(`/proc/${pid}/ns/net`);

/** A process is in the network of the one that started it until it has made its own. */
const inAnother = (pid: number) =>
  until("it has a network of its own", () =>
    networkOf(pid) === networkOf("self") ? Promise.reject(new Error("not yet")) : Promise.resolve(),
  );

export interface Carried extends Omit<OwnProcess, "kill"> {
  readonly port: number;
}

/** @param namespace a process of the other namespace */
export async function carryPort(namespace: number, inside: number, socket: string, log: string): Promise<Carried> {
  await inAnother(namespace);
  const args = [`--net=/proc/${namespace}/ns/net`, process.execPath, "-e", relay, socket, String(inside)];
  const relaying = startOwn(log, "nsenter", args);
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (outer) => {
    const inner = connect({ path: socket, allowHalfOpen: true });
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

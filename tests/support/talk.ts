/** Programs that answer on tcp and udp, and clients that ask them: in containers, with this machine's Node, and from outside. */
import { execFile } from "node:child_process";
import { createSocket } from "node:dgram";
import { connect } from "node:net";

export type Protocol = "tcp" | "udp";
export const protocols: readonly Protocol[] = ["tcp", "udp"];

const server = `
const { NAME: name, PORT: port } = process.env;
require("net").createServer((socket) => socket.end(name + " tcp")).listen(port);
const udp = require("dgram").createSocket({ type: "udp6" });
udp.on("message", (_, from) => udp.send(name + " udp", from.port, from.address)).bind(port);
`;

const client = `
const [protocol, host, port] = process.argv.slice(1);
const done = (text) => (console.log(String(text)), process.exit());
setTimeout(() => process.exit(1), 3000);
if (protocol === "tcp") require("net").connect(port, host).on("data", done).on("error", () => process.exit(1));
else {
  const udp = require("dgram").createSocket(host.includes(":") ? "udp6" : "udp4");
  udp.on("message", done);
  const ask = () => udp.send("?", port, host);
  setInterval(ask, 500);
  ask();
}
`;

const inHost = ["/host", process.execPath, "-e"];

/** Mounts this machine's files, which only an operator with volumes allows. */
export const talking = { image: "longshore/busybox:1.35", volumes: ["/:/host:ro"], killSignal: "SIGKILL" } as const;

/** A task that says its name to whoever asks it on a port. `$…` is a variable of its environment. */
export const answering = (name: string, port: string | number) => ({
  ...talking,
  command: "sh",
  args: ["-c", `export PORT=${port}; exec chroot "$@"`, "sh", ...inHost, server],
  env: { NAME: name },
});

/** Asks from inside of a container that mounts this machine's files. Undefined when nobody answers. */
export const askInside = (id: string, protocol: Protocol, host: string, port: string | number) =>
  new Promise<string | undefined>((resolve) => {
    const args = ["exec", id, "chroot", ...inHost, client, protocol, host, String(port)];
    execFile("docker", args, (error, stdout) => resolve(error ? undefined : stdout.trim()));
  });

/** Asks from outside, at `host:port`. Undefined when nobody answers. */
export function ask(protocol: Protocol, address: string): Promise<string | undefined> {
  const { hostname, port } = new URL(`http://${address}`);
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    const end = setTimeout(() => done(undefined), 3000);
    const done = (text: string | undefined) => {
      clearTimeout(end);
      clearInterval(again);
      stop();
      resolve(text);
    };
    let again: NodeJS.Timeout | undefined;
    let stop: () => void;
    if (protocol === "tcp") {
      const socket = connect(Number(port), host);
      stop = () => socket.destroy();
      let text = "";
      socket.on("data", (data: Buffer) => (text += data.toString()));
      socket.on("end", () => done(text || undefined));
      socket.on("error", () => done(undefined));
    } else {
      const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
      stop = () => socket.close();
      socket.on("message", (data) => done(data.toString()));
      socket.on("error", () => done(undefined));
      const send = () => socket.send("?", Number(port), host);
      again = setInterval(send, 500);
      send();
    }
  });
}

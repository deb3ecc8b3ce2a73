/** How a connection to an engine is made: socket, pipe, TCP, TLS or ssh. HTTP over it is the same. */
import { Agent } from "node:http";
import { type Socket, connect as connectSocket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import type { TcpAddress } from "../engine-address";
import type { Endpoint, Tls } from "./endpoint";
import { SshError, SshSocket } from "./ssh";
import { readTls, tlsObstacle } from "./tls";
import { type Obstacle, elsewhere, unreachable } from "./unreachable";

export interface Transport {
  readonly agent: Agent;
  /** What the failure of a connection that never worked says. */
  obstacle(error: Error): Obstacle;
  close(): void;
}

/** A pool of connections; which it makes, and how, is the transport's. */
class Connections extends Agent {
  constructor(
    private readonly make: () => Duplex,
    maxSockets: number,
  ) {
    super({ keepAlive: true, maxSockets });
  }
  override createConnection(): Duplex {
    return this.make();
  }
}

const connectMs = 15_000;

/** A host that is switched off answers nothing at all, and the system would wait for minutes. */
function within<T extends Socket>(socket: T, established: "connect" | "secureConnect"): T {
  const timer = setTimeout(() => socket.destroy(new Error(`nothing answered within ${connectMs / 1000} s`)), connectMs);
  const stop = () => clearTimeout(timer);
  return socket.once(established, stop).once("close", stop);
}

const plainObstacle = (error: NodeJS.ErrnoException): Obstacle =>
  error.code === "EACCES" || error.code === "EPERM"
    ? { reason: error.message, wayOut: "take a user who may use it: root, or a member of the group docker" }
    : { reason: error.message, wayOut: `start it, or ${elsewhere}` };

const overTcp = ({ host, port = 2375 }: TcpAddress) => within(connectSocket({ host, port }), "connect");

function tlsConnections(endpoint: Endpoint, { host, port = 2376 }: TcpAddress, tls: Tls): () => Duplex {
  const options = readTls(endpoint, tls);
  // A name of the certificate is asked for; an address has none.
  const named = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
  return () => within(connectTls({ host, port, ...named, ...options }), "secureConnect");
}

/** How many connections at once: sshd turns new ones away when ten are not logged in yet. */
const most = { ssh: 8, others: 64 } as const;

/** @throws EngineError when the files of TLS are not right */
export function transportTo(endpoint: Endpoint): Transport {
  const { address, tls } = endpoint;
  const over = (make: () => Duplex, obstacle: (error: Error) => Obstacle, sockets: number = most.others): Transport => {
    const agent = new Connections(make, sockets);
    return { agent, obstacle, close: () => agent.destroy() };
  };
  switch (address.kind) {
    case "socket":
      return over(() => connectSocket({ path: address.path }), plainObstacle);
    case "ssh":
      return over(
        () => new SshSocket(address),
        (error) => (error instanceof SshError ? error.obstacle : plainObstacle(error)),
        most.ssh,
      );
    case "tcp": {
      if (tls && address.tls === false)
        throw unreachable(endpoint, {
          reason: "certificates are given, and http:// is without TLS",
          wayOut: "write tcp:// or https://, or take the certificates (tls, DOCKER_TLS_VERIFY) away",
        });
      const spoken = tls ?? (address.tls ? {} : undefined);
      return spoken
        ? over(tlsConnections(endpoint, address, spoken), (error) => tlsObstacle(spoken, error) ?? plainObstacle(error))
        : over(() => overTcp(address), plainObstacle);
    }
  }
}

/** Which ports of this machine its processes have; asked when the engine is on it. */
import { createSocket } from "node:dgram";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer, isIP } from "node:net";
import { basename } from "node:path";
import { overlaps, plainAddress } from "./port-address";

/** A socket that somebody waits on. */
export interface Listener {
  readonly protocol: "tcp" | "udp";
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

/** A process that has a port; what this user may not see of it is left out. */
export interface PortProcess {
  readonly pid?: number;
  readonly name?: string;
  /** The container that it runs in. */
  readonly container?: string;
}

// Words of 32 bits, each with its lowest byte first.
function addressIn(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join(".");
  return plainAddress((bytes.join("").match(/.{4}/g) ?? []).join(":"));
}

const waiting = { tcp: "0A", udp: "07" } as const;

/** What a table of /proc/net says. */
export const listenersIn = (table: string, protocol: Listener["protocol"]): readonly Listener[] =>
  table.split("\n").flatMap((line) => {
    const [, , local = "", , state, , , , , , inode = ""] = line.split(/\s+/);
    const [, hex, port] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(local) ?? [];
    if (hex === undefined || port === undefined || state !== waiting[protocol]) return [];
    return [{ protocol, address: addressIn(hex), port: Number.parseInt(port, 16), inode }];
  });

const tryRead = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

/** Undefined where there is no /proc/net. */
function listenersHere(): readonly Listener[] | undefined {
  if (tryRead("/proc/net/tcp") === undefined) return undefined;
  return (["tcp", "udp"] as const).flatMap((protocol) =>
    ["", "6"].flatMap((version) => listenersIn(tryRead(`/proc/net/${protocol}${version}`) ?? "", protocol)),
  );
}

const names = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory);
  } catch {
    return []; // ended, or another user's
  }
};

const linkAt = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
};

/** The process that has a socket open. */
function ownerOf(inode: string): PortProcess {
  const pid = names("/proc")
    .filter((name) => /^\d+$/.test(name))
    .find((name) => names(`/proc/${name}/fd`).some((fd) => linkAt(`/proc/${name}/fd/${fd}`) === `socket:[${inode}]`));
  if (pid === undefined) return {};
  // The program's file: what a process calls itself may be the name of a thread.
  const name =
    basename(linkAt(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, "") || tryRead(`/proc/${pid}/comm`)?.trim();
  const container = /[0-9a-f]{64}/.exec(tryRead(`/proc/${pid}/cgroup`) ?? "")?.[0];
  return { pid: Number(pid), ...(name && { name }), ...(container && { container }) };
}

interface Address {
  readonly port: number;
  readonly address: string;
}
type Bind = (where: Address) => Promise<boolean>;

// Only that somebody has it is an answer: a port that this user may not have, or an address of no interface, is none.
const isInUse = (error: NodeJS.ErrnoException) => error.code === "EADDRINUSE";

const tryTcp: Bind = ({ port, address: host }) =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(!isInUse(error)));
    server.listen({ port, host, exclusive: true, ipv6Only: true }, () => server.close(() => resolve(true)));
  });

const tryUdp: Bind = ({ port, address }) =>
  new Promise((resolve) => {
    const socket = createSocket(isIP(address) === 6 ? { type: "udp6", ipv6Only: true } : { type: "udp4" });
    socket.once("error", (error) => {
      socket.close();
      resolve(!isInUse(error));
    });
    socket.bind({ port, address, exclusive: true }, () => socket.close(() => resolve(true)));
  });

const canBind = async (where: Address): Promise<boolean> => (await tryTcp(where)) && (await tryUdp(where));

/** Whether no process of this machine has a port, on whatever address. */
export async function isFreeHere(port: number, address: string): Promise<boolean> {
  for (const one of new Set([address, "0.0.0.0", "::"])) if (!(await canBind({ port, address: one }))) return false;
  return true;
}

const pauseMs = 100;

/** The process that keeps a port from being published on an address. */
export async function processOn(port: number, address: string): Promise<PortProcess | undefined> {
  const listeners = listenersHere();
  // Who listens on :: has the port of every IPv4 address too, as a rule.
  const found = listeners?.filter(
    (one) => one.port === port && (overlaps(one.address, address) || one.address === "::"),
  );
  if (found?.length === 0) return undefined;
  if (await canBind({ port, address })) return undefined;
  const [first] = found ?? [];
  if (first) return ownerOf(first.inode);
  // It may have been another one's look.
  await new Promise((next) => setTimeout(next, pauseMs));
  return (await canBind({ port, address })) ? undefined : {};
}

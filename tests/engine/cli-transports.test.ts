/** A command in a task over each way to an engine: the connection changes hands, and its input ends before its output. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type On, exec, logs } from "../../run";
import { type Certificates, makeCertificates } from "../testbed/certificates";
import { type TestEngine, startEngine } from "../testbed/engine";
import { type SshHost, startSshd } from "../testbed/ssh";

const image = "longshore/busybox:1.35";
const path = process.env.PATH ?? "";
let dir: string;
let certificates: Certificates;
let engine: TestEngine;
let host: SshHost;
const made: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "longshore-transports-"));
  made.push(() => rmSync(dir, { recursive: true, force: true }));
  certificates = makeCertificates(dir);
  const { pem, key } = certificates;
  engine = await startEngine([image], { tls: { ca: pem("ca"), cert: pem("server"), key: key("server") } });
  made.push(engine.stop);
  host = await startSshd(engine.url);
  made.push(host.stop);
  process.env.PATH = `${host.userWith({ key: true, hostKey: true })}:${path}`;
  const { Id } = await engine.client.createContainer("echo", {
    Image: image,
    Cmd: ["/bin/sh", "-c", "echo ready; while :; do sleep 0.1; done"],
    Labels: { "longshore.key": "project/stack/app/job/group[0]/echo" },
    HostConfig: { NetworkMode: "none" },
  });
  await engine.client.startContainer(Id);
}, 180_000);

afterAll(async () => {
  process.env.PATH = path;
  for (const end of made.reverse()) await end();
}, 60_000);

test.each<[string, () => On]>([
  ["a socket", () => ({ endpoint: engine.url })],
  [
    "TLS",
    () => ({
      endpoint: engine.tlsUrl,
      tls: { ca: certificates.pem("ca"), cert: certificates.pem("client"), key: certificates.key("client") },
    }),
  ],
  ["ssh", () => ({ endpoint: host.url })],
])(
  "%s: what goes in comes out whole, and the exit code with it",
  async (_, on) => {
    const input = "0123456789abcdef".repeat(65_536);
    const ran = await exec("echo", ["/bin/sh", "-c", "cat; echo done >&2; exit 3"], { ...on(), input });
    expect([ran.exitCode, ran.stdout === input, ran.stderr]).toEqual([3, true, "done\n"]);
    for await (const { data } of logs("echo", { ...on(), follow: true })) {
      expect(data.toString()).toBe("ready\n");
      break;
    }
  },
  60_000,
);

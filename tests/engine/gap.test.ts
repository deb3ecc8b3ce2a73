/** What a client notices of a replacement: nothing with dynamic ports, and with a static one the stop and the start. */
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { portsOf } from "../../provider/ownership";
import { containersOf } from "../support/engine";
import { docker } from "../support/image-use";
import { startRegistry } from "../support/registry";
import { TestStack } from "../support/stack";

let stack: TestStack;
beforeEach(async () => {
  stack = await new TestStack("tests/programs/from-file").init();
}, 60_000);
afterEach(() => stack.dispose(), 60_000);

const write = (port: object, version: string, image = "longshore/echo:1") => {
  const probe = "wget -q -O /dev/null http://127.0.0.1:8080/";
  const web = {
    ...{ image, ports: ["http"], env: { VERSION: version } },
    ...{ healthcheck: { command: probe, interval: "1s" }, wait: { until: "healthy" } },
  };
  const groups = { g: { group: { network: { ports: { http: { to: 8080, ...port } } } }, tasks: { web } } };
  writeFileSync(join(stack.dir, "tree.json"), JSON.stringify({ groups }));
};

/** The version that answers; undefined when nobody does. */
const versionAt = async (address: string): Promise<string | undefined> => {
  try {
    const answer = await fetch(`http://${address}/cgi-bin/env`, { signal: AbortSignal.timeout(2000) });
    return answer.ok ? /^VERSION=(.*)$/m.exec(await answer.text())?.[1] : undefined;
  } catch {
    return undefined;
  }
};

/** As a proxy before a service: it knows what runs, prefers the newest, and asks the next where one does not answer. */
async function startProxy() {
  let addresses: readonly string[] = [];
  const look = async () => {
    const rows = (await containersOf(stack.project)).filter(({ State }) => State === "running");
    addresses = rows
      .toSorted((a, b) => b.Created - a.Created)
      .flatMap((row) => Object.values(portsOf(row)).map(({ hostIp, value }) => `${hostIp}:${value}`));
  };
  await look();
  const looking = setInterval(() => void look(), 50);
  const server = createServer((_, answer) => {
    void (async () => {
      for (const address of addresses) {
        const version = await versionAt(address);
        if (version === undefined) continue;
        answer.end(`VERSION=${version}\n`);
        return;
      }
      answer.writeHead(502).end();
    })();
  });
  await new Promise<void>((up) => server.listen(0, "127.0.0.1", up));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      clearInterval(looking);
      server.close();
    },
  };
}

interface Asked {
  readonly at: number;
  readonly version: string | undefined;
}

/** Asks every 20 ms for as long as something goes on, and a moment before and after. */
async function askDuring(address: string, going: () => Promise<unknown>): Promise<readonly Asked[]> {
  const asked: Promise<Asked>[] = [];
  const asking = setInterval(() => {
    const at = Date.now();
    asked.push(versionAt(address).then((version) => ({ at, version })));
  }, 20);
  try {
    await sleep(500);
    await going();
    await sleep(500);
  } finally {
    clearInterval(asking);
  }
  return Promise.all(asked);
}

test("dynamic ports: a client behind a proxy has an answer at every moment of a replacement", async () => {
  write({}, "1");
  await stack.up();
  const proxy = await startProxy();
  try {
    write({}, "2");
    const asked = await askDuring(proxy.address, () => stack.up());
    expect(asked.length).toBeGreaterThan(50);
    expect(asked.filter(({ version }) => version === undefined)).toEqual([]);
    expect([...new Set(asked.map(({ version }) => version))]).toEqual(["1", "2"]);
  } finally {
    proxy.stop();
  }
}, 120_000);

/** What the engine logged of containers and images, with the time in seconds. */
const logged = (since: number) =>
  docker(
    ...["events", "--since", since.toFixed(3), "--until", (Date.now() / 1000).toFixed(3)],
    ...["--filter", "type=container", "--filter", "type=image", "--format", "{{json .}}"],
  )
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { Action: string; id: string; timeNano: number })
    .map(({ Action, id, timeNano }) => ({ action: Action, id, at: timeNano / 1e9 }));

test("a static port: the gap is the stop and the start only, the new image being there before", async () => {
  const registry = await startRegistry();
  const image = `${registry.host}/gap/echo:2`;
  try {
    docker("tag", "longshore/echo:1", image);
    docker("push", "-q", image);
    docker("rmi", image);
    const port = { static: 18_744 };
    write(port, "1");
    await stack.up();
    const [old] = await containersOf(stack.project);
    write(port, "2", image);
    const since = Date.now() / 1000;
    const asked = await askDuring("127.0.0.1:18744", () => stack.up());
    const [live] = await containersOf(stack.project);
    const events = logged(since).filter(({ id }) => [image, old?.Id, live?.Id].includes(id));
    const at = (action: string, id: string | undefined) =>
      events.findIndex((one) => one.action === action && one.id === id);
    const [stopped, started] = [at("kill", old?.Id), at("start", live?.Id)];
    const between = events.slice(stopped, started + 1).map(({ action, id }) => `${action} ${id === old?.Id ? 1 : 2}`);
    expect(between).toEqual(["kill 1", "die 1", "stop 1", "start 2"]);
    const pulled = at("pull", image);
    expect(pulled).toBeGreaterThanOrEqual(0);
    expect(pulled).toBeLessThan(stopped);
    expect([...new Set(asked.map(({ version }) => version))].filter(Boolean)).toEqual(["1", "2"]);
    const unanswered = asked.filter(({ version }) => version === undefined);
    const ms = (from = 0, to = 0) => Math.round(to - from);
    console.info(
      `static port: ${unanswered.length} of ${asked.length} had no answer, over ` +
        `${ms(unanswered[0]?.at, unanswered.at(-1)?.at)} ms; from kill to start the engine took ` +
        `${ms((events[stopped]?.at ?? 0) * 1000, (events[started]?.at ?? 0) * 1000)} ms`,
    );
  } finally {
    await stack.destroy();
    await registry.stop();
  }
}, 180_000);

/** Credentials of registries, from a task, a config and a helper: who has them, and who has not. */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Helpers, answering, helpersOnPath } from "../support/credential-helpers";
import { engine, inspectAll } from "../support/engine";
import { type FaultyRegistry, startFaultyRegistry } from "../support/faulty-registry";
import { type Registry, account, identityToken, startRegistry } from "../support/registry";
import { TestStack } from "../support/stack";

let withPassword: Registry;
let withTokens: Registry;
/** Each an image's registry, whose credentials are in one place. */
const fronts = {} as Record<"task" | "config" | "helper", FaultyRegistry>;
let helpers: Helpers;
let stack: TestStack;

beforeAll(async () => {
  withPassword = await startRegistry({ auth: "htpasswd" });
  withTokens = await startRegistry({ auth: "token" });
  fronts.task = await startFaultyRegistry(withPassword);
  fronts.config = await startFaultyRegistry(withPassword);
  fronts.helper = await startFaultyRegistry(withTokens);
  helpers = helpersOnPath();
  helpers.add("kept", answering("<token>", identityToken));
  stack = await new TestStack("tests/programs/from-file").init();
  stack.env = { LONGSHORE_GC_IN_BACKGROUND: "1" };
}, 120_000);

afterAll(async () => {
  for (const front of Object.values(fronts)) await front.clear();
  await stack.dispose();
  for (const front of Object.values(fronts)) front.stop();
  helpers.remove();
  await withPassword.stop();
  await withTokens.stop();
}, 120_000);

/** A text in base64, wherever it is in what was encoded. */
const base64Forms = (text: string) =>
  [0, 1, 2].map((before) => {
    const encoded = Buffer.from("-".repeat(before) + text).toString("base64");
    // The first and the last group have something of what is around.
    return encoded.slice(before === 0 ? 0 : 4, Math.floor((before + text.length) / 3) * 4);
  });

const wrong = "Sesam-lukk-deg";
const secrets = [account.password, wrong, identityToken];
const forms = secrets.flatMap((secret) => [secret, ...base64Forms(secret)]);
/** The forms of secrets in a text. Not the text, which a failure would show. */
const foundIn = (text: string) =>
  forms.filter((form) => text.includes(form) || text.includes(form.replaceAll("+", "-").replaceAll("/", "_")));

const filesBelow = (dir: string): readonly string[] =>
  readdirSync(dir, { recursive: true, encoding: "utf8" })
    .map((file) => join(dir, file))
    .filter((file) => statSync(file).isFile());

interface Process {
  readonly command: string;
  readonly environment: string;
}

const processes = (): readonly Process[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", " ");
        return [{ command: read("cmdline"), environment: read("environ") }];
      } catch {
        return []; // it ended meanwhile
      }
    });

/** What all processes show to whoever looks, while something runs. */
async function watched<T>(running: Promise<T>): Promise<readonly [T, readonly Process[]]> {
  const seen = new Map<string, Process>();
  const end = new AbortController();
  const done = running.finally(() => end.abort());
  done.catch(() => undefined);
  while (!end.signal.aborted) {
    for (const one of processes()) seen.set(one.command + one.environment, one);
    await new Promise((next) => setTimeout(next, 100));
  }
  return [await done, [...seen.values()]];
}

test("the forms that are looked for are found", () => {
  const header = Buffer.from(JSON.stringify({ username: "oracle", password: account.password })).toString("base64");
  const basic = Buffer.from(`${account.username}:${account.password}`).toString("base64");
  for (const text of [header, basic, `x ${account.password}`]) expect(foundIn(text)).not.toEqual([]);
});

test("no secret is in a preview, a plan, a log, the state, the engine's objects, or what processes show", async () => {
  const images = {
    task: `${fronts.task.host}/secret/task:1`,
    config: `${fronts.config.host}/secret/config:1`,
    helper: `${fronts.helper.host}/secret/helper:1`,
  };
  for (const place of Object.keys(images)) {
    const registry = place === "helper" ? withTokens : withPassword;
    await registry.push(`secret/${place}`, "1", randomUUID(), { layerBytes: 2_000_000 });
  }
  const login = Buffer.from(`${account.username}:${account.password}`).toString("base64");
  const config = join(stack.dir, "registries.json");
  writeFileSync(
    config,
    JSON.stringify({
      auths: { [fronts.config.host]: { auth: login } },
      credHelpers: { [fronts.helper.host]: "kept" },
    }),
  );
  const write = (password: string) =>
    writeFileSync(
      join(stack.dir, "tree.json"),
      JSON.stringify({
        plugin: { auth: { config: "registries.json" }, gc: { imageDelay: "3s" } },
        groups: Object.fromEntries(
          Object.entries(images).map(([place, image]) => [
            place,
            // Not marked as secrets: that is longshore's doing.
            { tasks: { [place]: { image, ...(place === "task" && { auth: { ...account, password } }) } } },
          ]),
        ),
      }),
    );
  const said: string[] = [];
  const began = Math.floor(Date.now() / 1000);

  // Registries that repeat what they were told.
  write(wrong);
  const told = {
    task: `${wrong} ${Buffer.from(`${account.username}:${wrong}`).toString("base64")}`,
    config: `${account.password} ${login}`,
    helper: identityToken,
  };
  for (const place of ["task", "config", "helper"] as const)
    await fronts[place].set({ what: "status", status: 401, message: `no: ${told[place]}` });
  said.push(await stack.ok(["preview"]));
  const failed = await stack.tryUp("--diff");
  expect(failed.code).not.toBe(0);
  expect(failed.out).toContain("the registry refuses the credentials of");
  said.push(failed.out);

  write(account.password);
  for (const front of Object.values(fronts)) await front.set({ what: "slow", bytesPerSecond: 400_000 });
  const plan = join(stack.dir, "plan.json");
  said.push(await stack.ok(["preview", "--save-plan", plan], { PULUMI_EXPERIMENTAL: "1" }), readFileSync(plan, "utf8"));
  for (const how of ["--diff", "--json"]) said.push(await stack.ok(["preview", how]));
  const [up, whileUp] = await watched(stack.up("--diff"));
  expect(up).toMatch(/pulling .* MB/);
  said.push(
    up,
    await stack.refresh("--diff"),
    await stack.ok(["stack", "export"]),
    await stack.ok(["stack", "output"]),
  );

  const containers = await inspectAll(stack.project);
  expect(containers).toHaveLength(3);
  const found = await Promise.all(containers.map(({ Image }) => engine.inspectImage(Image)));
  const marks = await engine.listVolumes(["longshore.image"]);
  expect(marks.length).toBeGreaterThanOrEqual(3);
  const [, whileDown] = await watched(stack.destroy().then((out) => said.push(out)));
  // What waits for the images' time to be over.
  const left = await engine.listVolumes([]);
  const [, whileWaiting] = await watched(new Promise((next) => setTimeout(next, 1_500)));
  const events = execFileSync(
    "docker",
    ["events", "--since", String(began), "--until", String(Math.ceil(Date.now() / 1000)), "--format", "{{json .}}"],
    { maxBuffer: 1e9 },
  ).toString();

  said.forEach((text, index) => expect({ index, found: foundIn(text) }).toEqual({ index, found: [] }));
  for (const file of filesBelow(join(stack.dir, "state")))
    expect({ file, found: foundIn(readFileSync(file, "utf8")) }).toEqual({ file, found: [] });
  for (const thing of [containers, found, marks, left, events]) expect(foundIn(JSON.stringify(thing))).toEqual([]);
  const all = [...whileUp, ...whileDown, ...whileWaiting];
  const background = all.filter(({ command }) => command.includes(" gc --wait"));
  expect(background.length).toBeGreaterThan(0);
  expect(all.some(({ environment }) => environment.includes(`PULUMI_BACKEND_URL=file://${stack.dir}`))).toBe(true);
  expect(background.some(({ environment }) => environment.includes("PULUMI_"))).toBe(false);
  for (const { command, environment } of all)
    expect({ command: foundIn(command), environment: foundIn(environment) }).toEqual({ command: [], environment: [] });
}, 180_000);

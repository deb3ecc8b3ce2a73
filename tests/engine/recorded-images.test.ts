/** How Nomad's driver got images, and was refused them, is how longshore does: the recorded cases, on a real engine. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { RootConstruct } from "constructs";
import { fromJobspec } from "../../constructs/jobspec";
import { Task } from "../../constructs/task";
import { connectionOf } from "../../provider/connection";
import { imageHandler } from "../../provider/handlers/image";
import type { ImageInputs } from "../../provider/inputs";
import { taskOptions } from "../../provider/options";
import { valuesOn } from "../../provider/options/folds";
import { type Recording, recordings, whyUncovered } from "../conformance/recording";
import { type Helpers, answering, helpersOnPath } from "../support/credential-helpers";
import { engine } from "../support/engine";
import { type EngineFront, startEngineFront } from "../support/engine-front";
import { type Registry, account, startRegistry } from "../support/registry";

/** Refused before anything is asked, and so compared elsewhere; faults of containers are another matter. */
const elsewhere = /^(?:fault-|load-|pull-timeout-)/;
const cases = recordings.filter((one) => whyUncovered(one) === "images" && !elsewhere.test(one.name));

/** What we do otherwise, and why. */
const byDecision: Readonly<Record<string, string>> = {
  "auth-task-bad-soft-fail": "decisions.md: auth_soft_fail is for refused credentials too, so it is tried without",
  "pull-latest-explicit": "ADR 12: the registry is asked in each run; what the engine has is not pulled again",
  "pull-tag-omitted": "the same",
};

const recordedAccount = { username: "oracle", password: "s3cret" };

let plain: Registry;
let secured: Registry;
let front: EngineFront;
let helpers: Helpers;
let digest: string;
beforeAll(async () => {
  [plain, secured, front] = await Promise.all([
    startRegistry(),
    startRegistry({ isPrivate: true }),
    startEngineFront(),
  ]);
  for (const name of ["gc1", "latest", "forcepull", "plain"])
    for (const tag of ["1", "latest"]) await plain.push(name, tag, name);
  digest = await plain.push("gc3", "1", "gc3");
  await secured.push("priv", "1", "priv");
  helpers = helpersOnPath();
  helpers.add("good", answering(account.username, account.password));
  helpers.add("empty", "echo '{}'");
  helpers.add("fail", "exit 3");
  helpers.write("wrong.json", {
    auths: { [secured.host]: { auth: Buffer.from(`${account.username}:wrong`).toString("base64") } },
  });
}, 120_000);
afterAll(async () => {
  front.stop();
  helpers.remove();
  await Promise.all([plain.stop(), secured.stop()]);
}, 60_000);

const configs: Readonly<Record<string, string>> = { "wrong auths": "wrong.json", "missing file": "missing.json" };

/** The recording as it would be with this test's registries and account. */
const here = <T>(value: T): T =>
  JSON.parse(
    JSON.stringify(value)
      .replaceAll("127.0.0.1:5111", plain.host)
      .replaceAll("127.0.0.1:5112", secured.host)
      .replaceAll("sha256:$SHA", digest)
      .replaceAll(recordedAccount.password, account.password),
  ) as T;

function inputsOf(recording: Recording): ImageInputs {
  const root = new RootConstruct();
  fromJobspec(root, here(recording.jobspec));
  const [task] = root.node.findAll().filter((construct) => construct instanceof Task);
  const { auth = {} } = recording.plugin as { auth?: { config?: string; helper?: string } };
  const { config, ...others } = auth;
  const written = config === undefined ? others : { ...others, config: join(helpers.dir, configs[config] ?? "") };
  return {
    kind: "Image",
    key: `recorded/${recording.name}`,
    plugin: { endpoint: front.endpoint, gc: { imageDelay: "0s" }, auth: written },
    ...valuesOn(taskOptions, "image", { ...task?.options }),
    image: task?.options.image as string,
  };
}

interface Asked {
  readonly fromImage: string | null;
  readonly tag: string | null;
  readonly auth?: Readonly<Record<string, string>> | undefined;
}

const askedOf = (path: string, auth: Asked["auth"]): Asked => {
  const query = new URL(path, "http://engine").searchParams;
  return { fromImage: query.get("fromImage"), tag: query.get("tag"), ...(auth && { auth }) };
};

/** The pulls that the driver asked for: `+0.0s POST /images/create?… -> 500 X-Registry-Auth={…}`. */
const recordedPulls = ({ observed: { engine_calls = [] } }: Recording): readonly Asked[] =>
  engine_calls.flatMap((line) => {
    const [, path, auth] = /POST (\/images\/create\S+) -> \d+(?: X-Registry-Auth=(\{.*\}))?/.exec(line) ?? [];
    if (path === undefined) return [];
    const asked = askedOf(
      path.replace("$HEX64", digest.replace("sha256:", "")),
      auth === undefined ? undefined : (JSON.parse(auth) as Asked["auth"]),
    );
    return [here(asked)];
  });

async function run(recording: Recording) {
  const news = inputsOf(recording);
  connectionOf(news.plugin).digests.clear();
  const before = front.calls.length;
  const pulls = () =>
    front.calls
      .slice(before)
      .filter(({ path }) => path.startsWith("/images/create"))
      .map(({ path, auth }) => askedOf(path, auth));
  const { inputs, failures } = await imageHandler.check({}, news);
  if (failures.length > 0) return { error: failures.map(({ reason }) => reason).join(), pulls: pulls() };
  try {
    const { id, outs } = await imageHandler.create(inputs);
    return { id, outs, pulls: pulls() };
  } catch (error) {
    return { error: (error as Error).message, pulls: pulls() };
  }
}

let equal = 0;
test.each(cases.map((one) => [one.name, one] as const))(
  "%s",
  async (name, recording) => {
    const wanted = recordedPulls(recording);
    if (name === "force-pull-false-moved-tag") execFileSync("docker", ["pull", "-q", `${plain.host}/forcepull:1`]);
    const { id, outs, error, pulls } = await run(recording);
    // Of the driver's attempts one: it has a restart policy where we have none.
    const first = wanted.slice(0, 1);
    if (name === "auth-task-bad-soft-fail") expect(pulls).toEqual([...first, { ...first[0], auth: undefined }]);
    // What may pass is tried again.
    else if (name === "pull-registry-unreachable")
      expect(new Set(pulls.map((one) => JSON.stringify(one))).size).toBe(1);
    else expect(pulls).toEqual(first);
    expect(error === undefined).toBe(recording.observed.error === undefined);
    if (id !== undefined) {
      await imageHandler.delete(id, outs);
      // The longest of all delays is none here: it goes at once.
      expect(await engine.tryInspectImage(id)).toBeUndefined();
    }
    equal++;
  },
  60_000,
);

afterAll(() => {
  console.log(
    [
      `recorded cases about getting images: ${equal} of ${cases.length} alike; of these by decision otherwise:`,
      ...Object.entries(byDecision).map(([name, why]) => `  ${name}: ${why}`),
    ].join("\n"),
  );
});

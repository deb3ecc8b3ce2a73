/** Programs that keep credentials: real ones, found on the PATH. */
import { chmodSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { askHelper } from "../../../provider/credentials/helper";
import { type Helpers, answering, helpersOnPath, knowingNothing } from "../../support/credential-helpers";
import { until, workersIn } from "../../support/processes";

const secret = "Sesam-aapne-42";
let helpers: Helpers;
beforeAll(() => (helpers = helpersOnPath()));
afterAll(() => helpers.remove());

let count = 0;
/** A helper that no other test has. */
const helper = (script: string) => {
  const name = `t${++count}`;
  helpers.add(name, `cd '${helpers.dir}'\n${script}`);
  return name;
};
const ask = (script: string, limitMs?: number) => askHelper(helper(script), "reg.example", limitMs);
const failure = (script: string, limitMs?: number) =>
  ask(script, limitMs).then(
    () => "",
    (error: unknown) => (error as Error).message,
  );

test.each([
  ["a name and a password", answering("oracle", secret), { username: "oracle", password: secret }],
  ["an identity token", answering("<token>", secret), { identityToken: secret }],
  ["a secret without a name", answering("", secret), { password: secret }],
  ["an empty secret is none", answering("oracle", ""), undefined],
  ["an empty answer is none", "echo '{}'", undefined],
  ["what it does not have is no failure", knowingNothing, undefined],
  ["nor is a server that it calls none", "echo 'no credentials server URL'; exit 1", undefined],
  ["nor a name that it misses", "echo 'no credentials username'; exit 1", undefined],
  [
    "what it says beside its answer is not read",
    `echo noise >&2; ${answering("oracle", secret)}`,
    { username: "oracle", password: secret },
  ],
])("%s", async (_, script, auth) => expect(await ask(script)).toEqual(auth));

test.each([
  ["another failure", `echo ${secret}; echo ${secret} >&2; exit 3`, "it ended with exit code 3"],
  [
    "the words of nothing, in an answer that succeeds",
    "echo 'credentials not found in native keychain'",
    "its answer is not the JSON of a credential helper",
  ],
  ["no JSON", `echo ${secret}`, "its answer is not the JSON of a credential helper"],
  ["no answer", "true", "its answer is not the JSON of a credential helper"],
  ["other JSON", `echo '["${secret}"]'`, "its answer is not the JSON of a credential helper"],
  [
    "a secret that is no text",
    `echo '{"Username":"${secret}","Secret":1}'`,
    "its answer is not the JSON of a credential helper",
  ],
  ["a signal", "kill -SEGV $$", "it was ended by SIGSEGV"],
  ["a flood", "yes | head -c 3000000", "it wrote more than 1 MiB, and was ended"],
  ["a flood without an end", "yes", "it wrote more than 1 MiB, and was ended"],
])("%s", async (_, script, reason) => expect(await failure(script)).toBe(reason));

test("one that is not there", () =>
  expect(askHelper("nobody-has-this", "reg.example")).rejects.toThrow("there is no such program on the PATH"));

test("one that may not be run", async () => {
  helpers.write("docker-credential-plain", "#!/bin/sh\n");
  await expect(askHelper("plain", "reg.example")).rejects.toThrow("it cannot be run (EACCES)");
});

test.each(["../../bin/sh", "a\\b", "", "a\0b"])("%j is the name of none", (name) =>
  expect(askHelper(name, "reg.example")).rejects.toThrow("the name of a helper is no path"),
);

test("one that hangs is ended in time, with all that it started", async () => {
  const started = "sleep 300 & echo started >> hanging; sleep 300";
  expect(await failure(started, 500)).toBe("it gave no answer within 0.5 s, and was ended");
  expect(readFileSync(join(helpers.dir, "hanging"), "utf8")).toBe("started\n");
  await until("nothing of it runs", () => workersIn(helpers.dir).length === 0, 5_000);
});

test("one that leaves a child behind, which holds its output, is not waited for, and the child is ended", async () => {
  expect(await ask(`sleep 300 & ${answering("oracle", secret)}`)).toEqual({ username: "oracle", password: secret });
  await until("nothing of it runs", () => workersIn(helpers.dir).length === 0, 5_000);
});

test("one that does not read what it is asked for", async () => {
  const file = helpers.write("docker-credential-deaf", `#!/bin/sh\nexec <&-\n${answering("oracle", secret)}\n`);
  chmodSync(file, 0o755);
  expect(await askHelper("deaf", "x".repeat(500_000))).toMatchObject({ username: "oracle" });
});

test("no shell reads the server's name", async () => {
  const name = helper(answering("oracle", secret));
  const server = "$(touch pwned); `touch pwned` && \"'";
  await askHelper(name, server);
  expect(helpers.asked(name)).toEqual([server]);
  expect(readdirSync(helpers.dir)).not.toContain("pwned");
});

test("a helper is asked once for a server, by whoever wants to know", async () => {
  const name = helper(`sleep 0.2; ${answering("oracle", secret)}`);
  const all = await Promise.all(Array.from({ length: 5 }, () => askHelper(name, "reg.example")));
  expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
  await askHelper(name, "reg.example");
  expect(helpers.asked(name)).toEqual(["reg.example"]);
  await askHelper(name, "other.example");
  expect(helpers.asked(name)).toEqual(["reg.example", "other.example"]);
});

test("what it does not have is asked for once too; a failure is not kept", async () => {
  const none = helper(knowingNothing);
  expect([await askHelper(none, "reg.example"), await askHelper(none, "reg.example")]).toEqual([undefined, undefined]);
  expect(helpers.asked(none)).toHaveLength(1);
  const failing = helper("exit 1");
  const together = await Promise.allSettled([askHelper(failing, "reg.example"), askHelper(failing, "reg.example")]);
  expect(together.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(helpers.asked(failing)).toHaveLength(1);
  helpers.add(failing, answering("oracle", secret));
  expect(await askHelper(failing, "reg.example")).toMatchObject({ username: "oracle" });
});

test("the secret is in no command line and no environment, while a helper runs and after (Linux)", async () => {
  const look = "cat /proc/$$/cmdline /proc/$$/environ > seen";
  const name = helper(`${look}; ${answering("oracle", secret)}; sleep 0.3`);
  const asking = askHelper(name, "reg.example");
  const texts: string[] = [];
  const snapshot = () => {
    for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry)))
      for (const file of ["cmdline", "environ"])
        try {
          texts.push(readFileSync(`/proc/${pid}/${file}`, "utf8"));
        } catch {
          // It ended, or is somebody else's.
        }
  };
  await until("it has looked", () => helpers.asked(name).length > 0);
  snapshot();
  await asking;
  snapshot();
  const seen = readFileSync(join(helpers.dir, "seen"), "utf8");
  expect(seen).toContain(`docker-credential-${name}`);
  for (const text of [seen, ...texts])
    for (const form of [secret, Buffer.from(secret).toString("base64")]) expect(text.includes(form)).toBe(false);
});

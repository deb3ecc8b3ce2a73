/** What the reaper of Nomad's driver removed and what it left: the recorded cases, beside `longshore gc --containers`. */
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { RootConstruct } from "constructs";
import { pluginFromJson } from "../../constructs/plugin-from-json";
import type { CreateRequest } from "../../provider/engine/types";
import { originLabel } from "../../provider/origin";
import { keyLabel } from "../../provider/ownership";
import { allocLabel } from "../../provider/request";
import { type Recording, recordings } from "../conformance/recording";
import { containersOf, engine } from "../support/engine";
import { TestStack, root } from "../support/stack";

const cases = recordings.filter(({ name }) => name.startsWith("dangling-reaper"));

/** What we do otherwise, and why. */
const byDecision: Readonly<Record<string, string>> = {
  "fake-label-stopped": "what a run left stopped has directories and a name, and no run finds it",
};

const stack = new TestStack("tests/programs/from-file");
const made = new Set<string>();

beforeAll(() => stack.init(), 60_000);
afterEach(async () => {
  for (const id of made) await engine.removeContainer(id);
  made.clear();
});
afterAll(() => stack.dispose(), 120_000);

/** `t=106.9s fake-label: removed 59s after creation` */
const recordedActions = ({ observed: { behaviour = [] } }: Recording): ReadonlyMap<string, boolean> =>
  new Map(
    behaviour.flatMap((line) => {
      const [, name, action] = /^t=\S+ (\S+): (kept|removed)/.exec(line) ?? [];
      return name === undefined ? [] : [[name, action === "removed"] as const];
    }),
  );

const gc = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "dist/cli/main.js"), "gc", "--containers", "--json", ...args],
    { cwd: stack.dir, env: stack.environment, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as { left: { id?: string; action: string }[] }).left;
};

/** The containers of the recording, with our label where Nomad's was. */
function requestFor(name: string, own: Readonly<Record<string, string>>): CreateRequest {
  const standard = ["/alloc", "/local", "/secrets"].map((Target) => ({ Type: "tmpfs" as const, Target }));
  const isMounted = /^(?:web-|pre-|fake-mounts)/.test(name);
  return {
    Image: "longshore/busybox:1.35",
    Cmd: ["sleep", "3000"],
    Labels: /^fake-label(?:-stopped)?$/.test(name)
      ? own
      : name === "fake-label-doc-name"
        ? { "com.hashicorp.nomad.allocation_id": randomUUID() }
        : {},
    HostConfig: { Mounts: isMounted ? standard : [] },
  };
}

test.each(cases.map((recording) => [recording.name, recording] as const))(
  "%s",
  async (_, recording) => {
    const recorded = recordedActions(recording);
    expect(recorded.size).toBe(8);
    const { options: plugin } = pluginFromJson(new RootConstruct(), "docker", recording.plugin);
    const web = { image: "longshore/busybox:1.35", command: "sleep", args: ["3000"], killSignal: "SIGKILL" };
    writeFileSync(join(stack.dir, "tree.json"), JSON.stringify({ plugin, groups: { g: { tasks: { web } } } }));
    await stack.up();
    const [tracked] = await containersOf(stack.project);
    const own = {
      [keyLabel]: `${stack.project}/${stack.name}/app/job/g[0]/lost`,
      [originLabel]: tracked?.Labels[originLabel] ?? "",
      [allocLabel]: randomUUID(),
    };
    const ids = new Map<string, string>();
    for (const name of recorded.keys()) {
      const { Id } = await engine.createContainer(name.replace("$UUID", randomUUID()), requestFor(name, own));
      made.add(Id);
      ids.set(name, Id);
      if (name !== "fake-label-stopped") await engine.startContainer(Id);
    }
    // Without --by-form, a name and mounts do not say whose a container is: what has no label is not even told.
    const formed = [...recorded.keys()].filter((name) => name.includes("UUID")).map((name) => ids.get(name));
    expect(gc("--creation-grace", "0s", "--dry-run").filter(({ id }) => formed.includes(id))).toEqual([]);
    // All are younger than the grace of the recorded plugin.
    expect(gc().filter(({ action }) => !["wait", "keep"].includes(action))).toEqual([]);
    const told = gc("--creation-grace", "0s", "--by-form");
    const removed = async (id: string) => (await engine.tryInspectContainer(id)) === undefined;
    const isDry = recording.name.endsWith("dry-run");
    for (const [name, wasRemoved] of recorded) {
      const differs = name in byDecision && !isDry;
      expect([name, await removed(ids.get(name) ?? "")]).toEqual([name, differs ? !wasRemoved : wasRemoved]);
    }
    expect(await removed(tracked?.Id ?? "")).toBe(false);
    // The driver tells of the same three in its dry run.
    const action = isDry ? "remove" : "removed";
    for (const name of ["fake-label", "web-$UUID", "pre-$UUID-post"])
      expect(told.find(({ id }) => id === ids.get(name))?.action).toBe(action);
  },
  120_000,
);

afterAll(() =>
  console.log(
    [
      `recorded cases of the reaper: ${cases.length} of ${cases.length} compared; by decision otherwise:`,
      ...Object.entries(byDecision).map(([name, why]) => `  ${name}: ${why}`),
    ].join("\n"),
  ),
);

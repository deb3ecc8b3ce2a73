/** Which unused images go, and which stay; and when. Through the handlers, on a real engine with real registries. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { hashOf } from "../../provider/canonical";
import { imageHandler } from "../../provider/handlers/image";
import { type Candidate, isUse, mark, marksOn, unmark } from "../../provider/image-gc/marks";
import { sweep, untilNobodyRemoves } from "../../provider/image-gc/sweep";
import { engine } from "../support/engine";
import { type FaultyRegistry, startFaultyRegistry } from "../support/faulty-registry";
import { docker, foreignContainer, gone, isThere, kindsOf, useImage, verdictOn, wipeImage } from "../support/image-use";
import { until } from "../support/processes";
import { type Registry, startRegistry } from "../support/registry";

// Other tests on the engine look through its images as well, and may be a moment ahead.
jest.retryTimes(2, { logErrorsBeforeRetry: true });

let registry: Registry;
let faulty: FaultyRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  faulty = await startFaultyRegistry(registry);
}, 120_000);
afterAll(async () => {
  faulty.stop();
  await registry.stop();
}, 60_000);
beforeEach(() => faulty.clear());

const made = new Set<string>();
afterEach(async () => {
  for (const id of made) await wipeImage(id);
  made.clear();
});

let count = 0;
/** An image that only one test uses. */
const pushed = async (tag = "1", host = registry.host): Promise<string> => {
  const name = `gc/image-${++count}`;
  await registry.push(name, tag, `content ${count}`);
  return `${host}/${name}:${tag}`;
};

const keep = (because: RegExp) => ({ action: "keep", because: expect.stringMatching(because) as string });

describe("an image goes", () => {
  test("with its only user, and leaves no mark", async () => {
    const { id, destroy } = await useImage(await pushed());
    expect(await kindsOf(id)).toEqual(["use"]);
    await destroy();
    await gone(id);
  });

  test("when its delay is over, and not before", async () => {
    const { id, destroy } = await useImage(await pushed(), { gc: { imageDelay: "3s" } });
    await destroy();
    await sweep(engine);
    expect([await isThere(id), await verdictOn(id)]).toEqual([true, expect.objectContaining({ action: "wait" })]);
    await pause(3_500);
    await sweep(engine);
    await gone(id);
  });

  test("with the last of several stacks", async () => {
    const image = await pushed();
    const uses = [await useImage(image), await useImage(image), await useImage(image)];
    const [{ id } = { id: "" }] = uses;
    for (const { destroy } of uses.slice(0, 2)) {
      await destroy();
      expect([await isThere(id), await verdictOn(id)]).toEqual([true, keep(/^used by stack use-/)]);
    }
    await uses[2]?.destroy();
    await gone(id);
  });

  test("also when all are destroyed at the same time, by several names", async () => {
    const image = await pushed();
    const other = image.replace(":1", ":2");
    docker("pull", "-q", image);
    docker("tag", image, other);
    const uses = await Promise.all([image, other, image, other].map((name) => useImage(name)));
    const [{ id } = { id: "" }] = uses;
    expect(new Set(uses.map((use) => use.id))).toEqual(new Set([id]));
    await Promise.all(uses.map(({ destroy }) => destroy()));
    await gone(id);
  });

  test("when it was pulled by digest, and by two names of two repositories", async () => {
    const image = await pushed();
    const digest = await registry.digest(image.split("/").slice(1).join("/").replace(":1", ""), "1");
    const repository = image.replace(/:1$/, "");
    const byDigest = await useImage(`${repository}@${digest}`);
    const byBoth = await useImage(`${repository}:1@${digest}`);
    const elsewhere = await useImage(`${repository.replace(registry.host, faulty.host)}@${digest}`);
    expect([byBoth.id, elsewhere.id]).toEqual([byDigest.id, byDigest.id]);
    await byDigest.destroy();
    await elsewhere.destroy();
    expect(await isThere(byDigest.id)).toBe(true);
    await byBoth.destroy();
    await gone(byDigest.id);
  });

  test("when its tag has moved", async () => {
    const image = await pushed("latest");
    const name = image.split("/").slice(1).join("/").replace(":latest", "");
    const old = await useImage(image, { gc: { imageDelay: "10m" } });
    await registry.push(name, "latest", "moved");
    docker("pull", "-q", image);
    await old.destroy();
    expect(await verdictOn(old.id)).toMatchObject({ action: "wait" });
    const shown = await marksOn(engine, old.id);
    for (const one of shown) await unmark(engine, one);
    await mark(engine, { ...(shown[0] as unknown as Candidate), delayMs: 0 });
    await sweep(engine);
    await gone(old.id);
  });
});

describe("an image stays", () => {
  test.each(["create", "run"] as const)(
    "while a container that is nobody's has it (docker %s); then its time begins",
    async (verb) => {
      const image = await pushed();
      const { id, destroy } = await useImage(image, { gc: { imageDelay: "2s" } });
      const remove = foreignContainer(verb, image);
      await destroy();
      await pause(2_500);
      await sweep(engine);
      expect([await isThere(id), await verdictOn(id)]).toEqual([true, keep(/^used by container /)]);
      remove();
      await sweep(engine);
      expect([await isThere(id), await verdictOn(id)]).toEqual([true, expect.objectContaining({ action: "wait" })]);
      await pause(2_500);
      await sweep(engine);
      await gone(id);
    },
  );

  test("while the stopped container of gc.container = false has it", async () => {
    const image = await pushed();
    const { id, destroy } = await useImage(image);
    const container = docker("run", "-d", image);
    docker("kill", container);
    await destroy();
    expect([await isThere(id), await verdictOn(id)]).toEqual([true, keep(/^used by container /)]);
    docker("rm", container);
    await sweep(engine);
    await gone(id);
  });

  test("when somebody gave it another name", async () => {
    const image = await pushed();
    const { id, destroy } = await useImage(image);
    docker("tag", image, `${image}-kept`);
    await destroy();
    expect([await isThere(id), await verdictOn(id)]).toEqual([true, keep(/a name that no task gave it, .*-kept$/)]);
    docker("rmi", `${image}-kept`);
    await sweep(engine);
    await gone(id);
  });

  test("when gc.image is false, also if an earlier user wanted it to go", async () => {
    const image = await pushed();
    const first = await useImage(image);
    const second = await useImage(image, { gc: { image: false } });
    await first.destroy();
    await second.destroy();
    await sweep(engine);
    expect([await isThere(first.id), await kindsOf(first.id)]).toEqual([true, []]);
    made.add(first.id);
  });

  test('when it was built here, until gc.image is "all"', async () => {
    const image = `longshore/built-${randomUUID().slice(0, 8)}:1`;
    const container = docker("create", "longshore/pause:3.1");
    docker("commit", "--change", `LABEL content=${image}`, container, image);
    docker("rm", container);
    const one = await useImage(image);
    made.add(one.id);
    await one.destroy();
    expect(await isThere(one.id)).toBe(true);
    const other = await useImage(image, { gc: { image: "all" } });
    await other.destroy();
    await gone(one.id);
  });

  test("when its registry has it no more; nothing is written of it then", async () => {
    const image = await pushed();
    const { id, destroy } = await useImage(image);
    made.add(id);
    await registry.removeTag(`gc/image-${count}`, "1");
    await destroy();
    await sweep(engine);
    expect([await isThere(id), await kindsOf(id)]).toEqual([true, []]);
  });

  test("when its registry loses it while its time runs", async () => {
    const image = await pushed();
    const { id, destroy } = await useImage(image, { gc: { imageDelay: "1s" } });
    made.add(id);
    await destroy();
    await registry.removeTag(`gc/image-${count}`, "1");
    await pause(1_500);
    await sweep(engine);
    expect([await isThere(id), await kindsOf(id)]).toEqual([true, []]);
  });

  test.each([
    ["refuses connections", { what: "refuse" }],
    ["answers 500", { what: "status", status: 500 }],
    ["answers 429", { what: "status", status: 429 }],
  ] as const)("as long as its registry %s; when it is back, it goes after its delay", async (_, fault) => {
    const { id, destroy } = await useImage(await pushed("1", faulty.host), { gc: { imageDelay: "1s" } });
    await faulty.set(fault);
    await destroy();
    await pause(1_500);
    await sweep(engine);
    expect([await isThere(id), await verdictOn(id)]).toEqual([true, keep(/its registry does not say/)]);
    await faulty.clear();
    expect((await sweep(engine)).find(({ image }) => image === id)?.verdict).toMatchObject({ action: "wait" });
    await pause(1_500);
    await sweep(engine);
    await gone(id);
  });

  test("also with no delay, when the registry is back", async () => {
    const { id, destroy } = await useImage(await pushed("1", faulty.host));
    await faulty.set({ what: "refuse" });
    await destroy();
    expect(await isThere(id)).toBe(true);
    await faulty.clear();
    await sweep(engine);
    await gone(id);
  });

  test("a registry that never answers holds a command up only for as long as it has patience", async () => {
    const { id, destroy } = await useImage(await pushed("1", faulty.host), { gc: { imageDelay: "1s" } });
    await destroy();
    await pause(1_500);
    await faulty.set({ what: "silent" });
    const began = performance.now();
    await sweep(engine, { askMs: 300 });
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(await isThere(id)).toBe(true);
    await faulty.set({ what: "refuse" });
  });
});

describe("an archive", () => {
  const dir = mkdtempSync(join(tmpdir(), "longshore-gc-"));
  afterAll(() => rmSync(dir, { recursive: true }));
  const save = (): { readonly image: string; readonly load: string } => {
    const image = `longshore/archived-${randomUUID().slice(0, 8)}:1`;
    const container = docker("create", "longshore/pause:3.1");
    docker("commit", "--change", `LABEL content=${image}`, container, image);
    docker("rm", container);
    const path = join(dir, `${randomUUID()}.tar`);
    docker("save", "-o", path, image);
    docker("rmi", image);
    return { image, load: relative(process.cwd(), path) };
  };

  test("that is still there lets its image go", async () => {
    const { image, load } = save();
    const { id, destroy } = await useImage(image, { load });
    await destroy();
    await gone(id);
  });

  test.each([
    ["is gone", (path: string) => rmSync(path)],
    ["has changed", (path: string) => writeFileSync(path, "another")],
  ])("that %s lets it stay", async (_, change) => {
    const { image, load } = save();
    const { id, destroy } = await useImage(image, { load });
    made.add(id);
    change(load);
    await destroy();
    await sweep(engine);
    expect(await isThere(id)).toBe(true);
  });
});

describe("within the delay", () => {
  const pulls = (since: number, image: string) =>
    docker(
      ...["events", "--since", (since / 1000).toFixed(3), "--until", (Date.now() / 1000 + 1).toFixed(3)],
      ...["--filter", "type=image", "--filter", "event=pull", "--format", "{{.Actor.ID}}"],
    )
      .split("\n")
      .filter((name) => name.startsWith(image.replace(/:\w+$/, ""))).length;

  test("a new user has the image without a pull, and the removal is off", async () => {
    const image = await pushed();
    const first = await useImage(image, { gc: { imageDelay: "2s" } });
    await first.destroy();
    const since = Date.now();
    const second = await useImage(image, { gc: { imageDelay: "2s" } });
    expect([second.id, pulls(since, image)]).toEqual([first.id, 0]);
    await pause(2_500);
    await sweep(engine);
    expect([await isThere(first.id), await verdictOn(first.id)]).toEqual([true, keep(/^used by stack/)]);
    await second.destroy();
    expect(await verdictOn(first.id)).toMatchObject({ action: "wait" });
  });

  test("a tag that moves back means the old image again, without a pull", async () => {
    const image = await pushed("latest");
    const name = `gc/image-${count}`;
    const old = await useImage(image, { gc: { imageDelay: "10m" } });
    // It moves as an operator moves it: the registry has both contents.
    const first = await registry.digest(name, "latest");
    await registry.push(name, "latest", "moved");
    await pullNow(image);
    await old.destroy();
    await registry.retag(name, first, "latest");
    const since = Date.now();
    const again = await useImage(image, { digest: first });
    expect([again.id, again.outs.digest, pulls(since, image)]).toEqual([old.id, first, 0]);
    expect((await engine.inspectImage(image)).Id).toBe(old.id);
  });
  const pullNow = async (image: string) => void docker("pull", "-q", image);
});

describe("marks", () => {
  test("a removal that was killed holds a new user up for no longer than its limit", async () => {
    const image = await pushed();
    const { id } = await useImage(image);
    await mark(engine, { kind: "removing", image: id, token: "killed" });
    const began = performance.now();
    await untilNobodyRemoves(engine, id, { stalledMs: 1_500 });
    expect(performance.now() - began).toBeGreaterThan(400);
    expect(await kindsOf(id)).toEqual(["use"]);
  });

  test("a removal that was killed is ended by the next look", async () => {
    const { id, destroy } = await useImage(await pushed(), { gc: { imageDelay: "1s" } });
    await destroy();
    await mark(engine, { kind: "removing", image: id, token: "killed" });
    await until("it is gone", async () => {
      await sweep(engine, { stalledMs: 1_000 });
      return !(await isThere(id));
    });
    await gone(id);
  });

  test.each([
    ["a newer version's", { "longshore.image_mark": "pinned" }],
    ["one without its delay", { "longshore.image_mark": "unused", "longshore.image_names": "[]" }],
    ["one whose names are damaged", { "longshore.image_mark": "unused", "longshore.image_names": "[" }],
  ])("of what this version does not understand (%s) the image stays", async (_, labels) => {
    const { id, destroy } = await useImage(await pushed());
    const volume = `longshore-image-foreign-${randomUUID().slice(0, 8)}`;
    await engine.createVolume(volume, { "longshore.image": id, ...labels });
    await destroy();
    expect([await isThere(id), await verdictOn(id)]).toEqual([true, keep(/what this version does not know/)]);
    await engine.removeVolume(volume);
    await sweep(engine);
    await gone(id);
  });

  test("of a resource whose key changed go on under the new one", async () => {
    const { id, outs, destroy } = await useImage(await pushed());
    const key = `renamed-${randomUUID().slice(0, 8)}`;
    const { outs: renamed } = await imageHandler.update(id, outs, { ...outs, key });
    expect((await marksOn(engine, id)).filter(isUse)).toEqual([expect.objectContaining({ key, token: outs.token })]);
    await destroy();
    expect([await isThere(id), await kindsOf(id)]).toEqual([true, expect.arrayContaining(["use"])]);
    await imageHandler.delete(id, renamed);
    await gone(id);
  });

  test("have names and labels that are fixed for ever: engines out there hold them", async () => {
    const { id, key, outs, destroy } = await useImage(await pushed(), { gc: { imageDelay: "10m" } });
    const volumes = async () =>
      (await engine.listVolumes([`longshore.image=${id}`])).map(({ Name, Labels }) => [Name, Labels]);
    const stem = `longshore-image-${id.slice("sha256:".length, "sha256:".length + 24)}`;
    const names = { "longshore.image": id, "longshore.image_names": JSON.stringify([outs.image]) };
    expect(await volumes()).toEqual([
      [
        `${stem}-use-${hashOf(key)}`,
        { ...names, "longshore.image_mark": "use", "longshore.image_key": key, "longshore.image_token": outs.token },
      ],
    ]);
    await destroy();
    expect(await volumes()).toEqual([
      [
        expect.stringMatching(new RegExp(`^${stem}-unused-[0-9a-f-]{36}$`)),
        {
          ...names,
          "longshore.image_mark": "unused",
          "longshore.image_delay_ms": "600000",
          "longshore.image_again": "registry",
        },
      ],
    ]);
  });

  test("that were pruned: an image that is used stays, and destroys still end well", async () => {
    const image = await pushed();
    const uses = [await useImage(image), await useImage(image)];
    const [first, second] = uses;
    const id = first?.id ?? "";
    const remove = foreignContainer("run", image);
    for (const one of await marksOn(engine, id)) await unmark(engine, one);
    await first?.destroy();
    expect([await isThere(id), await verdictOn(id)]).toEqual([true, keep(/^used by container/)]);
    for (const one of await marksOn(engine, id)) await unmark(engine, one);
    await second?.destroy();
    remove();
    await sweep(engine);
    await gone(id);
  });

  test("destroyed twice, and after the image was removed by hand", async () => {
    const image = await pushed();
    const one = await useImage(image);
    await one.destroy();
    await one.destroy();
    const other = await useImage(image, { gc: { imageDelay: "10m" } });
    docker("rmi", "-f", other.id);
    await other.destroy();
    await sweep(engine);
    await gone(one.id);
  });

  test("of a stack whose state is lost keep its image; the same stack made anew gives it back", async () => {
    const image = await pushed();
    const lost = await useImage(image);
    const other = await useImage(image);
    await other.destroy();
    expect(await verdictOn(lost.id)).toEqual(keep(new RegExp(`stack ${lost.key.slice(0, 12)}`)));
    const anew = await useImage(image, { key: lost.key });
    // What Pulumi owed of the lost life takes nothing from the new one.
    await lost.destroy();
    expect(await kindsOf(lost.id)).toContain("use");
    await anew.destroy();
    await gone(lost.id);
  });
});

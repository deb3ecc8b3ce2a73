/** What is to become of an image, as a pure decision. */
import type { ImageInfo } from "../../provider/engine/types";
import { type Situation, judge } from "../../provider/image-gc/judge";
import { type Known, candidateIn, marksOn } from "../../provider/image-gc/marks";
import type { Engine } from "../../provider/engine/engine";
import { spoken } from "../../provider/spoken";

const id = `sha256:${"a".repeat(64)}`;
const digest = `sha256:${"b".repeat(64)}`;
const now = new Date("2026-01-01T12:00:00Z");
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);

const known = (over: Partial<Known> = {}): Known => ({
  kind: "unused",
  image: id,
  names: ["redis:7"],
  delayMs: 180_000,
  again: "registry",
  made: minutesAgo(5),
  marks: [],
  ...over,
});
const situation = (image: Partial<ImageInfo> = {}, over: Partial<Situation> = {}): Situation => ({
  image: { Id: id, RepoTags: ["redis:7"], RepoDigests: [`redis@${digest}`], Size: 1, ...image },
  marks: [],
  containers: [],
  now,
  ...over,
});

test.each([
  ["its time is over", known(), situation(), "remove"],
  ["its time runs", known({ made: minutesAgo(1) }), situation(), "wait"],
  ["it is seen unused for the first time", known({ kind: "used" }), situation(), "wait"],
  ["the same, with no delay", known({ kind: "used", delayMs: 0 }), situation(), "remove"],
  // A driver of volumes may not tell when one was made.
  ["nobody knows since when", known({ made: new Date("") }), situation(), "keep"],
  ["the engine's clock was set back", known({ made: minutesAgo(-600) }), situation(), "wait"],
  ["it is gone", known(), situation({}, { image: undefined }), "forget"],
  ["its registry did not answer", known({ again: "unknown" }), situation(), "keep"],
  ["its own name in full", known({ names: ["docker.io/library/redis:7"] }), situation(), "remove"],
  ["another tag", known(), situation({ RepoTags: ["redis:7", "redis:mine"] }), "keep"],
  ["another repository's tag", known(), situation({ RepoTags: ["redis:7", "mine/redis:7"] }), "keep"],
  ["a digest in its own repository", known(), situation({ RepoTags: [`redis@${digest}`] }), "remove"],
  ["a digest in another repository", known(), situation({ RepoDigests: [`mine/redis@${digest}`] }), "keep"],
  ["no name any more", known(), situation({ RepoTags: null, RepoDigests: null }), "remove"],
  ["a name for an image that was named by its id", known({ names: [id] }), situation(), "keep"],
] as const)("%s: %#", (_, candidate, there, action) => {
  expect(judge(candidate, there)).toMatchObject({ action });
});

test.each([
  [0, "0 s"],
  [119_000, "119 s"],
  [120_000, "2 min"],
  [7_200_000, "2 h"],
  [172_800_000, "2 d"],
])("%d ms are spoken as %s", (ms, text) => expect(spoken(ms)).toBe(text));

describe("marks (of an engine that only lists volumes)", () => {
  const engineWith = (...volumes: readonly Readonly<Record<string, string>>[]) =>
    ({
      listVolumes: () =>
        Promise.resolve(
          volumes.map(({ made = "2026-01-01T13:00:00+01:00", ...Labels }, index) => ({
            Name: `v${index}`,
            Mountpoint: "",
            CreatedAt: made,
            Labels: { "longshore.image": id, ...Labels },
          })),
        ),
    }) as unknown as Engine;
  const unused = (over: Readonly<Record<string, string>> = {}) => ({
    "longshore.image_mark": "unused",
    "longshore.image_names": '["redis:7"]',
    "longshore.image_delay_ms": "180000",
    "longshore.image_again": "registry",
    ...over,
  });

  test("a time zone is understood", async () => {
    const [one] = await marksOn(engineWith(unused()));
    expect(one?.made).toEqual(now);
  });

  test.each([
    ["longshore.image_mark", "pinned"],
    ["longshore.image_names", "["],
    ["longshore.image_names", '{"a":1}'],
    ["longshore.image_delay_ms", ""],
    ["longshore.image_delay_ms", "soon"],
    ["longshore.image_delay_ms", "-1"],
    ["longshore.image_again", "somewhere"],
  ])("%s = %s is not understood, and counts as a use", async (label, value) => {
    const marks = await marksOn(engineWith(unused(), unused({ [label]: value })));
    expect(marks.map(({ kind }) => kind)).toEqual(["unused", "foreign"]);
    expect(judge(known(), situation({}, { marks }))).toMatchObject({ action: "keep" });
  });

  test("of two that were written at once the last counts, and the names of both", async () => {
    const marks = await marksOn(
      engineWith(
        unused({ "longshore.image_delay_ms": "0", made: "2026-01-01T12:00:05Z" }),
        unused({ "longshore.image_names": '["redis:alpine"]', "longshore.image_delay_ms": "9000" }),
      ),
    );
    expect(candidateIn(marks)).toMatchObject({ names: ["redis:alpine", "redis:7"], delayMs: 0 });
  });

  test("an engine that does not filter by label", async () => {
    const other = { "longshore.image": "sha256:other", "longshore.image_mark": "use" };
    const nobodys = { "longshore.image": "", "longshore.image_mark": "" };
    expect(await marksOn(engineWith(unused(), other, nobodys), id)).toHaveLength(1);
  });
});

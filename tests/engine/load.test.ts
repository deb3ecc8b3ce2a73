/** Images out of archives. */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { imageHandler } from "../../provider/handlers/image";
import type { ImageInputs } from "../../provider/inputs";
import { engine, inspectAll } from "../support/engine";
import { TestStack } from "../support/stack";

const docker = (...args: readonly string[]) =>
  execFileSync("docker", args, { stdio: ["ignore", "pipe", "pipe"] })
    .toString()
    .trim();

const image = `longshore/loaded-${randomUUID().slice(0, 8)}:1`;
const dir = mkdtempSync(join(tmpdir(), "longshore-load-"));
afterAll(() => rmSync(dir, { recursive: true }));

/** Writes an archive in which the image has this content, and takes the image off the engine. */
function save(path: string, content: string, name = image): string {
  const id = docker("create", "longshore/pause:3.1");
  docker("commit", "--change", `LABEL content=${content}`, id, name);
  docker("rm", id);
  docker("save", "-o", path, name);
  docker("rmi", name);
  return path;
}

const removeImage = async () => {
  if (await engine.tryInspectImage(image)) docker("rmi", "-f", image);
};
afterEach(removeImage);

const inputs = async (path: string): Promise<ImageInputs> => {
  const news = { kind: "Image", key: "load-test", plugin: {}, image, load: relative(process.cwd(), path) } as const;
  const checked = await imageHandler.check({}, news);
  expect(checked.failures).toEqual([]);
  return checked.inputs;
};

test("an archive: the image is on the engine, without a registry", async () => {
  const { id } = await imageHandler.create(await inputs(save(join(dir, "a.tar"), "first")));
  expect((await engine.inspectImage(image)).Id).toBe(id);
});

test("a compressed archive, and one over an image of the same name", async () => {
  await imageHandler.create(await inputs(save(join(dir, "old.tar"), "first")));
  const before = (await engine.inspectImage(image)).Id;
  docker("tag", image, `${image}-kept`);
  const path = save(join(dir, "new.tar"), "second");
  execFileSync("gzip", [path]);
  docker("tag", `${image}-kept`, image);
  const { id } = await imageHandler.create(await inputs(`${path}.gz`));
  expect(id).not.toBe(before);
  docker("rmi", `${image}-kept`);
});

test("an archive of other images: the error tells which", async () => {
  const other = image.replace("loaded", "other");
  const made = await inputs(save(join(dir, "other.tar"), "first", other));
  await expect(imageHandler.create(made)).rejects.toThrow(
    new RegExp(`image ${image} is not in .*other.tar, which has ${other}; name one of these in image`),
  );
  docker("rmi", other);
});

test("what only looks like an archive: the engine's reason, out of a stream that began well", async () => {
  const path = join(dir, "text.tar.gz");
  writeFileSync(path, gzipSync("no archive"));
  await expect(imageHandler.create(await inputs(path))).rejects.toThrow(
    /could not be loaded: the engine cannot read .*text/,
  );
});

describe("with the real command", () => {
  let stack: TestStack;
  const archive = () => join(stack.dir, "images", "web.tar");
  const running = async () => (await inspectAll(stack.project)).map(({ Config }) => Config.Labels.content);
  const write = (load: string) =>
    writeFileSync(
      join(stack.dir, "tree.json"),
      JSON.stringify({ groups: { web: { tasks: { web: { image, load, command: "/bin/sleep", args: ["3000"] } } } } }),
    );

  beforeAll(async () => {
    stack = await new TestStack("tests/programs/from-file").init();
    mkdirSync(join(stack.dir, "images"));
  }, 60_000);
  afterAll(async () => {
    await stack.dispose();
    await removeImage();
  }, 60_000);

  test("an archive of the program's directory runs, a second run has nothing to do, other content is a change", async () => {
    save(archive(), "first");
    write("images/web.tar");
    await stack.up();
    expect(await running()).toEqual(["first"]);
    // Also when its file was written anew.
    execFileSync("touch", [archive()]);
    await stack.up("--expect-no-changes");

    docker("tag", image, `${image}-kept`);
    save(archive(), "second");
    docker("tag", `${image}-kept`, image);
    docker("rmi", `${image}-kept`);
    expect(await stack.preview()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: "Image", op: "replace", changed: ["archive"] }),
        expect.objectContaining({ type: "Task", op: "replace" }),
      ]),
    );
    await stack.up();
    expect(await running()).toEqual(["second"]);
    await stack.up("--expect-no-changes");
  }, 180_000);

  test.each([
    ["no file", () => unlinkSync(archive()), "images/web.tar", /where there is no such file/],
    ["a directory", () => undefined, "images", /is a directory/],
    ["no archive", () => writeFileSync(archive(), "text"), "images/web.tar", /is no archive/],
    ["a whole path", () => undefined, "/srv/web.tar", /is an absolute path/],
  ])(
    "%s is refused in the preview",
    async (_, prepare, load, reason) => {
      prepare();
      write(load);
      const { code, out } = await stack.run(["preview"]);
      expect(code).not.toBe(0);
      expect(out).toMatch(reason);
      expect(await running()).toEqual(["second"]);
    },
    60_000,
  );
});

import { alwaysAsked, imageName, placeOf, pullParameters, tryParseImage } from "../../provider/image-reference";

const digest = `sha256:${"a".repeat(64)}`;

test.each([
  ["redis", { repository: "redis" }, true],
  ["redis:latest", { repository: "redis", tag: "latest" }, true],
  ["redis:7", { repository: "redis", tag: "7" }, false],
  ["localhost:5000/a/b_c", { repository: "localhost:5000/a/b_c" }, true],
  ["127.0.0.1:5111/pause:3.1", { repository: "127.0.0.1:5111/pause", tag: "3.1" }, false],
  ["[::1]:5000/a:1", { repository: "[::1]:5000/a", tag: "1" }, false],
  ["https://r.example/a:1", { repository: "r.example/a", tag: "1" }, false],
  [`redis@${digest}`, { repository: "redis", digest }, false],
  [`redis:latest@${digest}`, { repository: "redis", tag: "latest", digest }, false],
  [digest, { repository: digest }, false],
])("%s", (written, parts, asked) => {
  expect(tryParseImage(written)).toEqual(parts);
  expect(alwaysAsked(written)).toBe(asked);
});

test.each(["", "Redis", "redis:", "redis:7:8", "http://redis", "a//b", "redis 7", "redis@sha256:12", "-a"])(
  "%j is no reference",
  (written) => expect(tryParseImage(written)).toBeUndefined(),
);

test("one https:// is taken off", () => expect(imageName("https://https://a")).toBe("https://a"));

test.each([
  ["redis", { fromImage: "redis", tag: "latest" }],
  ["r.example:5000/a:1", { fromImage: "r.example:5000/a", tag: "1" }],
  [`redis@${digest}`, { fromImage: "redis", tag: digest }],
  // The digest is what is pulled; the tag is only a name.
  [`redis:7@${digest}`, { fromImage: "redis", tag: digest }],
])("%s is pulled so", (written, parameters) => expect(pullParameters(written)).toEqual(parameters));

test.each([
  ["redis", "docker.io", "library/redis"],
  ["https://redis:7", "docker.io", "library/redis"],
  ["bitnami/redis:7", "docker.io", "bitnami/redis"],
  ["docker.io/redis", "docker.io", "library/redis"],
  ["index.docker.io/bitnami/redis", "docker.io", "bitnami/redis"],
  ["localhost/redis:1", "localhost", "redis"],
  ["ghcr.io/a/b/c@" + digest, "ghcr.io", "a/b/c"],
  ["127.0.0.1:5111/pause:3.1", "127.0.0.1:5111", "pause"],
  ["[::1]:5000/a:1", "[::1]:5000", "a"],
])("%s is in the registry %s, as %s", (written, registry, path) =>
  expect(placeOf(written)).toEqual({ registry, path }),
);

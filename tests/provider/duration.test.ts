import { durationMs, durationOfNs, durationSchema, tryDurationMs } from "../../provider/duration";

test.each([
  ["90s", 90_000],
  ["1m30s", 90_000],
  ["1.5h", 5_400_000],
  ["1500ms", 1500],
  ["250us", 0.25],
  ["250µs", 0.25],
  [".5s", 500],
  ["0", 0],
  ["0s", 0],
])("%s is %d ms", (text, ms) => expect(tryDurationMs(text)).toBeCloseTo(ms));

test.each(["", "s", "5", "-5s", "5 s", "1h5", "5d", "1e3s", "soon"])("%j is no length of time", (text) => {
  expect(tryDurationMs(text)).toBeUndefined();
  expect(() => durationMs(text)).toThrow(`"${text}" is not a length of time`);
});

test.each([
  [5e9, "5s"],
  [1.5e9, "1500ms"],
  [0, "0s"],
  [1.8e12, "1800s"],
])("%d ns are %s", (ns, text) => {
  expect(durationOfNs(ns)).toBe(text);
  expect(durationMs(text)).toBe(ns / 1e6);
});

test("a least value is said", () => {
  const [issue] = durationSchema("1m").safeParse("59s").error?.issues ?? [];
  expect(issue?.message).toBe("is less than the minimum, 1m; raise it");
  expect(durationSchema("1m").safeParse("60s").success).toBe(true);
});

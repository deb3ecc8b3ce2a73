/** Texts of registries are somebody else's. */
import { wordsOf } from "../../../provider/registry/words";

test("on one line, and nothing steers a terminal or turns the direction", () => {
  const text = wordsOf("denied:\r\n\u001b[2J\u009b31m all is well \u202egnihton\u2066\u0007");
  expect(text).toBe("denied: \\u001b[2J\\u009b31m all is well \\u202egnihton\\u2066\\u0007");
});

test("a page is cut short", () => expect(wordsOf("<html>".repeat(1000))).toHaveLength(501));

test("secrets that are repeated are left out, in each of their forms", () => {
  const auth = { username: "oracle", password: 'Sesam "42"/ok', identityToken: "idtoken+1", registryToken: "a.b.c" };
  const basic = Buffer.from(`${auth.username}:${auth.password}`).toString("base64");
  const said = [basic, auth.password, JSON.stringify(auth), encodeURIComponent(auth.password), "Bearer a.b.c"].join(
    " ",
  );
  const text = wordsOf(said, auth);
  for (const part of ["Sesam", "idtoken", "a.b.c", basic]) expect(text).not.toContain(part);
  expect(text).toContain("oracle");
});

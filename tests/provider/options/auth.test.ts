/** Which parts of credentials go together, and which name a helper has. */
import { taskOptions } from "../../../provider/options";
import { validate, violations, withoutEffect } from "../../../provider/options/folds";
import { pluginOptions } from "../../../provider/options/plugin";

type Bag = Readonly<Record<string, unknown>>;

const secret = "open sesame";
const unknown = Symbol("known later");
const isUnknown = (value: unknown) => value === unknown;
const reasons = (auth: Bag) => {
  const { values, failures } = validate(taskOptions, { image: "redis:7", auth }, isUnknown);
  return [...failures, ...violations(taskOptions, values as never, {}, isUnknown)].map(
    ({ property, reason }) => `${property}: ${reason}`,
  );
};

test.each<Bag>([
  { username: "web", password: secret },
  { username: "web", password: secret, identityToken: "", registryToken: "" },
  { username: "web", password: secret, email: "x@example.test", serverAddress: "registry.example" },
  { username: "web", identityToken: secret },
  { identityToken: secret },
  { registryToken: secret, serverAddress: "registry.example" },
  { username: "", password: "" },
  { serverAddress: "registry.example" },
  { username: unknown, password: secret },
  { username: "web", password: unknown },
  {},
])("%j goes together", (auth) => expect(reasons(auth)).toEqual([]));

test.each<[Bag, string]>([
  [{ password: secret }, "auth: auth has a password without its username; give both"],
  [{ username: "", password: secret }, "auth: auth has a password without its username; give both"],
  [
    { username: secret, serverAddress: "registry.example" },
    "auth: auth has a username without its password; give both, or an identity token with it",
  ],
  [
    { username: "web", password: secret, identityToken: secret },
    "auth: auth has a password and an identity token, which stands in its place; take one of them out",
  ],
  [
    { username: "web", registryToken: secret },
    "auth: auth has a registry token beside other credentials, in place of which it is shown; give one or the others",
  ],
  [{ identityToken: 7 }, "auth.identityToken: auth.identity_token is a value not shown here, which is not a string"],
])("%j does not, and nothing of it is shown", (auth, reason) => {
  expect(reasons(auth)).toEqual([reason]);
  expect(reason).not.toContain(secret);
});

describe("the plugin's helper", () => {
  const said = (helper: unknown) =>
    validate(pluginOptions, { auth: { helper } }, isUnknown).failures.map(({ reason }) => reason);

  test.each(["pass", "ecr-login", "osxkeychain", "my.helper", "my_docker-credential-x"])("%j is a name", (helper) =>
    expect([said(helper), withoutEffect(pluginOptions, { auth: { helper } })]).toEqual([[], []]),
  );

  test.each([
    ["docker-credential-pass", `is a program's name; write "pass"`],
    ["docker-credential-wincred.exe", `is a program's name; write "wincred"`],
    ["/usr/bin/docker-credential-pass", `is a path, and helpers are found on the PATH; write "pass"`],
    ["docker-credential-pass/", `is a path, and helpers are found on the PATH; write "pass"`],
    ["./pass", `is a path, and helpers are found on the PATH; write "pass"`],
    ["C:\\bin\\docker-credential-pass.exe", `is a path, and helpers are found on the PATH; write "pass"`],
  ])("%j is none", (helper, reason) =>
    expect(said(helper)).toEqual([`auth.helper is ${JSON.stringify(helper)}, which ${reason}`]),
  );
});

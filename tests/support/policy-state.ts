/** Exported states that hold one resource of longshore's. */
type Bag = Readonly<Record<string, unknown>>;

/** What a check leaves of a task that offends no rule. */
export const decentTask: Bag = {
  kind: "Task",
  key: "shop/test/shop/web/server[0]/echo",
  plugin: {},
  place: { job: "web", group: "server", index: 0, task: "echo" },
  image: `docker.io/acme/echo:1@sha256:${"0".repeat(64)}`,
  imageId: `sha256:${"1".repeat(64)}`,
  memory: 64,
  cpu: 100,
  pidsLimit: 100,
  user: "1000",
};

/** As Pulumi stores a secret; with a text, as `--show-secrets` shows it. */
export const storedSecret = (plaintext?: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ...(plaintext === undefined ? { ciphertext: "v1:none" } : { plaintext: JSON.stringify(plaintext) }),
});

export const resource = (inputs: Bag, { kind = "Task", name = "web/server[0]/echo" } = {}): Bag => ({
  urn: `urn:pulumi:test::shop::longshore:index:App$pulumi-nodejs:dynamic/longshore:${kind}::${name}`,
  custom: true,
  type: `pulumi-nodejs:dynamic/longshore:${kind}`,
  inputs,
});

export const stateWith = (...resources: readonly Bag[]) => ({ version: 3, deployment: { resources } });

/** Each rule: what it refuses, with the words, and what it lets pass. */
import { type RuleName, rules } from "../../policy/rules";
import type { PolicySettings } from "../../policy";
import { checkState } from "../../policy";
import { decentTask, resource, stateWith, storedSecret } from "../support/policy-state";

type Bag = Readonly<Record<string, unknown>>;

/** What a rule says of a task with these inputs, less the task's name. */
const said = (rule: RuleName, inputs: Bag, config: Bag = {}): readonly string[] => {
  const settings = { all: "disabled", [rule]: { enforcementLevel: "mandatory", ...config } } as PolicySettings;
  const { violations } = checkState(stateWith(resource({ ...decentTask, ...inputs })), settings);
  return violations.map(({ message }) => message.replace(/^web\/server\[0\]\/echo: /, ""));
};

type Case = readonly [inputs: Bag, words: string, config?: Bag];
type Passing = readonly [inputs: Bag, config?: Bag];

const ports = (hostIp?: string) => ({
  network: { ports: { http: { to: 8080, ...(hostIp && { hostIp }) } } },
  ports: ["http"],
});
const image = (text: string) => ({ image: text });
const bind = (source: string, readonly?: boolean) => ({ mount: [{ type: "bind", source, target: "/x", readonly }] });
const byDriver = (device: string) => ({
  mount: [
    { target: "/x", volumeOptions: { driverConfig: { name: "local", options: { type: "none", o: "bind", device } } } },
  ],
});
const digest = `sha256:${"a".repeat(64)}`;

const cases: Record<RuleName, { readonly fires: readonly Case[]; readonly passes: readonly Passing[] }> = {
  privileged: {
    fires: [[{ privileged: true }, "privileged is true, which makes the task root on the engine's host; leave it out"]],
    passes: [[{}], [{ privileged: false }]],
  },
  "host-namespaces": {
    fires: [
      [{ networkMode: "host" }, 'network_mode gives the task the host\'s own namespace "network"'],
      [{ ipcMode: "host" }, 'ipc_mode gives the task the host\'s own namespace "ipc"'],
      [{ pidMode: "host" }, 'have "pid" added to "allow" of the rule host-namespaces'],
      [{ utsMode: " HOST" }, "uts_mode gives"],
      [{ usernsMode: "host" }, "userns_mode gives"],
      [{ cgroupns: "host" }, "cgroupns gives"],
      // What the variable is, is known when the container is made.
      [{ utsMode: "${meta.uts}" }, "uts_mode gives"],
    ],
    passes: [
      [{ networkMode: "backend", ipcMode: "private", utsMode: "", cgroupns: "private" }],
      [{ networkMode: "container:other", pidMode: "container:other" }],
      [{ networkMode: "host" }, { allow: ["network"] }],
    ],
  },
  capabilities: {
    fires: [
      [{ capAdd: ["cap_net_admin"] }, 'cap_add asks for "NET_ADMIN", and the policy allows none; take it out'],
      [
        { capAdd: ["NET_ADMIN", "SYS_TIME"] },
        'asks for "SYS_TIME", and the policy allows "NET_ADMIN"',
        { allow: ["NET_ADMIN"] },
      ],
      [{ capAdd: ["ALL"], capDrop: ["NET_ADMIN"] }, 'asks for "SYS_ADMIN"'],
    ],
    passes: [[{ capDrop: ["ALL"], capAdd: ["CHOWN"] }], [{ capAdd: ["SYS_TIME"] }, { allow: ["cap_sys_time"] }]],
  },
  runtimes: {
    fires: [[{ runtime: "nvidia" }, 'runtime is "nvidia", and the policy allows "runc", "io.containerd.runc.v2"']],
    passes: [[{}], [{ runtime: "runc" }], [{ runtime: "nvidia" }, { allow: ["nvidia"] }]],
  },
  "host-paths": {
    fires: [
      [{ volumes: ["/etc:/x:ro"] }, 'volumes[0] mounts "/etc" of the engine\'s host, and the policy allows none'],
      [{ volumes: ["local/a:/a", "/srv/../etc:/x:ro"] }, 'volumes[1] mounts "/etc"', { allow: ["/srv"] }],
      [{ volumes: ["/srv/data:/x"] }, "so that the task can write there", { allow: ["/srv"] }],
      [{ volumes: ["/srvdata:/x:ro"] }, 'mounts "/srvdata"', { allow: ["/srv"] }],
      [{ volumes: ["C:\\data:C:\\x"] }, 'mounts "C:'],
      [bind("/etc", true), 'mount[0] mounts "/etc"'],
      [bind("/srv"), "mount it read-only", { allow: ["/srv"] }],
      [byDriver("/etc"), 'mount[0] mounts "/etc"'],
      [
        { mounts: [{ type: "npipe", source: "\\\\.\\pipe\\docker_engine", target: "\\\\.\\pipe\\x" }] },
        "mounts[0] mounts",
      ],
    ],
    passes: [
      [{ volumes: ["local/a:/a", "../alloc/b:/b"] }],
      [{ volumes: ["/srv/data:/x:ro,z"], ...bind("/srv", true) }, { allow: ["/srv/"] }],
      [{ volumes: ["/srv/data:/x"] }, { writable: ["/srv"] }],
      [{ mount: [{ type: "volume", source: "data", target: "/x" }] }],
      [{ mount: [{ type: "tmpfs", target: "/x" }] }],
      [byDriver(":/export")],
    ],
  },
  devices: {
    fires: [
      [{ devices: [{ hostPath: "/dev/../dev/sda" }] }, 'devices[0].host_path names "/dev/sda"'],
      [{ deviceRequests: [{ count: 1 }] }, 'device_requests[0] names "nvidia.com/gpu=all"'],
    ],
    passes: [
      [{}],
      [{ devices: [{ hostPath: "/dev/dri/card0" }] }, { allow: ["/dev/dri/*"] }],
      [{ deviceRequests: [{ deviceIds: ["0"] }] }, { allow: ["nvidia.com/gpu=0"] }],
    ],
  },
  unconfined: {
    fires: [
      [{ securityOpt: ["no-new-privileges", "seccomp=unconfined"] }, 'security_opt[1] switches off "seccomp"'],
      [{ securityOpt: ["label:disable"] }, 'switches off "label"'],
    ],
    passes: [
      [{ securityOpt: ["no-new-privileges", "apparmor=docker-default"] }],
      [{ securityOpt: ["apparmor=unconfined"] }, { allow: ["apparmor"] }],
    ],
  },
  registries: {
    fires: [
      [
        image("redis:7"),
        'image is "redis:7", of the registry "docker.io", and the policy allows ghcr.io/acme',
        { allow: ["ghcr.io/acme"] },
      ],
      [image("ghcr.io/acmeevil/web:1"), 'of the registry "ghcr.io"', { allow: ["ghcr.io/acme"] }],
      [image("docker.io.evil.example/library/redis:7"), "docker.io.evil.example", { allow: ["docker.io"] }],
    ],
    passes: [
      [image("anywhere.example/x:1")],
      [image("https://ghcr.io/acme/web:1"), { allow: ["ghcr.io/acme"] }],
      [image("redis:7"), { allow: ["docker.io"] }],
      [image("redis:7"), { allow: ["redis"] }],
    ],
  },
  "no-latest": {
    fires: [
      [image("redis"), 'image is "redis", without a tag, which means latest'],
      [image("redis:latest"), "with the tag latest"],
    ],
    passes: [[image("redis:7")], [image(`redis:latest@${digest}`)], [image(digest)]],
  },
  "pinned-images": {
    fires: [[image("redis:7"), 'image is "redis:7", without a digest']],
    passes: [[image(`redis@${digest}`)], [image(digest)], [image("redis:7"), { allow: ["docker.io/library"] }]],
  },
  "memory-limit": {
    fires: [
      [{ memory: 512 }, "memory is 512 MiB, and the policy allows 256 MiB; lower it", { maximum: 256 }],
      [{ memory: 64, memoryHardLimit: 512 }, "memory_hard_limit is 512 MiB", { maximum: 256 }],
      [{ memory: undefined }, "memory is not set"],
    ],
    passes: [[{ memory: 4096 }], [{ memory: 256 }, { maximum: 256 }], [{ memory: storedSecret() }, { maximum: 1 }]],
  },
  "pids-limit": {
    fires: [
      [{ pidsLimit: undefined }, "pids_limit is not set, and one task can use up the processes of its host"],
      [{ pidsLimit: 0 }, "pids_limit is not set"],
      [{ pidsLimit: 300 }, "pids_limit is 300, and the policy allows 200", { maximum: 200 }],
    ],
    passes: [[{ pidsLimit: 300 }], [{ pidsLimit: 200 }, { maximum: 200 }]],
  },
  "published-ports": {
    fires: [
      [ports("0.0.0.0"), "network.ports.http is published on 0.0.0.0, which is every address of the host"],
      [ports("::"), "is published on ::"],
      [{ ...ports(), plugin: { hostAddress: "0.0.0.0" } }, "by the plugin option host_address"],
    ],
    passes: [
      [ports()],
      [ports("192.0.2.1")],
      [ports("0.0.0.0"), { allow: ["http"] }],
      [{ ...ports("0.0.0.0"), ports: [] }],
      [{ ...ports("0.0.0.0"), networkMode: "none" }],
    ],
  },
  "plain-secrets": {
    fires: [
      [{ env: { DB_PASSWORD: "hunter2" } }, "env.DB_PASSWORD looks like a secret by its name and is in plain text"],
      [
        { env: { PGPASSWORD: "x", dbPassword: "x", "api-key": "x", GITHUB_TOKEN: "x", MYSQL_PWD: "x" } },
        "env.MYSQL_PWD looks",
      ],
      [{ labels: { "acme.secret": "x" } }, "labels.acme.secret looks"],
      [{ env: { URL: "postgres://app:hunter2@db/app" } }, "env.URL holds a URL with a password"],
      [{ args: ["--key", "AKIAIOSFODNN7EXAMPLE"] }, "args[1] holds a key of AWS"],
      [{ env: { CERT: "-----BEGIN RSA PRIVATE KEY-----\nx" } }, "env.CERT holds a private key"],
      [{ env: { PLATE: "x" } }, "env.PLATE is the name of a secret", { names: ["PLATE"] }],
    ],
    passes: [
      [{ env: { DB_PASSWORD: storedSecret(), API_TOKEN: storedSecret("tok"), URL: storedSecret("a://b:c@d") } }],
      [{ env: storedSecret({ DB_PASSWORD: "hunter2" }) }],
      [{ env: { DB_PASSWORD_FILE: "/run/secrets/db", DB_PASSWORD: "/run/secrets/db", PWD: "/", TOKEN_TTL: "3600" } }],
      [{ env: { USE_TOKEN: "true", PASSWORD: "", SECRET: '${env["OTHER"]}', MONKEY: "x", COMPASS: "x", AUTHOR: "x" } }],
      [{ env: { URL: "postgres://app:${PASSWORD}@db/app", SITE: "https://example.test:8080/@me" } }],
      [{ env: { NEXT_TOKEN: "x" } }, { allow: ["NEXT_TOKEN"] }],
    ],
  },
  "root-user": {
    fires: [
      [{ user: undefined }, "user is not set, so that the command runs as root unless the image names another user"],
      [{ user: "root:app" }, "user is root in the container"],
      [{ user: "00" }, "user is root"],
      [{ user: "${meta.user}" }, "user holds a variable"],
    ],
    passes: [[{ user: "1000:0" }], [{ user: "app" }], [{ user: undefined }, { unset: true }]],
  },
};

describe.each(Object.entries(cases) as [RuleName, (typeof cases)[RuleName]][])("%s", (rule, { fires, passes }) => {
  // A row shorter than its test would be waited for.
  test.each(fires.map(([inputs, words, config = {}]) => [inputs, words, config] as const))(
    "refuses %j",
    (inputs, words, config) => {
      const all = said(rule, inputs, config);
      expect(all).toContainEqual(expect.stringContaining(words));
      for (const message of all) expect(message).toMatch(/; .+/);
      // A secret is what it is about.
      if (rule === "plain-secrets") expect(all.join()).not.toMatch(/hunter2|AKIA/);
    },
  );
  test.each(passes.map(([inputs, config = {}]) => [inputs, config] as const))("lets pass %j", (inputs, config) =>
    expect(said(rule, inputs, config)).toEqual([]),
  );
  test("lets pass a decent task", () => expect(said(rule, {})).toEqual([]));
});

test("every rule is tried", () => expect(Object.keys(cases)).toEqual(Object.keys(rules)));

test("every secret by its name is told, and no other variable", () => {
  const env = { PGPASSWORD: "x", dbPassword: "x", "api-key": "x", GITHUB_TOKEN: "x", GREETING: "x", KEYBOARD: "x" };
  expect(said("plain-secrets", { env }).map((text) => text.split(" ")[0])).toEqual([
    "env.PGPASSWORD",
    "env.dbPassword",
    "env.api-key",
    "env.GITHUB_TOKEN",
  ]);
});

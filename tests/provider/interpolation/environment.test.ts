/** What the texts of a task may name, before and after there is an allocation. */
import { environment, portsBefore, scopeOf } from "../../../provider/environment";
import { notYet } from "../../../provider/interpolation/scope";

const place = { job: "shop", group: "front", index: 1, task: "web", meta: { owner: "team-${NOMAD_JOB_NAME}" } };
const ports = {
  http: { hostIp: "127.0.0.1", value: 20001, to: 8080 },
  "my-port": { hostIp: "::1", value: 20002, to: 20002 },
};
const allocation = { id: "0000", ports };
const options = { cpu: 100, memory: 300 };

describe("an allocation's environment", () => {
  const { env } = scopeOf(options, { place, allocation });
  test.each([
    ["NOMAD_ALLOC_ID", "0000"],
    ["NOMAD_ALLOC_NAME", "shop.front[1]"],
    ["NOMAD_CPU_LIMIT", "100"],
    ["NOMAD_MEMORY_LIMIT", "300"],
    ["NOMAD_ADDR_http", "127.0.0.1:20001"],
    ["NOMAD_PORT_http", "8080"],
    ["NOMAD_HOST_PORT_http", "20001"],
    ["NOMAD_ADDR_my_port", "[::1]:20002"],
    ["NOMAD_ALLOC_PORT_my-port", "20002"],
    ["NOMAD_META_owner", "team-shop"],
    ["NOMAD_META_OWNER", "team-shop"],
  ])("%s is %s", (name, value) => expect(env.get(name)).toBe(value));

  test("every name that it lists has a value", () =>
    expect(env.all.filter((name) => typeof env.get(name) !== "string")).toEqual([]));

  test("they are the names that the container is told", () =>
    expect(Object.keys(environment(options, { place, allocation })).sort()).toEqual(env.all.toSorted()));
});

describe("before there is an allocation", () => {
  const network = {
    ports: { http: { to: 8080 }, fixed: { static: 9090 }, on: { static: 80, to: 8080, hostIp: "::1" } },
  };
  const { env } = scopeOf(options, { place, allocation: { ports: portsBefore(network, "0.0.0.0") } });
  test.each([
    ["NOMAD_ALLOC_ID", notYet],
    ["NOMAD_ALLOC_INDEX", "1"],
    ["NOMAD_PORT_http", "8080"],
    ["NOMAD_HOST_PORT_http", notYet],
    ["NOMAD_IP_http", "0.0.0.0"],
    ["NOMAD_ADDR_http", notYet],
    ["NOMAD_ADDR_fixed", "0.0.0.0:9090"],
    ["NOMAD_PORT_fixed", "9090"],
    ["NOMAD_ADDR_on", "[::1]:80"],
    ["NOMAD_PORT_none", undefined],
  ])("%s", (name, value) => expect(env.get(name)).toBe(value));

  test("an operator whose address is not known: no address is", () =>
    expect(
      scopeOf(options, { place, allocation: { ports: portsBefore(network, undefined) } }).env.get("NOMAD_ADDR_fixed"),
    ).toBe(notYet));

  test("while not even labels are known, any port may come, and nothing else", () => {
    const { env } = scopeOf(options, { place, allocation: { ports: undefined } });
    expect(["NOMAD_PORT_x", "NOMAD_HOST_ADDR_x", "NOMAD_ALLOC_PORT_x"].map(env.get)).toEqual([notYet, notYet, notYet]);
    expect(["NOMAD_X", "NOMAD_PORT", "X"].map(env.get)).toEqual([undefined, undefined, undefined]);
  });

  test("a limit that is not known yet", () =>
    expect(scopeOf({ cpu: "unknown" }, { place, allocation }).env.get("NOMAD_CPU_LIMIT")).toBe(notYet));
});

describe("the task's own variables", () => {
  const scoped = (env: object) => scopeOf({ ...options, env }, { place, allocation }).env;

  test("name NOMAD_* and each other, in any order, and win over what Nomad says", () => {
    const env = scoped({ URL: "http://${HOST}/", HOST: "${NOMAD_ADDR_http}", NOMAD_REGION: "mine" });
    expect(env.get("URL")).toBe("http://127.0.0.1:20001/");
    expect(env.get("NOMAD_REGION")).toBe("mine");
  });

  test.each([
    [{ A: "${A}:/x" }, "A", /^names A, which names A, which names itself so; what the image sets is not known here/],
    [
      { A: "${B}", B: "x${C}", C: "${A}" },
      "B",
      /^names B, which names C, which names A, which names B, which names itself so/,
    ],
  ])("%j go round in a circle, and are refused", (env, name, reason) =>
    expect(() => scoped(env).get(name)).toThrow(reason),
  );

  test("one that is not known yet makes what names it unknown", () => {
    const env = scopeOf(
      { ...options, env: { A: "?", B: "x ${A}", C: "c" } },
      { place, allocation },
      (value) => value === "?",
    ).env;
    expect([env.get("A"), env.get("B"), env.get("C")]).toEqual([notYet, notYet, "c"]);
  });
});

describe("an engine's names", () => {
  const of = (attributes?: Readonly<Record<string, string>>) =>
    scopeOf(options, { place, allocation, attributes }).engine;
  test("while no engine was asked, any may come; what the place says is known", () => {
    expect(of().get("attr.cpu.arch")).toBe(notYet);
    expect(of().get("node.datacenter")).toBe("dc1");
    expect(of().get("attrs.x")).toBeUndefined();
  });
  test("once it was asked, there is what it has", () => {
    const engine = of({ "attr.cpu.arch": "amd64", "meta.rack": "r1" });
    expect([engine.get("attr.cpu.arch"), engine.get("meta.rack"), engine.get("attr.other")]).toEqual([
      "amd64",
      "r1",
      undefined,
    ]);
  });
});

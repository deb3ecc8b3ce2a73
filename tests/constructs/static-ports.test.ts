/** Ports that a program asks for twice. */
import { App, Job, Plugin, Task, TaskGroup, type TaskGroupProps } from "longshore";

type Network = NonNullable<TaskGroupProps["network"]>;

const refusal = (first: Network, second: Network, engines: readonly [string, string] = ["a", "a"]): string => {
  const app = new App("app");
  const plugins = new Map([...new Set(engines)].map((name) => [name, new Plugin(app, name)]));
  const job = new Job(app, "job");
  for (const [index, network] of [first, second].entries())
    new Task(new TaskGroup(job, `g${index}`, { network, plugin: plugins.get(engines[index] ?? "") }), "task", {
      image: "img:1",
      ports: Object.keys(network.ports ?? {}),
    });
  try {
    app.manifest();
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};
const at = (port: number, hostIp?: string): Network => ({ ports: { http: { static: port, hostIp } } });

test("two groups on one engine: refused, naming both", () =>
  expect(refusal(at(8080), at(8080))).toMatch(
    /job\/g1: network\.ports\.http\.static: network\.ports\.http\.static is 8080, which port http of job\/g0 has too, on the same host; change one/,
  ));

test.each([
  ["an address, and all of its family", at(80, "127.0.0.1"), at(80, "0.0.0.0")],
  ["all addresses of both families, and one", at(80, "::"), at(80, "10.0.0.1")],
  ["one address in two spellings", at(80, "fd00::1"), at(80, "fd00:0:0::1")],
])("%s: refused", (_, first, second) => expect(refusal(first, second)).toMatch(/has too/));

test.each([
  ["two ports", at(80), at(81), undefined],
  ["two addresses", at(80, "127.0.0.1"), at(80, "127.0.0.2"), undefined],
  ["two engines", at(80), at(80), ["a", "b"] as const],
])("%s: accepted", (_, first, second, engines) => expect(refusal(first, second, engines)).toBe(""));

test("one group that names a port twice", () =>
  expect(refusal({ ports: { a: { static: 80 }, b: { static: 80 } } }, {})).toMatch(
    /network\.ports\.b\.static is 80, which port a has too/,
  ));

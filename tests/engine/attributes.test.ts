/** What is known of a real engine: by the command, in a program, in a preview without an engine. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { engine } from "../support/engine";
import { keyLabel, keyOf } from "../../provider/ownership";
import { TestStack, root } from "../support/stack";

const docker = (...args: readonly string[]) => execFileSync("docker", args, { encoding: "utf8" }).trim();
const longshore = (...args: readonly string[]) =>
  execFileSync(process.execPath, [join(root, "dist/cli/main.js"), ...args], { encoding: "utf8" });

/** What a container on the default network is told: an engine that was never started before lists no gateway. */
function gatewayOfAContainer(): string {
  const id = docker("run", "--detach", "longshore/pause:3.1");
  try {
    return docker("inspect", id, "--format", "{{.NetworkSettings.Networks.bridge.Gateway}}");
  } finally {
    docker("rm", "--force", id);
  }
}

test("longshore info says what the docker command says", () => {
  const attributes = JSON.parse(longshore("info", "--json")) as Record<string, string>;
  expect(attributes).toMatchObject({
    "attr.driver.docker": "1",
    "attr.driver.docker.version": docker("version", "--format", "{{.Server.Version}}"),
    "attr.driver.docker.bridge_ip": gatewayOfAContainer(),
    "attr.cpu.arch": docker("version", "--format", "{{.Server.Arch}}"),
    "attr.cpu.numcores": docker("info", "--format", "{{.NCPU}}"),
    "attr.memory.totalbytes": docker("info", "--format", "{{.MemTotal}}"),
    "attr.kernel.version": docker("info", "--format", "{{.KernelVersion}}"),
    "node.unique.id": docker("info", "--format", "{{.ID}}"),
  });
  const table = longshore("info");
  for (const [name, value] of Object.entries(attributes))
    expect(table).toMatch(new RegExp(`^${name} +${value.replace(/\W/g, "\\$&")}$`, "m"));
});

describe("a program", () => {
  const stack = new TestStack("tests/programs/attributes");
  beforeAll(() => stack.init());
  afterAll(() => stack.dispose(), 120_000);

  test("reads them, in previews too, and the second up is empty", async () => {
    expect((await stack.preview()).map(({ type, op }) => [type, op])).toEqual(
      expect.arrayContaining([["Task", "create"]]),
    );
    await stack.up();
    const { attributes } = await stack.outputs();
    expect(attributes).toEqual(JSON.parse(longshore("info", "--json")));
    const rows = await engine.listContainers([keyLabel]);
    const own = rows.filter((row) => keyOf(row)?.startsWith(`${stack.project}/`));
    expect(own.map(({ Labels }) => Labels.arch)).toEqual([docker("version", "--format", "{{.Server.Arch}}")]);
    await stack.up("--expect-no-changes");
  }, 120_000);

  test("goes on without in a preview of an engine that does not answer, and says so", async () => {
    const { code, out } = await stack.run(["preview"], { DOCKER_HOST: "unix:///nowhere.sock" });
    expect(out).toMatch(/What it is stays unknown in this preview/);
    expect(code).toBe(0);
  }, 120_000);
});

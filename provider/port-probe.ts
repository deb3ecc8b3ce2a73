/**
 * Whether an engine elsewhere can publish ports that nobody else can look at from here: it is asked to, for a container that has
 * no program, and so never runs.
 */
import type { Engine } from "./engine/engine";
import { isEngineError, isPortTaken } from "./errors";
import type { Ports } from "./port-claim";

const probeLabel = "longshore.port_probe";
/** What is at this path of no image. */
const noProgram = "/longshore/port-probe";

/** No probe takes so long: what is older was left by a run that was killed. */
const staleMs = 10 * 60_000;

async function removeLeft(engine: Engine, now: Date): Promise<void> {
  const left = (await engine.listContainers([probeLabel])).filter(
    ({ Created }) => now.getTime() - Created * 1000 > staleMs,
  );
  await Promise.all(left.map(({ Id }) => engine.removeContainer(Id)));
}

/** The failure of a start that met a port which somebody has. */
export async function probePorts(engine: Engine, ports: Ports, alloc: string, now: Date): Promise<Error | undefined> {
  await removeLeft(engine, now);
  const [image] = await engine.listImages();
  // Without an image there is no task that could start either.
  if (!image) return undefined;
  const bindings = Object.values(ports).flatMap(({ hostIp: HostIp, value }, index) =>
    ["tcp", "udp"].map((protocol) => [`${index + 1}/${protocol}`, [{ HostIp, HostPort: String(value) }]] as const),
  );
  const { Id } = await engine.createContainer(`longshore-port-probe-${alloc}`, {
    Image: image.Id,
    Entrypoint: [noProgram],
    Labels: { [probeLabel]: alloc },
    ExposedPorts: Object.fromEntries(bindings.map(([port]) => [port, {}])),
    HostConfig: { PortBindings: Object.fromEntries(bindings) },
  });
  try {
    await engine.startContainer(Id);
    return undefined;
  } catch (error) {
    // That it has no program is found out only after its ports were published.
    if (isPortTaken(error)) return error as Error;
    if (!isEngineError(error, "refused", "internal", "notFound")) throw error;
    return undefined;
  } finally {
    await engine.removeContainer(Id);
  }
}

import type { TaskOptions } from "../../provider/options";
import type { Failure } from "../../provider/options/folds";
import type { Fields } from "./fields";

type DeviceRequests = Extract<TaskOptions["deviceRequests"], readonly unknown[]>;

/** What a task's `Resources.Devices` come to. */
export interface TakenDevices {
  readonly deviceRequests: DeviceRequests | undefined;
  readonly failures: readonly Failure[];
  readonly warnings: readonly string[];
}

/** `gpu`, `nvidia/gpu`, `nvidia/gpu/MODEL`: the devices of Nomad's that an engine finds by itself. */
const gpu = /^(?:(nvidia)\/)?gpu(?:\/(.+))?$/;

/** Nomad's devices as requests to the engine. A name that is no GPU's is refused: the task would come up without it. */
export function devicesOf(needs: Fields | undefined): TakenDevices {
  const taken = (needs?.takeList("Devices") ?? []).map((fields, index) => {
    const property = `resources.devices[${index}]`;
    const [name, count] = [fields?.take("Name"), fields?.take("Count")];
    const [found, driver, model] = typeof name === "string" ? (gpu.exec(name) ?? []) : [];
    if (found === undefined)
      return {
        failures: [
          {
            property: `${property}.name`,
            reason: `${property}.name is ${JSON.stringify(name ?? null)}, and the only devices here are "gpu" and "nvidia/gpu"; name other devices of the host in devices`,
          },
        ],
      };
    return {
      request: { ...(driver !== undefined && { driver }), count: (count ?? 1) as number, capabilities: [["gpu"]] },
      warnings: [
        ...(model === undefined ? [] : [`Resources.Devices[${index}].Name asks for "${model}"; any GPU is taken`]),
        ...(fields?.left ?? []).map((field) => `Resources.Devices[${index}].${field} has no effect here`),
      ],
    };
  });
  const requests = taken.flatMap(({ request }) => (request ? [request] : []));
  return {
    deviceRequests: requests.length > 0 ? requests : undefined,
    failures: taken.flatMap(({ failures = [] }) => failures),
    warnings: taken.flatMap(({ warnings = [] }) => warnings),
  };
}

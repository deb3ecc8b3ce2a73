import type { PluginOptions } from "../../provider/options/plugin";

/** An operator who allows all that can be allowed. */
export const allowAll = {
  allowPrivileged: true,
  allowCaps: ["ALL"],
  allowRuntimes: ["runc", "io.containerd.runc.v2", "nvidia", "runsc"],
  volumes: { enabled: true },
} as const satisfies PluginOptions;

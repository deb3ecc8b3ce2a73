import type { taskOptions } from "../../provider/options";

/** Rows whose examples no engine at hand can run, and why. */
export const notRunHere: Partial<Record<keyof typeof taskOptions, string>> = {
  deviceRequests: "there is no GPU here",
  isolation: "there is no Windows engine here",
  privileged: "this machine lacks CAP_SYS_RESOURCE, and engine 20.10 gives all capabilities or none",
  storageOpt: "engine 20.10 has quotas on xfs only",
};

/** What a `network_mode` means, and what follows from it for the other options of the network. */
import type { Scope } from "../facts";

/** `default`: the engine's own network. `named`: one that somebody made. */
export type NetworkKind = "default" | "host" | "none" | "container" | "named";

const predefined: Readonly<Record<string, NetworkKind>> = {
  "": "default",
  default: "default",
  bridge: "default",
  host: "host",
  none: "none",
};

/** The kind of a network; a value that is not known yet may be any, and counts as a named one. */
export const networkKind = (mode: unknown, os?: "linux" | "windows"): NetworkKind => {
  if (mode === undefined) return "default";
  if (typeof mode !== "string") return "named";
  if (mode.startsWith("container:")) return "container";
  return mode === "nat" && os === "windows" ? "default" : (predefined[mode] ?? "named");
};

/** The mode that the engine is told. */
export const networkModeOf = (mode: string | undefined, os?: "linux" | "windows"): string =>
  mode || (os === "windows" ? "nat" : "default");

const said = (mode: string | undefined): string =>
  mode === undefined || mode === "" ? "network_mode is not set" : `network_mode is "${mode}"`;

/** Why a value that belongs to a network of the user's own is refused, or nothing. */
export const refusedOutsideNamed = (
  value: unknown,
  mode: string | undefined,
  { engine, sharesNetwork }: Scope,
): string | undefined =>
  networkKind(mode, engine?.os) === "named"
    ? undefined
    : `is ${JSON.stringify(value)}, which the engine gives only in a user-defined network, and ` +
      (isInGroupNetwork(mode, { sharesNetwork })
        ? "the tasks of the group share one; name a user-defined network in network_mode"
        : `${said(mode)}; name such a network there`) +
      ` (docker network create makes one), or take it out`;

/** Whether a task without a `network_mode` of its own is in the one network of its group. */
export const isInGroupNetwork = (mode: unknown, { sharesNetwork = false }: Pick<Scope, "sharesNetwork">): boolean =>
  sharesNetwork && mode === undefined;

/**
 * Why a value is refused where the container has the network of another one, or nothing.
 * @param instead where a group says it for all its tasks
 */
export const refusedInContainers = (
  value: unknown,
  what: string,
  mode: string | undefined,
  scope: Scope,
  instead?: string,
): string | undefined => {
  if (networkKind(mode) === "container")
    return (
      `is ${JSON.stringify(value)}, and with network_mode "${mode ?? ""}" the container has ${what} of that one; ` +
      `set it there, or take it out`
    );
  return isInGroupNetwork(mode, scope)
    ? `is ${JSON.stringify(value)}, and the tasks of the group share one network with ${what}; ` +
        `${instead === undefined ? "" : `${instead}, `}give the task a network_mode of its own, or take it out`
    : undefined;
};

/** Why a value that one container of a network can have is refused for a group of several, or nothing. */
export const refusedForSeveral = (value: unknown, allocations: number | undefined): string | undefined =>
  (allocations ?? 1) > 1
    ? `is ${JSON.stringify(value)}, which one container can have, and the group's count is ${allocations}; ` +
      `set the count to 1, or take it out`
    : undefined;

import { EngineError } from "../errors";
import type { Endpoint } from "./endpoint";

/** Why an engine cannot be reached, and what to do about it. */
export interface Obstacle {
  readonly reason: string;
  readonly wayOut: string;
}

export const elsewhere = "say where it is with DOCKER_HOST or the plugin option endpoint";

/** Where an engine was looked for, and who said so. */
export const whereabouts = ({ url, saidBy }: Pick<Endpoint, "url" | "saidBy">): string => `${url} (from ${saidBy})`;

/** The engine was not reached: nothing of what was asked can have happened. */
export const unreachable = (endpoint: Pick<Endpoint, "url" | "saidBy">, { reason, wayOut }: Obstacle): EngineError =>
  new EngineError("unreachable", `no engine answers at ${whereabouts(endpoint)}: ${reason}; ${wayOut}`);

/** `longshore ps`: what runs. */
import type { Engine } from "../provider/engine/engine";
import { type Scope, scopeText } from "../run/containers";
import { type TaskStatus, ps as statusesOn } from "../run/ps";
import { shownName } from "../run/task-name";
import type { Output } from "./output";
import { table } from "./table";
import { ageText } from "./units";

export interface PsCommand {
  readonly scope: Scope;
  readonly all: boolean;
  readonly json: boolean;
}

/** `running (healthy)`, `exited (137, out of memory)`, `restarting (1)` */
function stateText({ state, health, exitCode, oomKilled }: TaskStatus): string {
  const details = [
    ...(health === undefined ? [] : [health]),
    ...(exitCode === undefined ? [] : [String(exitCode)]),
    ...(oomKilled ? ["out of memory"] : []),
  ];
  return details.length === 0 ? state : `${state} (${details.join(", ")})`;
}

const portsText = ({ ports }: TaskStatus): string =>
  Object.entries(ports)
    .map(([label, address]) => `${label}=${address}`)
    .join(", ");

/** Since when it is as it is. */
const startedText = ({ startedAt }: TaskStatus, now: Date): string =>
  startedAt === undefined ? "never" : `${ageText(now.getTime() - Date.parse(startedAt))} ago`;

export async function ps(engine: Engine, { scope, all, json }: PsCommand, { print, say }: Output): Promise<void> {
  const statuses = await statusesOn(engine, { ...scope, all });
  if (json) {
    print(`${JSON.stringify(statuses, undefined, 2)}\n`);
    return;
  }
  if (statuses.length === 0) {
    say(`no tasks run ${scopeText(scope)}${all ? "" : "; --all tells of those that do not"}\n`);
    return;
  }
  // The engine's clock: it has written the times.
  const now = new Date((await engine.info()).SystemTime);
  print(
    table(
      ["TASK", "IMAGE", "STATE", "PORTS", "STARTED", "CONTAINER"],
      statuses.map((status) => [
        shownName(status, statuses),
        status.image,
        stateText(status),
        portsText(status),
        startedText(status, now),
        status.container.slice(0, 12),
      ]),
    ),
  );
}

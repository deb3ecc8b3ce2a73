/** The commands by name. A new one is a file in `commands/`, and a line here. */
import type { Command } from "./command";
import { completion } from "./commands/completion";
import { convert } from "./commands/convert";
import { exec } from "./commands/exec";
import { gc } from "./commands/gc";
import { graph } from "./commands/graph";
import { info } from "./commands/info";
import { logs } from "./commands/logs";
import { ps } from "./commands/ps";
import { policy } from "./commands/policy";
import { render } from "./commands/render";
import { signal } from "./commands/signal";
import { stats } from "./commands/stats";

export const commands: Readonly<Record<string, Command>> = {
  ps,
  logs,
  exec,
  signal,
  stats,
  info,
  policy,
  gc,
  render,
  graph,
  convert,
  completion,
};

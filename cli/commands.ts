/** The commands by name. A new one is a file in `commands/`, and a line here. */
import type { Command } from "./command";
import { gc } from "./commands/gc";
import { info } from "./commands/info";
import { render } from "./commands/render";

export const commands: Readonly<Record<string, Command>> = { gc, info, render };

/** `longshore stats`: what tasks use, once or each second. */
import type { Engine } from "../provider/engine/engine";
import { type Scope, containersOn, current, find, isUp, mustRun, scopeText } from "../run/containers";
import { type Using, stats as usagesOn, watchStats } from "../run/stats";
import { shownName } from "../run/task-name";
import type { Output } from "./output";
import { table } from "./table";
import { bytesText, memoryText } from "./units";
import { write } from "./write";

export interface StatsCommand {
  readonly scope: Scope;
  readonly words: readonly string[];
  readonly once: boolean;
  readonly json: boolean;
}

const pair = (one: number, other: number, text: (bytes: number) => string) => `${text(one)} / ${text(other)}`;

function tableOf(all: readonly Using[]): string {
  const names = all.map(({ task }) => task);
  return table(
    ["TASK", "CPU", "MEMORY", "NET IN / OUT", "DISK READ / WRITTEN", "PIDS"],
    all.map(({ task, usage: { cpuPercent, memoryBytes, memoryLimitBytes, network, blocks, pids } }) => [
      shownName(task, names),
      `${cpuPercent.toFixed(1)} %`,
      pair(memoryBytes, memoryLimitBytes, memoryText),
      network ? pair(network.receivedBytes, network.sentBytes, bytesText) : "–",
      pair(blocks.readBytes, blocks.writtenBytes, bytesText),
      String(pids),
    ]),
  );
}

function lineOf(all: readonly Using[]): string {
  const names = all.map(({ task }) => task);
  const tasks = all.map(({ task, usage }) => ({ task: shownName(task, names), container: task.row.Id, ...usage }));
  return `${JSON.stringify({ time: new Date().toISOString(), tasks })}\n`;
}

const escape = "\u001b[";
/** Over what was there before, without a flicker. */
const redrawn = (text: string, rows: number): string => {
  const lines = text.split("\n").slice(0, Math.max(1, rows - 1));
  return `${escape}H${lines.map((line) => `${line}${escape}K`).join("\n")}${escape}J`;
};

export async function stats(engine: Engine, { scope, words, once, json }: StatsCommand, output: Output): Promise<void> {
  const { stdout } = output.streams;
  const tasks = async () => {
    const all = await containersOn(engine, scope);
    const wanted = words.length > 0 ? words.map((word) => find(word, all, scope)) : current(all);
    return [...new Map(wanted.map((one) => [one.row.Id, one])).values()].filter(
      (one) => isUp(one) && (words.length > 0 || one.kind === "task"),
    );
  };
  const all = await containersOn(engine, scope);
  for (const word of words) mustRun(find(word, all, scope), "uses nothing");

  if (once) {
    const used = await usagesOn(engine, await tasks());
    if (json) output.print(lineOf(used));
    else if (used.length === 0) output.say(`no tasks run ${scopeText(scope)}\n`);
    else output.print(tableOf(used));
    return;
  }
  const isLive = stdout.isTTY && !json;
  if (isLive) await write(stdout, `${escape}2J`);
  for await (const used of watchStats(engine, tasks))
    await write(stdout, json ? lineOf(used) : isLive ? redrawn(tableOf(used), stdout.rows) : `${tableOf(used)}\n`);
}

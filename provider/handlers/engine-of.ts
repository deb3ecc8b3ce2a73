/** Which engine a plugin's options mean, as far as a check or a plan can know. */
import { canonicalJson } from "../canonical";
import { type Connection, connectionOf } from "../connection";
import { isLoopback } from "../engine-address";
import type { Engine } from "../engine/engine";
import type { Written } from "../engine/endpoint";
import { whereabouts } from "../engine/unreachable";
import { isEngineError } from "../errors";
import { hasUnknown } from "../options/folds";
import { warn } from "../note";
import { isUnknown } from "./handler";

const said = new Set<string>();
const warnOnce = (text: string) => {
  if (!said.has(text)) warn(text);
  said.add(text);
};

/** Says who else reaches an engine by such an address. */
function warnOfOpenness({ engine: { endpoint } }: Connection): void {
  const { address, tls } = endpoint;
  if (address.kind !== "tcp" || (address.tls ?? Boolean(tls)) || isLoopback(address.host)) return;
  warnOnce(
    `the engine at ${whereabouts(endpoint)} is spoken to without TLS: whoever reaches that address is root on its host; ` +
      `use certificates (the plugin option tls) or ssh://`,
  );
}

/** What an engine says; or nothing, with a warning for each engine, when it is not known yet or does not answer. */
export async function ifReachable<T>(
  { endpoint, tls }: Written,
  ask: (connection: Connection) => Promise<T>,
): Promise<T | undefined> {
  if (hasUnknown([endpoint, tls], isUnknown)) return undefined;
  try {
    const connection = connectionOf({ endpoint, tls });
    warnOfOpenness(connection);
    return await ask(connection);
  } catch (error) {
    if (!isEngineError(error)) throw error;
    warnOnce(`${error.message}. Planned from the state alone.`);
    return undefined;
  }
}

/**
 * Whether the options now mean another engine than the one an object is on. An engine that is not known yet, or does not
 * answer at another address than before, counts as another: that it will be the same cannot be promised.
 * @param isThere machines that were copied share their engine's id: only one of them has the object
 */
export async function moves(
  olds: { readonly plugin: Written; readonly engineId: string },
  news: { readonly plugin: Written },
  isThere: (engine: Engine) => Promise<unknown> = () => Promise.resolve(true),
): Promise<boolean> {
  const where = ({ endpoint, tls }: Written) => canonicalJson([endpoint, tls]);
  if (where(olds.plugin) === where(news.plugin)) return false;
  const same = await ifReachable(
    news.plugin,
    async ({ engine, info }) => (await info()).ID === olds.engineId && Boolean(await isThere(engine)),
  );
  return same === undefined ? olds.plugin.endpoint !== news.plugin.endpoint : !same;
}

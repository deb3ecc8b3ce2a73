/** The options of a command that speaks with an engine. */
import type { Written } from "../provider/engine/endpoint";
import { type Options, UsageError, type Values } from "./command";

const tls = (what: string) =>
  ({
    value: "FILE",
    help: `${what}, as in the plugin option tls; goes with --endpoint`,
    completes: "file",
  }) as const;

export const engineOptions = {
  endpoint: {
    value: "URL",
    help:
      "the engine, as in the plugin option endpoint; when left out, as for the docker command: DOCKER_HOST, " +
      "DOCKER_CONTEXT, the current context, the default socket",
  },
  "tls-ca": tls("who signed the engine's certificate"),
  "tls-cert": tls("the certificate that is shown to it"),
  "tls-key": tls("the certificate's key"),
} as const satisfies Options;

/** The engine that a command line names, as a plugin would. */
export function engineOf(values: Values<typeof engineOptions>): Written {
  const { endpoint, "tls-ca": ca, "tls-cert": cert, "tls-key": key } = values;
  const given = Object.fromEntries(Object.entries({ ca, cert, key }).filter(([, path]) => path !== undefined));
  const isTls = Object.keys(given).length > 0;
  if (isTls && endpoint === undefined)
    throw new UsageError("--tls-ca, --tls-cert and --tls-key go with --endpoint, which is not given");
  return { ...(endpoint !== undefined && { endpoint }), ...(isTls && { tls: given }) };
}

/** What is known of an engine, for a program. */
import { type Output, log, output, runtime, unknown } from "@pulumi/pulumi";
import { isEngineError } from "../provider/errors";
import type { Attributes } from "../provider/attributes";
import { limitsIn, pluginSpec } from "../provider/plugin-spec";

type Bag = Readonly<Record<string, unknown>>;

/** Asks an engine. In a preview, one that does not answer leaves unknown what it is. */
export const engineAttributes = (options: Bag): Output<Attributes> =>
  output(options).apply(async (known) => {
    // Only a program that asks pays for the engine's client.
    const [{ attributesOf }, { connectionOf }] = await Promise.all([
      import("../provider/attributes.js"),
      import("../provider/connection.js"),
    ]);
    const { endpoint, tls } = known as Parameters<typeof connectionOf>[0];
    try {
      return await attributesOf(connectionOf({ endpoint, tls }), pluginSpec(limitsIn(known)));
    } catch (error) {
      if (!runtime.isDryRun() || !isEngineError(error, "unreachable")) throw error;
      void log.warn(`${error.message}. What it is stays unknown in this preview.`);
      return unknown as Attributes;
    }
  });

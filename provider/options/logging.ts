import * as z from "zod";
import { optionGroup } from "./option";

export const logging = optionGroup({
  /**
   * The log driver (`type`) and its options (`config`). Only when all is left out: the plugin's `logging`, or else
   * `json-file`, two files of 2 MB.
   * A type without a config gets no rotation; a config without a type goes to the engine's default driver.
   */
  logging: {
    schema: z
      .strictObject({
        /** The log driver: `json-file`, `journald`, `syslog`, `none`, … */
        type: z.string().min(1).optional(),
        /** Deprecated name of `type`. */
        driver: z.string().min(1).optional(),
        /** The log driver's options. */
        config: z.record(z.string().min(1), z.string()).optional(),
      })
      .optional(),
    change: "replace",
    // Options of a driver may be secrets.
    unprinted: true,
    examples: [{ type: "json-file", config: { "max-size": "1m" } }, { type: "none" }],
    inherit: (logging, plugin) =>
      Object.values(logging ?? {}).every((part) => part === undefined) ? (plugin.logging ?? logging) : logging,
    engine: (logging) => {
      const { type, driver, config } = logging ?? {};
      const Type = type ?? driver;
      if (Type === undefined && config === undefined)
        return { HostConfig: { LogConfig: { Type: "json-file", Config: { "max-file": "2", "max-size": "2m" } } } };
      return { HostConfig: { LogConfig: { ...(Type !== undefined && { Type }), ...(config && { Config: config }) } } };
    },
  },
});

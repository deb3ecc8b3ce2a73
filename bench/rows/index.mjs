/**
 * The rows. Each is
 *   name, label
 *   role           "product", "raw" (the engine's floor), "floor" (Pulumi's), "peer"
 *   containers     whether it makes any, which the engine is then asked about
 *   phases         those it takes part in; all when left out
 *   missing()      why it cannot run here, if it cannot
 *   version()
 *   prepare(dir, run)            fills an empty directory; the commands it returns are not timed
 *   write(dir, spec)             writes down what is wanted, for commands that read it from there
 *   command(phase, dir, spec)    { argv, env }
 *   stateFile(dir)
 */
import { compose } from "./compose.mjs";
import { pulumi } from "./pulumi.mjs";
import { raw } from "./raw.mjs";

export const rows = [
  pulumi("longshore", "longshore", { role: "product" }),
  raw(4),
  raw(16),
  pulumi("pulumi-empty", "Pulumi, a program without resources (JS)", {
    containers: false,
    phases: ["create", "noop", "preview", "refresh", "destroy"],
  }),
  pulumi("pulumi-null", "Pulumi, a dynamic provider that does nothing (TS)", { containers: false }),
  pulumi("pulumi-null-js", "Pulumi, a dynamic provider that does nothing (JS)", { containers: false }),
  pulumi("pulumi-lean", "Pulumi, the least a dynamic provider must do (JS)"),
  compose,
];

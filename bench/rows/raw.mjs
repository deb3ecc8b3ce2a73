/** The engine's own API, called by a script: the least that any client must ask of the engine. */
import { join } from "node:path";

export const raw = (parallel) => ({
  name: `raw-${parallel}`,
  label: `raw HTTP client, ${parallel} calls at once`,
  role: "raw",
  containers: true,
  missing: () => undefined,
  version: () => `Node ${process.version}`,
  prepare: () => [],
  write: () => {},
  command: (phase, _dir, spec) => ({
    argv: [process.execPath, join(import.meta.dirname, "raw-client.mjs"), phase, String(parallel)],
    env: { BENCH_SPEC: JSON.stringify(spec) },
  }),
  stateFile: () => undefined,
});

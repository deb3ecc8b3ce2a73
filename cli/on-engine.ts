import { type Engine, connect } from "../provider/engine/engine";
import { type Written, endpointOf } from "../provider/engine/endpoint";

/** Does something with an engine that is reached for no longer than that. */
export async function onEngine<T>(written: Written, work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = connect(endpointOf(written));
  try {
    return await work(engine);
  } finally {
    engine.close();
  }
}

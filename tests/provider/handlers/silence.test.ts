import { setTimeout as wait } from "node:timers/promises";
import type { Connection } from "../../../provider/connection";
import { silenceOf } from "../../../provider/handlers/silence";

const anEngine = () => ({}) as Connection;

test("a pull of which nothing is heard is ended; one of which something is heard is not", async () => {
  const engine = anEngine();
  const [silent, loud] = [silenceOf(engine, 300), silenceOf(engine, 300)];
  for (let times = 0; times < 6; times++) {
    await wait(100);
    loud.heard(false);
  }
  expect([silent.signal.aborted, loud.signal.aborted]).toEqual([true, false]);
  loud.end();
  await wait(400);
  expect(loud.signal.aborted).toBe(false);
});

test("one that waits for its turn is not silent while the same engine gets on with another", async () => {
  const engine = anEngine();
  const [waiting, elsewhere, loud] = [silenceOf(engine, 300), silenceOf(anEngine(), 300), silenceOf(engine, 300)];
  for (const one of [waiting, elsewhere]) one.heard(true);
  for (let times = 0; times < 6; times++) {
    await wait(100);
    loud.heard(false);
  }
  expect([waiting.signal.aborted, elsewhere.signal.aborted]).toEqual([false, true]);
  loud.end();
  await wait(400);
  expect(waiting.signal.aborted).toBe(true);
});

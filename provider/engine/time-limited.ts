import type { Engine } from "./engine";
import { inTime } from "./time-limit";

/** `tryInspectContainer` as an error speaks of it: `inspect container`. */
const spoken = (method: string) => method.replace(/^try/, "").replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

type Method = (...given: unknown[]) => Promise<unknown>;

/** An engine each of whose calls is waited for only as long as the operation in hand may take. */
export const timeLimited = (engine: Engine): Engine =>
  Object.fromEntries(
    Object.entries(engine).map(([name, member]: [string, unknown]) => [
      name,
      typeof member !== "function" || name === "close"
        ? member
        : (...given: unknown[]) => inTime(spoken(name).trim(), () => (member as Method)(...given)),
    ]),
  ) as unknown as Engine;

/**
 * Calls the provider's handlers in the order in which Pulumi calls them (measured: shared facts in docs/adr/0005), in
 * this process and without the CLI: a run takes as long as the engine does, and thousands of them can be looked at.
 */
import type { Handler } from "../../provider/handlers/handler";

export type Bag = Readonly<Record<string, unknown>>;
type AnyHandler = Handler<Bag, Bag>;

interface Handlers {
  /** What provider/dynamic.ts does about origins. */
  readonly learnOrigin: (origin: unknown) => void;
  readonly ownOrigin: () => string;
  readonly Image: AnyHandler;
  readonly Allocation: AnyHandler;
  readonly Task: AnyHandler;
}
export type Kind = "Image" | "Allocation" | "Task";

/** A resource of a program. What it is given may come from resources before it. */
export interface Wanted {
  readonly name: string;
  readonly kind: Kind;
  readonly inputs: (of: (name: string) => Held) => Bag;
}

/** A resource as a state holds it. */
export interface Held {
  readonly name: string;
  readonly kind: Kind;
  readonly id: string;
  readonly inputs: Bag;
  readonly outs: Bag;
  /** Replaced, and still to be deleted. */
  readonly isOld?: true;
}

export type State = readonly Held[];

/** How a run ended, and what it did. */
export interface Run {
  readonly state: State;
  readonly did: readonly string[];
  readonly error?: Error;
}

/** The handlers as a process has them that has just been started. */
export function freshHandlers(): Handlers {
  let fresh: Handlers | undefined;
  jest.isolateModules(() => {
    const load = (path: string) => jest.requireActual<Readonly<Record<string, AnyHandler>>>(path);
    const of = (kind: string) => load(`../../provider/handlers/${kind}`)[`${kind}Handler`] as AnyHandler;
    const { learnOrigin, ownOrigin } =
      jest.requireActual<Pick<Handlers, "learnOrigin" | "ownOrigin">>("../../provider/origin");
    fresh = { Image: of("image"), Allocation: of("allocation"), Task: of("task"), learnOrigin, ownOrigin };
  });
  return fresh as Handlers;
}

const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** What the handlers see of a state: its origin is no matter of theirs. */
const ownOf = ({ outs: { origin: _, ...own } }: Held): Bag => own;

class Running {
  readonly did: string[] = [];
  private readonly handlers = freshHandlers();
  constructor(public state: State) {}

  private readonly current = (name: string) => this.state.find((held) => held.name === name && !held.isOld);
  private readonly of = (name: string): Held => {
    const held = this.current(name);
    if (!held) throw new Error(`the program has no ${name} yet`);
    return held;
  };

  async bring({ name, kind, inputs }: Wanted, program: readonly Wanted[]): Promise<void> {
    const handler = this.handlers[kind];
    const old = this.current(name);
    const checked = await handler.check(old?.inputs ?? {}, plain(inputs(this.of)));
    if (checked.failures.length > 0) throw new Error(checked.failures.map(({ reason }) => reason).join("\n"));
    const news = plain(checked.inputs);
    if (!old) return this.create(name, kind, news);
    this.handlers.learnOrigin(old.outs.origin);
    const { changes, replaces, deleteBeforeReplace } = await handler.diff(old.id, ownOf(old), news);
    if (!changes && replaces.length === 0) return;
    if (replaces.length === 0) {
      this.did.push(`update ${name}`);
      const { outs } = await handler.update(old.id, ownOf(old), news);
      this.state = this.state.map((held) =>
        held === old ? { ...old, inputs: news, outs: { ...plain(outs), origin: old.outs.origin } } : held,
      );
      return;
    }
    if (deleteBeforeReplace) {
      const dependents = program.filter((wanted) => wanted.name !== name && isMadeOf(wanted, name, this.state));
      for (const dependent of dependents.toReversed()) {
        const held = this.current(dependent.name);
        if (held) await this.delete(held);
      }
      await this.delete(old);
      return this.create(name, kind, news);
    }
    this.state = this.state.map((held) => (held === old ? { ...old, isOld: true } : held));
    try {
      await this.create(name, kind, news);
    } catch (error) {
      this.state = this.state.map((held) => (held.id === old.id && held.name === name ? old : held));
      throw error;
    }
  }

  async create(name: string, kind: Kind, inputs: Bag): Promise<void> {
    this.did.push(`create ${name}`);
    const { id, outs } = await this.handlers[kind].create(inputs);
    const origin = this.handlers.ownOrigin();
    this.state = [...this.state, { name, kind, id, inputs, outs: { ...plain(outs), origin } }];
  }

  async delete(held: Held): Promise<void> {
    this.did.push(`delete ${held.name}`);
    await this.handlers[held.kind].delete(held.id, ownOf(held));
    this.state = this.state.filter((other) => other !== held);
  }

  async refresh(): Promise<void> {
    for (const held of this.state.filter(({ isOld }) => !isOld)) {
      this.handlers.learnOrigin(held.outs.origin);
      const found = await this.handlers[held.kind].read(held.id, ownOf(held));
      this.state = this.state.flatMap((other) =>
        other !== held
          ? [other]
          : found
            ? [{ ...held, inputs: plain(found.inputs), outs: { ...plain(found.props), origin: held.outs.origin } }]
            : [],
      );
    }
  }
}

const isMadeOf = ({ inputs }: Wanted, name: string, state: State): boolean => {
  let asked = false;
  inputs((other) => {
    asked ||= other === name;
    return state.find((held) => held.name === other) ?? { name: other, kind: "Image", id: "", inputs: {}, outs: {} };
  });
  return asked;
};

async function run(state: State, work: (running: Running) => Promise<void>): Promise<Run> {
  const running = new Running(state);
  try {
    await work(running);
    return { state: running.state, did: running.did };
  } catch (error) {
    return { state: running.state, did: running.did, error: error as Error };
  }
}

/** `pulumi up`: creates and updates in the order of the program, then deletes what is old or no longer wanted. */
export const up = (state: State, program: readonly Wanted[]): Promise<Run> =>
  run(state, async (running) => {
    for (const wanted of program) await running.bring(wanted, program);
    const isWanted = ({ name, isOld }: Held) => !isOld && program.some((wanted) => wanted.name === name);
    for (const held of running.state.filter((one) => !isWanted(one)).toReversed()) await running.delete(held);
  });

/** `pulumi refresh` */
export const refresh = (state: State): Promise<Run> => run(state, (running) => running.refresh());

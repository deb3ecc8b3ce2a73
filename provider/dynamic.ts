/**
 * What the constant `__provider` text loads in Pulumi's dynamic-provider process: the handlers behind one object.
 * A thin adapter: it picks the handler by kind, and lets only plain values through.
 */
import { isUnknown, type Handler } from "./handlers/handler";
import { allocationHandler } from "./handlers/allocation";
import { imageHandler } from "./handlers/image";
import { taskHandler } from "./handlers/task";
import type { Kind } from "./inputs";
import { leaveWithCli } from "./leave-with-cli";
import { learnOrigin, ownOrigin } from "./origin";

type Bag = Record<string, unknown>;

const handlers: Readonly<Record<Kind, unknown>> = {
  Image: imageHandler,
  Allocation: allocationHandler,
  Task: taskHandler,
};

const handlerOf = ({ kind }: Bag): Handler<Bag, Bag> => {
  const found = handlers[kind as Kind] as Handler<Bag, Bag> | undefined;
  if (found) return found;
  throw new Error(
    `this version of longshore has no resource of the kind "${String(kind)}"; a newer one wrote it: upgrade longshore`,
  );
};

/** Pulumi's wire takes no `undefined`, and fails on it after the work is done. Its own text is not ours to see. */
const plain = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value, (key, part: unknown) => (key === "__provider" ? undefined : part))) as T;

/** What the state has of a resource. Its origin is no matter of the handlers. */
function known(state: Bag): { readonly own: Bag; readonly origin: { readonly origin?: unknown } } {
  const { origin, ...own } = plain(state);
  learnOrigin(origin);
  return { own, origin: origin === undefined ? {} : { origin } };
}

leaveWithCli();

export const handler = () => ({
  check: async (olds: Bag, news: Bag) => plain(await handlerOf(news).check(plain(olds), plain(news))),
  diff: async (id: string, olds: Bag, news: Bag) =>
    plain(await handlerOf(isUnknown(news.kind) ? olds : news).diff(id, known(olds).own, plain(news))),
  create: async (inputs: Bag) => {
    const { id, outs } = await handlerOf(inputs).create(plain(inputs));
    return plain({ id, outs: { ...outs, origin: ownOrigin() } });
  },
  read: async (id: string, props: Bag) => {
    const { own, origin } = known(props);
    const found = await handlerOf(props).read(id, own);
    return plain(found ? { ...found, props: { ...found.props, ...origin } } : {});
  },
  update: async (id: string, olds: Bag, news: Bag) => {
    const { own, origin } = known(olds);
    const { outs } = await handlerOf(news).update(id, own, plain(news));
    return plain({ outs: { ...outs, origin: ownOrigin(), ...origin } });
  },
  delete: async (id: string, props: Bag) => handlerOf(props).delete(id, known(props).own),
});

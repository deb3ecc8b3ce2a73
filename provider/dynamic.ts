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

leaveWithCli();

export const handler = () => ({
  check: async (olds: Bag, news: Bag) => plain(await handlerOf(news).check(plain(olds), plain(news))),
  diff: async (id: string, olds: Bag, news: Bag) =>
    plain(await handlerOf(isUnknown(news.kind) ? olds : news).diff(id, plain(olds), plain(news))),
  create: async (inputs: Bag) => plain(await handlerOf(inputs).create(plain(inputs))),
  read: async (id: string, props: Bag) => plain((await handlerOf(props).read(id, plain(props))) ?? {}),
  update: async (id: string, olds: Bag, news: Bag) => plain(await handlerOf(news).update(id, plain(olds), plain(news))),
  delete: async (id: string, props: Bag) => handlerOf(props).delete(id, plain(props)),
});

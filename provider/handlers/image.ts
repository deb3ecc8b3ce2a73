/** An image on an engine. */
import { digestOf, fileKind } from "../archive";
import { canonicalJson } from "../canonical";
import { connectionOf, isOnEngine } from "../connection";
import { durationMs } from "../duration";
import { catchUp, sweepLater, sweepNow } from "../image-gc/background";
import { giveBack, renameUse, takeIntoUse } from "../image-gc/use";
import { digestsIn } from "../image-reference";
import type { ImageInputs, ImageOutputs } from "../inputs";
import { image as imageOptions } from "../options/image";
import { changes, hasUnknown, validate, violations, withoutQuietDefaults } from "../options/folds";
import { pluginSpec } from "../plugin-spec";
import { digestShown } from "./digest";
import { ifReachable, moves } from "./engine-of";
import { type Handler, isUnknown } from "./handler";
import { obtain } from "./obtain";

const optionsOf = (inputs: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(inputs).filter(([key]) => Object.hasOwn(imageOptions, key)));

const recorded = ["key", "plugin"] as const;

/** Whether the name means another content than the image's. A state may know the image and not its digest. */
async function isOtherContent(
  id: string,
  olds: ImageOutputs,
  { digest, plugin, image }: ImageInputs,
): Promise<boolean> {
  if (digest === undefined || digest === olds.digest) return false;
  if (olds.digest !== undefined) return true;
  const there = await ifReachable(plugin, ({ engine }) => engine.tryInspectImage(id));
  return there !== undefined && !digestsIn(image, there.RepoDigests).includes(digest);
}

export const imageHandler: Handler<ImageInputs, ImageOutputs> = {
  async check(olds, news) {
    const { values, failures: wrong } = validate(imageOptions, optionsOf(news), isUnknown);
    const failures = wrong.length > 0 ? wrong : violations(imageOptions, values as never, { fileKind }, isUnknown);
    const path = failures.length === 0 && !isUnknown(values.load) ? (values.load as string | undefined) : undefined;
    const archive = path === undefined ? {} : { archive: await digestOf(path) };
    const full = { ...news, ...values };
    const shown = failures.length > 0 ? { failures } : await digestShown(olds, full);
    const digest = shown.digest === undefined ? {} : { digest: shown.digest };
    const inputs = withoutQuietDefaults(imageOptions, { ...full, ...archive, ...digest }) as unknown as ImageInputs;
    return { inputs, failures: shown.failures };
  },

  async diff(id, olds, news) {
    const { replace, record } = changes(imageOptions, optionsOf(olds), optionsOf(news), isUnknown);
    // An archive that is taken away takes no image with it.
    const other = news.archive !== undefined && news.archive !== olds.archive;
    const moved = await moves(olds, news, (engine) => engine.tryInspectImage(id));
    const movedTag = !moved && replace.length === 0 && !other && (await isOtherContent(id, olds, news));
    const replaces = [
      ...replace,
      ...(other ? ["archive"] : []),
      ...(movedTag ? ["digest"] : []),
      ...(moved ? ["plugin"] : []),
    ];
    const differs = recorded.some(
      (property) =>
        hasUnknown(news[property], isUnknown) || canonicalJson(olds[property]) !== canonicalJson(news[property]),
    );
    return { changes: replaces.length + record.length > 0 || differs, replaces, deleteBeforeReplace: false };
  },

  async create(inputs) {
    const connection = connectionOf(inputs.plugin);
    const [{ image, token }] = await Promise.all([
      takeIntoUse(connection.engine, inputs, () => obtain(connection, inputs)),
      catchUp(connection, inputs.plugin),
    ]);
    connection.forgetImages();
    const digest = inputs.digest ?? digestsIn(inputs.image, image.RepoDigests)[0];
    const outs = { ...inputs, ...(digest !== undefined && { digest }), token, engineId: (await connection.info()).ID };
    return { id: image.Id, outs };
  },

  async read(id, props) {
    const connection = connectionOf(props.plugin);
    if (!(await isOnEngine(connection, props.engineId, `image ${props.image}`))) return undefined;
    if (!(await connection.engine.tryInspectImage(id))) return undefined;
    const { engineId: _, token: __, ...inputs } = props;
    return { id, props, inputs };
  },

  async update(id, olds, news) {
    const { engineId, token, digest } = olds;
    if (olds.key !== news.key) await renameUse(connectionOf(news.plugin).engine, id, olds, news.key);
    return {
      outs: { ...(digest !== undefined && { digest }), ...news, engineId, ...(token !== undefined && { token }) },
    };
  },

  async delete(id, props) {
    const connection = connectionOf(props.plugin);
    if (!(await isOnEngine(connection, props.engineId, `image ${props.image}`))) return;
    if (!(await giveBack(connection.engine, id, props))) return;
    if (durationMs(pluginSpec(props.plugin).gc.imageDelay) === 0) await sweepNow(connection);
    else await sweepLater(props.plugin);
  },
};

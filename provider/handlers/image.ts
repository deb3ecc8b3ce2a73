/** An image on an engine. */
import { canonicalJson } from "../canonical";
import { type Connection, connectionOf, isOnEngine } from "../connection";
import { durationMs } from "../duration";
import { isEngineError } from "../errors";
import { alwaysAsked, imageName, pullParameters } from "../image-reference";
import type { ImageInputs, ImageOutputs } from "../inputs";
import { image as imageOptions } from "../options/image";
import { pluginSpec } from "../plugin-spec";
import { hasUnknown, validate } from "../options/folds";
import { moves } from "./engine-of";
import { type Handler, isUnknown } from "./handler";
import { note } from "./note";

const optionsOf = ({ image, forcePull, imagePullTimeout }: ImageInputs) => ({ image, forcePull, imagePullTimeout });

const mustAsk = ({ image, forcePull }: ImageInputs) => forcePull === true || alwaysAsked(image);

async function pull({ engine }: Connection, inputs: ImageInputs): Promise<void> {
  const { image, imagePullTimeout = "5m", plugin } = inputs;
  const timeoutMs = durationMs(imagePullTimeout);
  const silenceMs = durationMs(pluginSpec(plugin).pullActivityTimeout);
  const name = imageName(image);
  const began = Date.now();
  let said = began;
  try {
    await engine.pullImage(pullParameters(image), {
      timeoutMs,
      silenceMs,
      onProgress({ layers, layersDone, bytes, bytesTotal }) {
        // On the wire there is one line a message: often enough to see it live, seldom enough to read a CI log.
        if (Date.now() - said < 10_000) return;
        said = Date.now();
        note(`pulling ${name}: ${layersDone} of ${layers} layers, ${mb(bytes)} of ${mb(bytesTotal)} MB`);
      },
    });
  } catch (error) {
    if (Date.now() - began >= timeoutMs)
      throw new Error(
        `image ${name} could not be pulled within image_pull_timeout (${imagePullTimeout}); raise it, or look at the registry`,
        { cause: error },
      );
    const why = error instanceof Error ? error.message : String(error);
    const wayOut = isEngineError(error, "notFound")
      ? "check the name and the tag"
      : /unauthorized|denied|no basic auth/i.test(why)
        ? "the registry wants credentials; log in to it with the docker command on the engine's host, or pull the image by hand"
        : "check that the engine reaches the registry";
    const rule =
      inputs.forcePull === true
        ? "force_pull is set"
        : alwaysAsked(image)
          ? "its tag is omitted or latest"
          : "the engine does not have it";
    throw new Error(`image ${name} could not be pulled (${rule}): ${why}; ${wayOut}`, { cause: error });
  }
}

const mb = (bytes: number) => (bytes / 1e6).toFixed(1);

export const imageHandler: Handler<ImageInputs, ImageOutputs> = {
  check(_olds, news) {
    const { values, failures } = validate(imageOptions, optionsOf(news), isUnknown);
    return Promise.resolve({ inputs: { ...news, ...values }, failures });
  },

  async diff(id, olds, news) {
    const other = hasUnknown(news.image, isUnknown) || imageName(olds.image) !== imageName(news.image);
    const changed = canonicalJson(without(olds)) !== canonicalJson(without(news));
    const moved = await moves(olds, news, (engine) => engine.tryInspectImage(id));
    const replaces = [...(other ? ["image"] : []), ...(moved ? ["plugin"] : [])];
    return { changes: changed || replaces.length > 0, replaces, deleteBeforeReplace: false };
  },

  async create(inputs) {
    const connection = connectionOf(inputs.plugin);
    const name = imageName(inputs.image);
    if (mustAsk(inputs) || !(await connection.engine.tryInspectImage(name))) await pull(connection, inputs);
    const { Id } = await connection.engine.inspectImage(name);
    connection.forgetImages();
    return { id: Id, outs: { ...inputs, engineId: (await connection.info()).ID } };
  },

  async read(id, props) {
    const connection = connectionOf(props.plugin);
    if (!(await isOnEngine(connection, props.engineId, `image ${props.image}`))) return undefined;
    if (!(await connection.engine.tryInspectImage(id))) return undefined;
    const { engineId: _, ...inputs } = props;
    return { id, props, inputs };
  },

  update: (_id, { engineId }, news) => Promise.resolve({ outs: { ...news, engineId } }),

  // The image stays: others may use it.
  delete: () => Promise.resolve(),
};

const without = ({ key, plugin, image, forcePull, imagePullTimeout }: ImageInputs) => ({
  key,
  plugin,
  image,
  forcePull: forcePull ?? false,
  imagePullTimeout: imagePullTimeout ?? "5m",
});

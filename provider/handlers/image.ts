/** An image on an engine. */
import { digestOf, fileKind } from "../archive";
import { canonicalJson } from "../canonical";
import { connectionOf, isOnEngine } from "../connection";
import { alwaysAsked, imageName } from "../image-reference";
import type { ImageInputs, ImageOutputs } from "../inputs";
import { image as imageOptions } from "../options/image";
import { changes, hasUnknown, validate, violations, withoutQuietDefaults } from "../options/folds";
import { moves } from "./engine-of";
import { type Handler, isUnknown } from "./handler";
import { load, pull } from "./pull";

const optionsOf = (inputs: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(inputs).filter(([key]) => Object.hasOwn(imageOptions, key)));

const mustAsk = ({ image, forcePull }: ImageInputs) => forcePull === true || alwaysAsked(image);

const recorded = ["key", "plugin"] as const;

export const imageHandler: Handler<ImageInputs, ImageOutputs> = {
  async check(_olds, news) {
    const { values, failures: wrong } = validate(imageOptions, optionsOf(news), isUnknown);
    const failures = wrong.length > 0 ? wrong : violations(imageOptions, values as never, { fileKind }, isUnknown);
    const path = failures.length === 0 && !isUnknown(values.load) ? (values.load as string | undefined) : undefined;
    const archive = path === undefined ? {} : { archive: await digestOf(path) };
    const inputs = withoutQuietDefaults(imageOptions, { ...news, ...values, ...archive }) as unknown as ImageInputs;
    return { inputs, failures };
  },

  async diff(id, olds, news) {
    const { replace, record } = changes(imageOptions, optionsOf(olds), optionsOf(news), isUnknown);
    // An archive that is taken away takes no image with it.
    const other = news.archive !== undefined && news.archive !== olds.archive;
    const moved = await moves(olds, news, (engine) => engine.tryInspectImage(id));
    const replaces = [...replace, ...(other ? ["archive"] : []), ...(moved ? ["plugin"] : [])];
    const differs = recorded.some(
      (property) =>
        hasUnknown(news[property], isUnknown) || canonicalJson(olds[property]) !== canonicalJson(news[property]),
    );
    return { changes: replaces.length + record.length > 0 || differs, replaces, deleteBeforeReplace: false };
  },

  async create(inputs) {
    const connection = connectionOf(inputs.plugin);
    const name = imageName(inputs.image);
    // What is in the archive is what the preview showed, whatever bears the name on the engine.
    if (inputs.load !== undefined) await load(connection, inputs.image, inputs.load);
    else if (mustAsk(inputs) || !(await connection.engine.tryInspectImage(name))) await pull(connection, inputs);
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

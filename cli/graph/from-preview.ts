/** What is drawn of a preview, with its changes. Pure. */
import { taskOptions } from "../../provider/options";
import { type Found, SourceError, itemOfResource, stackOf } from "./from-state";
import { type Bag, isBag } from "./item";
import type { Change, Item } from "./model";

const changeOf: Readonly<Record<string, Change>> = {
  create: "create",
  import: "create",
  update: "update",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  "import-replacement": "replace",
  delete: "delete",
};

const inputsIn = (state: unknown): Bag => (isBag(state) && isBag(state.inputs) ? state.inputs : {});

/** The first part of a path is the option; what comes after may be a key that somebody chose. */
const optionIn = (path: string): string => /^[A-Za-z_]\w*/.exec(path)?.[0] ?? "";

/** The names of what changed, as far as a program writes them. Where a preview does not tell, the inputs do. */
function changedIn({ detailedDiff, replaceReasons, oldState, newState }: Bag): readonly string[] {
  const [olds, news] = [inputsIn(oldState), inputsIn(newState)];
  const told = isBag(detailedDiff)
    ? Object.keys(detailedDiff).map(optionIn)
    : Object.keys({ ...olds, ...news }).filter((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
  const reasons = Array.isArray(replaceReasons) ? replaceReasons.map((one) => optionIn(String(one))) : [];
  return [...told, ...reasons]
    .map((name) => (name === "imageId" ? "image" : name))
    .filter((name) => Object.hasOwn(taskOptions, name) || name === "network" || name === "plugin");
}

/** The one thing that the steps do to a resource. What an older failure left to delete is not the resource's end. */
function itemOfSteps(steps: readonly Bag[]): Item | undefined {
  const found = steps.map(({ op }) => (typeof op === "string" ? changeOf[op] : undefined));
  const isReplaced = found.includes("replace");
  const lasting = steps.filter(({ newState }) => newState !== undefined && newState !== null);
  const change = isReplaced ? "replace" : lasting.length > 0 ? found.find((one) => one && one !== "delete") : "delete";
  const last = lasting.at(-1) ?? steps.at(-1) ?? {};
  const isTold = change === "replace" || change === "update";
  const changed = isTold ? [...new Set(steps.flatMap(changedIn))] : [];
  const state = last.newState ?? last.oldState;
  const { outputs } = isBag(last.oldState) ? last.oldState : {};
  const kept = change === undefined || change === "update" ? { outputs } : {};
  return itemOfResource(isBag(state) ? { ...state, ...kept } : state, { change, changed });
}

export function fromPreview(preview: unknown): Found {
  if (!isBag(preview) || !Array.isArray(preview.steps))
    throw new SourceError('it has no steps in it; write one with "pulumi preview --json"');
  const steps = preview.steps.filter(isBag);
  const items = [...Map.groupBy(steps, ({ urn }) => String(urn))].flatMap(([urn, all]): readonly [string, Item][] => {
    const item = itemOfSteps(all);
    return item ? [[urn, item]] : [];
  });
  return { stack: stackOf(steps[0]?.urn), items: new Map(items) };
}

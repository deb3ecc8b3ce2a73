/** What is drawn of an exported state. Pure. */
import { kindOf } from "../../provider/type-token";
import { type Bag, engineName, isBag, itemOf } from "./item";
import type { Change, Item } from "./model";

/** What is given is not what it must be; completes "FILE is not a …: ". */
export class SourceError extends Error {
  override readonly name = "SourceError";
}

/** `project/stack` of a resource's name. */
export const stackOf = (urn: unknown): string | undefined => {
  const [, stack, project] = /^urn:pulumi:(.+?)::(.+?)::/.exec(typeof urn === "string" ? urn : "") ?? [];
  return project === undefined || stack === undefined ? undefined : `${project}/${stack}`;
};

/** A task or an allocation as a state and a preview have it; nothing for another resource. */
export function itemOfResource(
  resource: unknown,
  told: { readonly change?: Change | undefined; readonly changed?: readonly string[] } = {},
): Item | undefined {
  const { type, inputs, outputs } = isBag(resource) ? resource : {};
  const kind = typeof type === "string" ? kindOf(type) : undefined;
  if (!isBag(inputs) || kind === undefined || kind === "Image" || !isBag(inputs.place)) return undefined;
  const { hostPorts, allocatedPorts } = isBag(outputs) ? outputs : {};
  const [, , app = ""] = typeof inputs.key === "string" ? inputs.key.split("/") : [];
  return itemOf(inputs.place, inputs, {
    ...{ app, engine: engineName(inputs.plugin), ...told },
    hostPorts: kind === "Task" ? hostPorts : allocatedPorts,
  });
}

/** What there is in one source, by resource. */
export interface Found {
  /** `project/stack` */
  readonly stack: string | undefined;
  readonly items: ReadonlyMap<string, Item>;
}

/** The resources in what `pulumi stack export` prints, or in the file in which a backend keeps them. */
function resourcesIn(state: unknown): readonly Bag[] {
  const { deployment, checkpoint } = isBag(state) ? state : {};
  const latest = deployment ?? (isBag(checkpoint) ? checkpoint.latest : undefined);
  if (!isBag(latest))
    throw new SourceError('it has no deployment in it; write one with "pulumi stack export --file state.json"');
  return Array.isArray(latest.resources) ? latest.resources.filter(isBag) : [];
}

export function fromState(state: unknown): Found {
  const resources = resourcesIn(state);
  const items = resources.flatMap((resource): readonly [string, Item][] => {
    const item = resource.delete === true ? undefined : itemOfResource(resource);
    return item && typeof resource.urn === "string" ? [[resource.urn, item]] : [];
  });
  return { stack: stackOf(resources[0]?.urn), items: new Map(items) };
}

/** The rules as a pack of @pulumi/policy has them. */
import type { PolicyConfigSchema, ResourceValidationPolicy } from "@pulumi/policy";
import * as z from "zod";
import { saidBy } from "./judge";
import { kindOf } from "../provider/type-token";
import { type PolicySettings, type Settled, configOf, marksName, settled } from "./settings";
import { subjectOf } from "./subject";
import { readProps } from "./wire";

type Properties = PolicyConfigSchema["properties"];

/** What a policy config may say of a rule; what the pack says in code is its default. */
const schemaOf = ({ rule, config }: Settled): PolicyConfigSchema => {
  const { properties = {} } = z.toJSONSchema(rule.config, { io: "input" }) as { properties?: Properties };
  return {
    properties: Object.fromEntries(
      Object.entries(properties).map(([key, property]) => [
        key,
        { ...property, ...(config[key] !== undefined && { default: config[key] }) },
      ]),
    ),
  };
};

/**
 * The policies of containers, for a `PolicyPack`:
 * `new PolicyPack("containers", { policies: longshorePolicies({ "root-user": "mandatory" }) })`.
 */
export function longshorePolicies(settings: PolicySettings = {}): ResourceValidationPolicy[] {
  const marked = new Map<string, ReadonlySet<string>>();
  const marks: ResourceValidationPolicy = {
    name: marksName,
    description: "Sees which values are marked as secrets, for plain-secrets. Changes nothing.",
    enforcementLevel: "remediate",
    // The one place in which a pack is shown the marks, just before it is asked to validate the same resource.
    remediateResource({ type, urn, props }) {
      if (kindOf(type)) marked.set(urn, readProps(props).secrets);
    },
  };
  const policies = settled(settings).map((one): ResourceValidationPolicy => {
    const { name, rule, level, config: written } = one;
    return {
      name,
      description: `Refuses ${rule.refuses}.`,
      enforcementLevel: level,
      configSchema: schemaOf(one),
      validateResource({ type, urn, name: resource, props, getConfig }, report) {
        const kind = kindOf(type);
        if (!kind) return;
        const { config } = configOf(name, { ...written, ...getConfig<Record<string, unknown>>() });
        const subject = subjectOf(kind, resource, { inputs: readProps(props).inputs, secrets: marked.get(urn) });
        for (const { message } of saidBy({ name, rule, config }, subject)) report(message);
      },
    };
  });
  return [marks, ...policies];
}

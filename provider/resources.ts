/** The resources that Pulumi sees. Thin: they capture nothing, and no code goes into the state. */
import * as pulumi from "@pulumi/pulumi";
import type { NetworkAddresses } from "./addresses";
import type { AllocatedPort } from "./facts";
import type { AllocationInputs, ImageInputs, Kind, TaskInputs } from "./inputs";
import { typeToken } from "./type-token";

/**
 * The text that Pulumi keeps in every state and evaluates in the provider's process. It is an interface to all states
 * ever written: never change it, and never put a version into it.
 */
export const providerText = 'exports.handler = () => require("longshore/provider").handler();';

/** The inputs of a kind, each of which may be known later. */
type InputsOf<T> = { readonly [K in keyof T as Exclude<K, "kind">]: unknown };

class LongshoreResource extends pulumi.CustomResource {
  constructor(
    kind: Kind,
    name: string,
    inputs: Readonly<Record<string, unknown>>,
    outputs: readonly string[],
    options: pulumi.CustomResourceOptions,
  ) {
    const unknown = Object.fromEntries(outputs.map((output) => [output, undefined]));
    super(typeToken(kind), name, { ...unknown, ...inputs, kind, __provider: providerText }, options);
  }
}

/** An image on an engine. */
export class ImageResource extends LongshoreResource {
  constructor(
    name: string,
    inputs: InputsOf<Pick<ImageInputs, "key" | "plugin" | "image">> & Readonly<Record<string, unknown>>,
    options: pulumi.CustomResourceOptions = {},
  ) {
    super("Image", name, inputs, [], options);
  }
}

/** One instance of a task group with more than one task, or with a network that its tasks share. */
export class AllocationResource extends LongshoreResource {
  declare readonly allocatedPorts: pulumi.Output<Readonly<Record<string, AllocatedPort>>>;
  declare readonly infra: pulumi.Output<string | undefined>;

  constructor(name: string, inputs: InputsOf<AllocationInputs>, options: pulumi.CustomResourceOptions = {}) {
    super("Allocation", name, inputs, ["allocatedPorts", "infra"], options);
  }
}

/** One container. */
export class TaskResource extends LongshoreResource {
  declare readonly allocId: pulumi.Output<string>;
  declare readonly addresses: pulumi.Output<Readonly<Record<string, string>> | undefined>;
  declare readonly ip: pulumi.Output<string | undefined>;
  declare readonly networks: pulumi.Output<NetworkAddresses | undefined>;
  declare readonly hostPorts: pulumi.Output<Readonly<Record<string, AllocatedPort>> | undefined>;
  declare readonly portMap: pulumi.Output<Readonly<Record<string, number>> | undefined>;
  declare readonly advertiseIpv6Address: pulumi.Output<boolean | undefined>;

  constructor(
    name: string,
    inputs: InputsOf<Pick<TaskInputs, "key" | "plugin" | "place" | "image" | "imageId">> &
      Readonly<Record<string, unknown>>,
    options: pulumi.CustomResourceOptions = {},
  ) {
    const outputs = ["allocId", "addresses", "ip", "networks", "hostPorts", "portMap", "advertiseIpv6Address"];
    super("Task", name, inputs, outputs, options);
  }
}

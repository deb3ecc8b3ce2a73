import { Output } from "@pulumi/pulumi";

/** Whether a value is known only later: an output of a resource, or a promise. */
export const isPending = (value: unknown): boolean => Output.isInstance(value) || value instanceof Promise;

/** What Pulumi's config of the stack has for longshore. */
import { getProject, runtime } from "@pulumi/pulumi";
import type { ConfigValue } from "./plugin-from-config";

const namespace = "longshore";

// Pulumi's own way to know it; it is not in the types.
const { isConfigSecret } = runtime as { readonly isConfigSecret?: (key: string) => boolean };

export const configValues = (): readonly ConfigValue[] =>
  Object.entries(runtime.allConfig())
    .filter(([key]) => key.startsWith(`${namespace}:`))
    .map(([key, text]) => ({
      name: key.slice(namespace.length + 1),
      text,
      isSecret: isConfigSecret?.(key) ?? true,
    }));

/** Whether the namespace is also that of the program's own keys. */
export const isShared = (): boolean => getProject() === namespace;

/** Where the credentials for a registry come from: the first of the places that has any. */
import type { RegistryAuth } from "../engine/types";
import { type Answers, ofDockerCommand, ofPluginConfig, ofPluginHelper, ofTask } from "./places";

export { CredentialsError } from "./credentials-error";

/** Credentials, and where they are from, in words that complete "with the credentials of …" */
export interface Credentials {
  readonly auth: RegistryAuth;
  readonly from: string;
}

export interface Looked {
  readonly credentials?: Credentials;
  /** Where was looked, for the message when there are none: `the task's auth`. */
  readonly in: readonly string[];
}

export interface Sources {
  /** What the task says. */
  readonly auth?: RegistryAuth | undefined;
  /** What the plugin's `auth` says. */
  readonly plugin: { readonly config?: string | undefined; readonly helper?: string | undefined } | undefined;
}

async function* places(registry: string, { auth, plugin: { config, helper } = {} }: Sources): Answers {
  yield ofTask(auth);
  if (config) yield* ofPluginConfig(registry, config);
  if (helper) yield* ofPluginHelper(registry, helper);
  // An operator who says where credentials are means: there alone.
  if (!config && !helper) yield* ofDockerCommand(registry);
}

/**
 * The credentials for a registry, as `placeOf(image).registry` gives it, from the first place that has any: the task's
 * `auth`, the plugin's `auth.config`, its `auth.helper`; or, if it has neither, the docker command's own config.
 *
 * @throws CredentialsError when a place that the plugin names could not be looked into
 */
export async function credentialsFor(registry: string, sources: Sources): Promise<Looked> {
  const looked: string[] = [];
  for await (const { from, auth } of places(registry, sources)) {
    looked.push(from);
    if (auth) return { credentials: { auth, from }, in: looked };
  }
  return { in: looked };
}

/** Asks a registry with the credentials there are for it; without, where that may be. */
import { type Looked, CredentialsError, credentialsFor } from "../credentials/credentials";
import type { RegistryAuth } from "../engine/types";
import { isEngineError } from "../errors";
import { imageName, placeOf } from "../image-reference";
import { note } from "../note";
import { registryFailureOf, wayOutOf } from "./failures";
import { wordsOf } from "./words";

/** What says how an image's registry is asked. */
export interface Asking {
  readonly image: string;
  readonly auth?: RegistryAuth | undefined;
  readonly authSoftFail?: boolean | undefined;
  /** The plugin's `auth`. */
  readonly pluginAuth: { readonly config?: string | undefined; readonly helper?: string | undefined } | undefined;
}

/** A registry's refusal, in words that name the registry, whose credentials it was shown, and the way out. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const orNothing = (places: readonly string[]) => places.join(", ") || "nowhere";

function wayOut(error: unknown, { credentials, in: places }: Looked): string {
  if (registryFailureOf(error) !== "denied") return wayOutOf(error);
  return credentials
    ? `the registry refuses the credentials of ${credentials.from}; correct them, or set auth_soft_fail to go on without`
    : `the registry wants credentials, or has no such image, and none were found (looked in ${orNothing(places)}); ` +
        "give them in auth, or in the auth of the plugin";
}

function explained(error: unknown, { image }: Asking, looked: Looked): Error {
  // Of an engine that is out of reach, its own words say all.
  if (isEngineError(error, "unreachable")) return error;
  const { registry } = placeOf(image);
  const whose = looked.credentials ? `with the credentials of ${looked.credentials.from}` : "without credentials";
  const words = wordsOf(textOf(error), looked.credentials?.auth);
  return new RegistryError(`${words} (${registry}, asked ${whose}); ${wayOut(error, looked)}`, {
    cause: error,
  });
}

async function look(asking: Asking): Promise<Looked> {
  try {
    return await credentialsFor(placeOf(asking.image).registry, { auth: asking.auth, plugin: asking.pluginAuth });
  } catch (error) {
    if (!(error instanceof CredentialsError) || asking.authSoftFail !== true) throw error;
    note(`${imageName(asking.image)}: ${error.message}; going on without credentials (auth_soft_fail)`);
    return { in: [] };
  }
}

/**
 * @param ask is given the credentials, and once more none where the registry refuses them and `auth_soft_fail` is set
 * @throws CredentialsError when they could not be looked for
 * @throws RegistryError when the registry says no
 * @throws EngineError when the engine is out of reach
 */
export async function asking<T>(how: Asking, ask: (auth: RegistryAuth | undefined) => Promise<T>): Promise<T> {
  const looked = await look(how);
  const { credentials } = looked;
  try {
    return await ask(credentials?.auth);
  } catch (error) {
    if (!credentials || how.authSoftFail !== true || registryFailureOf(error) !== "denied")
      throw explained(error, how, looked);
    note(
      `${imageName(how.image)}: the registry refuses the credentials of ${credentials.from}; going on without (auth_soft_fail)`,
    );
    return ask(undefined).catch((second: unknown) => {
      throw explained(second, how, { in: looked.in });
    });
  }
}

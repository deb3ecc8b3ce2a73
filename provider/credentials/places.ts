/** The places where credentials are looked for, each with what it has for a registry. */
import { join } from "node:path";
import { configDir } from "../engine/endpoint";
import type { RegistryAuth } from "../engine/types";
import { warn } from "../note";
import { dockerHub } from "../image-reference";
import { visible } from "../visible";
import { CredentialsError, Obstacle } from "./credentials-error";
import { type DockerConfig, ownHelper, readDockerConfig, storedIn, tryReadDockerConfig } from "./docker-config";
import { askHelper, programOf } from "./helper";
import { keyOf } from "./registry-key";

/** What one place has. */
export interface Answer {
  /** Words that complete "with the credentials of …" */
  readonly from: string;
  readonly auth: RegistryAuth | undefined;
}

/** Each place is looked into when its answer is asked for. */
export type Answers = AsyncGenerator<Answer, void, undefined>;

/** A place, and what to do when it cannot be looked into. */
interface Place {
  readonly name: string;
  readonly wayOut: string;
}

async function look<T>(registry: string, { name, wayOut }: Place, into: () => T | Promise<T>): Promise<T> {
  try {
    return await into();
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error;
    // Without its cause: that may quote what must not be shown.
    throw new CredentialsError(
      `${name} could not be looked into for credentials for ${registry}: ${error.message}; ${wayOut}`,
    );
  }
}

const warned = new Set<string>();

/** The same where a failure counts as nothing found. It is told once. */
async function lookSoftly<T>(registry: string, place: Place, into: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await look(registry, place, into);
  } catch (error) {
    if (!(error instanceof CredentialsError)) throw error;
    if (!warned.has(place.name)) warn(`${error.message}; going on without`);
    warned.add(place.name);
    return undefined;
  }
}

const helperPlace = (helper: string, saidBy: string, mend: string): Place => ({
  name: `${visible(programOf(helper))} (${saidBy})`,
  wayOut: `see what it says when it is run by hand, or ${mend}`,
});

export const ofTask = (auth: RegistryAuth | undefined): Answer => {
  const isGiven = Object.values(auth ?? {}).some(Boolean);
  return { from: "the task's auth", auth: isGiven ? auth : undefined };
};

export async function* ofPluginConfig(registry: string, path: string): Answers {
  const name = `the plugin's auth.config (${visible(path)})`;
  const place: Place = {
    name,
    wayOut:
      "correct the file, or the plugin option auth.config, a path relative to the program's directory; or take it out",
  };
  const config = await look(registry, place, () => readDockerConfig(path));
  yield { from: name, auth: await look(registry, place, () => storedIn(config, registry)) };
  for (const [key, helper] of helpersOf(config, registry)) {
    const asked = helperPlace(helper, `${key} of ${name}`, `correct ${key} in that file`);
    yield { from: asked.name, auth: await look(registry, asked, () => askHelper(helper, keyOf(registry))) };
  }
}

const helpersOf = (config: DockerConfig, registry: string): readonly (readonly [key: string, helper: string])[] => {
  const own = ownHelper(config, registry);
  const { credsStore } = config;
  return [
    ...(own ? [["credHelpers", own] as const] : []),
    ...(credsStore ? [["credsStore", credsStore] as const] : []),
  ];
};

export async function* ofPluginHelper(registry: string, helper: string): Answers {
  const place = helperPlace(helper, "the plugin's auth.helper", "correct the plugin option auth.helper");
  // Of Docker's own registry some know the name, and most the key of the docker command.
  const servers = registry === dockerHub ? [registry, keyOf(registry)] : [registry];
  let auth: RegistryAuth | undefined;
  for (const server of servers) auth ??= await look(registry, place, () => askHelper(helper, server));
  yield { from: place.name, auth };
}

export async function* ofDockerCommand(registry: string): Answers {
  const path = join(configDir(process.env), "config.json");
  const name = `the docker command's config (${visible(path)})`;
  const mend = "correct it, or say in the plugin option auth where credentials are";
  const place: Place = { name, wayOut: mend };
  const config = (await lookSoftly(registry, place, () => tryReadDockerConfig(path))) ?? {};
  const own = ownHelper(config, registry);
  const helper = own === undefined ? config.credsStore : own;
  if (helper) {
    const key = own === undefined ? "credsStore" : "credHelpers";
    const asked = helperPlace(helper, `${key} of ${name}`, mend);
    const answer = await lookSoftly(registry, asked, async () => ({ auth: await askHelper(helper, keyOf(registry)) }));
    yield { from: asked.name, auth: answer?.auth };
    // As the docker command does: what the file holds counts only when the helper cannot be asked.
    if (answer) return;
  }
  yield { from: name, auth: await lookSoftly(registry, place, () => storedIn(config, registry)) };
}

import * as z from "zod";
import { durationSchema } from "../duration";
import type { RegistryAuth } from "../engine/types";
import { imageName, tryParseImage } from "../image-reference";
import { named } from "./named";
import { optionGroup } from "./option";

const notAnArchive = {
  nothing: "where there is no such file; a path is relative to the program's directory",
  unreadable: "which may not be read; give its reader the right to",
  directory: "which is a directory; name the archive in it",
  other: "which is no archive; make one with docker save",
} as const;

/** Each completes "auth has …". Empty ones are none. */
const misfits = ({ username, password, identityToken, registryToken }: RegistryAuth): string | undefined => {
  if (registryToken)
    return username || password || identityToken
      ? "a registry token beside other credentials, in place of which it is shown; give one or the others"
      : undefined;
  if (identityToken)
    return password ? "a password and an identity token, which stands in its place; take one of them out" : undefined;
  if (password && !username) return "a password without its username; give both";
  if (username && !password) return "a username without its password; give both, or an identity token with it";
  return undefined;
};

export const image = optionGroup({
  /**
   * The image to run: `[registry/]name[:tag][@digest]`. A leading `https://` is taken off. Without a tag, or with
   * the tag `latest`, the registry is asked at each run what the name means: the preview shows another digest, and the
   * containers are replaced. Other tags are pulled where the engine does not have them. With a digest, the digest is what
   * runs, and a tag beside it is only a name.
   * Or the resource that makes it, of which the digest is taken: `RemoteImage` or `Image` of `@pulumi/docker`, `Image`
   * of `@pulumi/docker-build`.
   */
  image: {
    schema: named(
      "image",
      z
        .string()
        .min(1, "image name required; name the image to run, for example redis:7")
        .refine((text) => text === "" || tryParseImage(text) !== undefined, {
          error: "is not an image reference; write [registry/]name[:tag][@digest], in lower case",
        }),
    ),
    change: "replace",
    interpolated: "early",
    examples: ["longshore/busybox:1.35", "longshore/echo:1"],
    engine: (written) => ({ Image: imageName(written) }),
    canonical: imageName,
  },

  /** Asks the registry at each run what the name means, even when the engine has it: for tags that move. */
  forcePull: { schema: z.boolean().default(false), change: "record", examples: [true] },

  /** How long a pull may take in all, with what is tried again. A duration. */
  imagePullTimeout: { schema: durationSchema().default("5m"), change: "record", examples: ["10m", "90s"] },

  /**
   * Credentials for the image's registry: `username` with `password` or `identityToken`, an `identityToken` alone, or a
   * `registryToken` alone. When it is given, and not empty, no other place is looked into; else those of the plugin's
   * `auth`. All of it is a secret, without being marked as one: it goes to the engine with the pull, and is in no preview,
   * log, label or plain state. A change of it changes no container, and asks for no image again.
   *
   * One image on one engine is pulled once: of several tasks of it, the credentials of the first that gives any are used.
   */
  auth: {
    schema: z
      .strictObject({
        /** The name at the registry. */
        username: z.string().optional(),
        /** Its password, or a token that the registry takes for one. */
        password: z.string().optional(),
        /** A token in place of the password, for which the registry's token server gives others: `docker login` may store one. */
        identityToken: z.string().optional(),
        /** A token that is shown to the registry as it is, in place of all else. */
        registryToken: z.string().optional(),
        /** Deprecated: no registry asks for it. */
        email: z.string().optional(),
        /** The registry's domain or address, without a protocol. It is told to the engine, and not compared with the image. */
        serverAddress: z.string().optional(),
      })
      .optional(),
    change: "record",
    interpolated: "never",
    on: "image",
    secret: true,
    credentials: ["password", "identityToken", "registryToken"],
    examples: [
      { username: "web", password: "open sesame" },
      { username: "web", password: "another", serverAddress: "registry.example" },
    ],
    policy(auth) {
      const misfit = misfits(auth);
      return misfit && `has ${misfit}`;
    },
    warns: ({ email }) =>
      email ? "has an email, which is deprecated: no registry asks for one; take it out" : undefined,
    canonical: (auth) => {
      const given = Object.entries(auth).filter(([, value]) => value !== "" && value !== undefined);
      return given.length === 0 ? undefined : Object.fromEntries(given);
    },
  },

  /**
   * Goes on without credentials when those that are found are refused, or cannot be looked for: for images that anybody
   * may pull. That a helper has none is no failure, with or without it.
   */
  authSoftFail: { schema: z.boolean().default(false), change: "record", on: "image", examples: [true] },

  /**
   * An archive of `docker save` to load the image from, in place of pulling it. A path relative to the directory of the
   * program (in Nomad: to the task's own `local/`, which here is made with the container, after its image). `image` must
   * be one of the archive's. Other content in the archive is a new image: it is loaded, and its containers are replaced.
   */
  load: {
    schema: z
      .string()
      .min(1, "is empty; name an archive, or take it out")
      .regex(
        /^(?![\\/]|[A-Za-z]:)/,
        "is an absolute path, and an archive is looked for from the program's directory; write a relative path",
      )
      .optional(),
    change: "record",
    interpolated: "early",
    on: "image",
    examples: ["images/web.tar", "images/other.tar"],
    policy: (path, _, { fileKind }) => {
      const kind = fileKind?.(path) ?? "archive";
      return kind === "archive" ? undefined : `is "${path}", ${notAnArchive[kind]}`;
    },
  },

  /** In Nomad, whether a registry is asked with TLS; that is the engine's to know, and neither value has an effect. */
  ssl: {
    schema: z.boolean().default(true),
    change: "record",
    on: "image",
    alias: "SSL",
    examples: [false],
    deprecated:
      "it has no effect, whatever its value; a registry without TLS is named in the engine's own insecure-registries",
  },
});

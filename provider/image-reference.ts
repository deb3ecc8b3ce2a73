/**
 * Image references, in the grammar of Docker's distribution project:
 * `[registry[:port]/]path[:tag][@digest]`.
 */

/** An image reference, taken apart. */
export interface ImageReference {
  /** Registry and path, without tag and digest. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const host =
  "(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\\[[0-9A-Fa-f:]+\\])(?::[0-9]+)?";
const grammar = new RegExp(
  `^((?:${host}/)?${component}(?:/${component})*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@([a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}))?$`,
);
const imageId = /^(?:sha256:)?[0-9a-f]{64}$/;

/** The name that the engine is told: one leading `https://` is taken off, as the driver does. */
export const imageName = (written: string): string => written.replace(/^https:\/\//, "");

/** The parts of a reference, or undefined when the text is none. */
export const tryParseImage = (written: string): ImageReference | undefined => {
  const name = imageName(written);
  if (imageId.test(name)) return { repository: name };
  const match = grammar.exec(name);
  const [, repository, tag, digest] = match ?? [];
  if (repository === undefined) return undefined;
  return { repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
};

/**
 * Whether the registry is always asked, or only when the engine has no such image:
 * a digest never changes, a tag that is omitted or `latest` is taken to change all the time.
 */
export const alwaysAsked = (written: string): boolean => {
  const { tag, digest } = tryParseImage(written) ?? {};
  return digest === undefined && (tag === undefined || tag === "latest") && !imageId.test(imageName(written));
};

/** The two parameters of `POST /images/create`: a digest is pulled by digest, the tag is then only a name. */
export const pullParameters = (written: string): { readonly fromImage: string; readonly tag: string } => {
  const { repository, tag, digest } = tryParseImage(written) ?? { repository: imageName(written) };
  return { fromImage: repository, tag: digest ?? tag ?? "latest" };
};

/** The registry of images whose names say none. */
export const dockerHub = "docker.io";

/** Where an image is: its registry, and its path there, in full. */
export interface ImagePlace {
  /** `docker.io`, `127.0.0.1:5000` */
  readonly registry: string;
  /** `library/redis` */
  readonly path: string;
}

/** Where an image is. As Docker reads it: what is before the first slash is a registry if it looks like a host. */
export const placeOf = (written: string): ImagePlace => {
  const { repository } = tryParseImage(written) ?? { repository: imageName(written) };
  const [first = "", ...rest] = repository.split("/");
  const isHost = rest.length > 0 && (/[.:]|[A-Z]/.test(first) || first === "localhost");
  if (isHost && first !== dockerHub && first !== "index.docker.io") return { registry: first, path: rest.join("/") };
  const path = isHost ? rest.join("/") : repository;
  return { registry: dockerHub, path: path.includes("/") ? path : `library/${path}` };
};

/** Registry and path of a reference, in full: the same for all ways to write them. */
export const repositoryOf = (written: string): string => {
  const { registry, path } = placeOf(written);
  return `${registry}/${path}`;
};

/** A name in full, `docker.io/library/redis:7`: the same for all ways to write it. Undefined for an id. */
export const fullName = (written: string): string | undefined => {
  if (imageId.test(imageName(written))) return undefined;
  const { tag, digest } = tryParseImage(written) ?? {};
  return repositoryOf(written) + (digest === undefined ? `:${tag ?? "latest"}` : `@${digest}`);
};

/** The digests that an image has in the repository of a reference, out of those that the engine knows of it. */
export const digestsIn = (written: string, repoDigests: readonly string[] | null): readonly string[] =>
  (repoDigests ?? []).flatMap((known) => {
    const { digest } = tryParseImage(known) ?? {};
    return digest !== undefined && repositoryOf(known) === repositoryOf(written) ? [digest] : [];
  });

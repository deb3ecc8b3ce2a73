/** Names of registries and repositories, and which images are in them. */
import { repositoryOf } from "../provider/image-reference";

/** Whether one of the places holds it: a registry (`docker.io`), a part of one (`ghcr.io/acme`), or a repository. */
export const isIn = (image: string, places: readonly string[]): boolean => {
  const repository = repositoryOf(image);
  return places.some((place) =>
    [place.replace(/\/+$/, ""), repositoryOf(place)].some(
      (whole) => repository === whole || repository.startsWith(`${whole}/`),
    ),
  );
};

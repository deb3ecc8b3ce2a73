/** Where images come from, and whether it is sure what they are. */
import * as z from "zod";
import { alwaysAsked, fullName, placeOf, tryParseImage } from "../../provider/image-reference";
import { isIn } from "../places";
import { rule } from "../rule";
import type { Subject } from "../subject";

/** The task's image, where it is known. */
const imageOf = ({ options: { image } }: Subject): readonly string[] => (typeof image === "string" ? [image] : []);

/** The same of an image that is to be pulled: a run pulls it before its tasks are looked at. */
const pulledOrRun = (subject: Subject): readonly string[] =>
  subject.kind === "Image" && typeof subject.inputs.image === "string" ? [subject.inputs.image] : imageOf(subject);

const places = (words: string) => z.array(z.string().min(1)).describe(words);

export const registries = rule({
  refuses: "images from registries that are not listed; says nothing without a list",
  level: "mandatory",
  config: z.strictObject({
    allow: places(
      "Registries, parts of them or repositories: docker.io, ghcr.io/acme, docker.io/library/redis.",
    ).optional(),
  }),
  judge: (subject, { allow }) =>
    pulledOrRun(subject)
      .filter((image) => allow !== undefined && !isIn(image, allow))
      .map((image) => ({
        at: ["image"],
        reason: `is ${subject.shown("image", image)}, of the registry ${subject.shown("image", placeOf(image).registry)}, and the policy allows ${(allow ?? []).join(", ") || "none"}`,
        wayOut: "take the image from one of these",
        allow: subject.shown("image", placeOf(image).registry),
      })),
});

export const pinnedImages = rule({
  refuses: "images by tag alone, which may mean another content tomorrow",
  level: "advisory",
  config: z.strictObject({
    allow: places(
      "Registries, parts of them or repositories whose tags are trusted, or whose images are built on the engine or loaded.",
    ).default([]),
  }),
  judge: (subject, { allow }) =>
    imageOf(subject)
      .filter((image) => fullName(image) !== undefined && tryParseImage(image)?.digest === undefined)
      .filter((image) => !isIn(image, allow))
      .map((image) => ({
        at: ["image"],
        reason: `is ${subject.shown("image", image)}, without a digest, so that who can push to the registry can change what runs`,
        wayOut: "write name:tag@sha256:…, as docker buildx imagetools inspect shows it",
        allow: subject.shown("image", tryParseImage(image)?.repository ?? image),
      })),
});

export const noLatest = rule({
  refuses: "the tag latest, written or left out",
  level: "mandatory",
  config: z.strictObject({}),
  judge: (subject) =>
    imageOf(subject)
      .filter(alwaysAsked)
      .map((image) => ({
        at: ["image"],
        reason: `is ${subject.shown("image", image)}, ${
          tryParseImage(image)?.tag === undefined ? "without a tag, which means latest" : "with the tag latest"
        }, and that is another image after each release`,
        wayOut: "name a version",
      })),
});

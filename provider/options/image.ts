import * as z from "zod";
import { durationSchema } from "../duration";
import { imageName, tryParseImage } from "../image-reference";
import { named } from "./named";
import { optionGroup } from "./option";

export const image = optionGroup({
  /**
   * The image to run: `[registry/]name[:tag][@digest]`. A leading `https://` is taken off. Without a tag, or with
   * the tag `latest`, the registry is asked at each new container; with a digest, the digest is what runs.
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
    examples: ["longshore/busybox:1.35", "longshore/echo:1"],
    engine: (written) => ({ Image: imageName(written) }),
    canonical: imageName,
  },

  /** Asks the registry for the image at each new container, even when the engine has it: for tags that move. */
  forcePull: { schema: z.boolean().default(false), change: "record", examples: [true] },

  /** How long a pull may take in all. A duration. */
  imagePullTimeout: { schema: durationSchema().default("5m"), change: "record", examples: ["10m", "90s"] },
});

/** Texts that name an object of an engine. A program may write the resource that makes the object instead. */
import type { Output, Resource } from "@pulumi/pulumi";
import type * as z from "zod";
import type { Form } from "./names";

/** A resource that pulls an image: `RemoteImage` of `@pulumi/docker`. */
export interface PulledImage extends Resource {
  readonly name: Output<string>;
  readonly imageId: Output<string>;
  /** `name@sha256:…`; empty for an image that was built and never pushed. */
  readonly repoDigest: Output<string>;
}

/** A resource that builds an image: `Image` of `@pulumi/docker`. */
export interface BuiltImage extends Resource {
  readonly imageName: Output<string>;
  /** `name@sha256:…` of an image that was pushed, else the image's id. */
  readonly repoDigest: Output<string>;
}

/** A resource that builds an image with BuildKit: `Image` of `@pulumi/docker-build`. */
export interface BuildKitImage extends Resource {
  /** A tag, with the digest when the image was exported. */
  readonly ref: Output<string>;
  readonly contextHash: Output<string>;
}

/** A resource that makes an image: `RemoteImage` or `Image` of `@pulumi/docker`, `Image` of `@pulumi/docker-build`. */
export type ImageResource = PulledImage | BuiltImage | BuildKitImage;

/** A resource that makes a network: `Network` of `@pulumi/docker`. */
export interface NetworkResource extends Resource {
  readonly name: Output<string>;
  readonly scope: Output<string>;
  readonly internal: Output<boolean>;
}

/** A resource that makes a volume: `Volume` of `@pulumi/docker`. */
export interface VolumeResource extends Resource {
  readonly name: Output<string>;
  readonly mountpoint: Output<string>;
}

/** A provider that talks to an engine: `Provider` of `@pulumi/docker`. */
export interface EngineResource extends Resource {
  readonly host: Output<string | undefined>;
  readonly context: Output<string | undefined>;
  readonly certPath: Output<string | undefined>;
  readonly caMaterial: Output<string | undefined>;
  readonly certMaterial: Output<string | undefined>;
  readonly keyMaterial: Output<string | undefined>;
}

interface Makers {
  readonly image: ImageResource;
  readonly network: NetworkResource;
  readonly volume: VolumeResource;
  readonly engine: EngineResource;
}

/** What a text can be the name of. */
export type Named = keyof Makers;

/** A resource that may stand where its object's name is asked for. */
export type Maker = Makers[Named];

const kinds = new WeakMap<z.ZodType, Named>();

/**
 * A schema of names of such objects. Where it stands in a row, a program may write the resource that makes the
 * object: constructs put the name in its place, so the provider only ever sees texts.
 */
export const named = <K extends Named>(kind: K, schema: z.ZodType<string, string>) => {
  kinds.set(schema, kind);
  return schema as unknown as z.ZodType<string, string | Makers[K]>;
};

/** What the text at a place inside a schema may be the name of. */
export function namedAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly Named[] {
  const { innerType, options, shape, element, valueType } = schema.def as Form;
  const within = (part: z.ZodType | undefined, rest = path) => (part ? namedAt(part, rest) : []);
  if (innerType) return within(innerType);
  if (options) return options.flatMap((option) => within(option));
  const [key, ...rest] = path;
  if (key !== undefined) return within(shape?.[String(key)] ?? element ?? valueType, rest);
  const kind = kinds.get(schema);
  return kind ? [kind] : [];
}

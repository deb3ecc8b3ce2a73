import { visible } from "../../visible";

/** The shape of Pulumi's `CheckFailure`. */
export interface Failure {
  /** The path of the value: `ports[0]`, `logging.config.tag`. */
  readonly property: string;
  /** Option, value, reason and way out, without any secret. */
  readonly reason: string;
}

type Path = readonly PropertyKey[];

/** `["ports", 0, "to"]` as a program writes it: `ports[0].to`. */
export const pathText = (path: Path): string =>
  path.reduce<string>(
    (text, part) =>
      typeof part === "number" || /^\d+$/.test(String(part))
        ? `${text}[${String(part)}]`
        : text === ""
          ? String(part)
          : `${text}.${String(part)}`,
    "",
  );

/** The value at a path. */
export const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, part) => (inner as Record<PropertyKey, unknown> | undefined)?.[part], value);

/** Values of the author's are in both texts. */
export const failure = (property: string, reason: string): Failure => ({
  property: visible(property),
  reason: visible(reason),
});
